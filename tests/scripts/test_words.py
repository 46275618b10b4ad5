"""The check of banned words: what it finds, where, and what its allow-list lets pass."""

from pathlib import Path

import pytest

from scripts import words

BANNED = words.read_list(words.LIST.read_text(encoding="utf-8"))


def found(text: str, allowed: str = "", path: str = "a.py") -> list[str]:
    """Check one file with the banned words of the project, and an allow-list."""
    listed = words.Words(BANNED.banned, words.read_list(f"banned = {{}}\n{allowed}").allowed)
    return words.check(listed, [(path, text)])


def test_a_finding_names_the_place_and_what_to_write() -> None:
    assert found("x = 1\n# It is made anew.\n") == [
        'a.py:2: "anew" is banned; write "again; made anew: recreated"'
    ]


@pytest.mark.parametrize(
    "text",
    [
        'raise Error(f"{path}: is no folder")',
        'raise Error(\n    f"{path}: is "\n    "no folder"\n)',
        "# A path that is\n# no folder stops it.",
        "def test_what_is_no_folder_stops_it() -> None:",
        '"""Print what\n\n    is no folder."""',
        "func TestWhatIsNoFolder(t *testing.T) {",
        "The file *is no folder*.",
    ],
)
def test_a_phrase_is_found_in_text_comments_names_and_across_lines(text: str) -> None:
    [finding] = found(text)
    assert finding.endswith('write "is not a ..."')


@pytest.mark.parametrize(
    "text", ["there is no folder", "it is no longer used", "sandbox", "mention", "for word in words:"]
)
def test_other_words_are_not_found(text: str) -> None:
    assert found(text) == []


def test_an_entry_of_the_allow_list_allows_its_word_in_its_file_or_phrase() -> None:
    in_file = '[[allowed]]\nword = "wire"\nfile = "a.*"\nreason = "r"\n'
    in_phrase = '[[allowed]]\nword = "wire"\nphrase = "on the wire"\nreason = "r"\n'
    assert found("wire", in_file) == []
    assert len(found("wire", in_file, path="b.py")) == 2, "the finding, and the entry that is not used"
    assert found("Bytes on the wire.", in_phrase) == []
    assert len(found("a wire", in_phrase)) == 2


def test_an_entry_that_allows_nothing_is_a_finding() -> None:
    entry = '[[allowed]]\nword = "wire"\nfile = "a.py"\nreason = "r"\n'
    assert found("network", entry) == [
        'scripts/words.toml: allowed "wire" in a.py matches nothing; remove it'
    ]


def test_every_entry_of_the_projects_allow_list_is_used_and_has_a_reason() -> None:
    findings = words.check(BANNED, words.sources(words.ROOT))
    assert [finding for finding in findings if "matches nothing" in finding] == []
    assert all(entry.reason and (entry.file != "*" or entry.phrase) for entry in BANNED.allowed)


def test_sources_documents_and_templates_are_checked(tmp_path: Path) -> None:
    written = (
        "README.md",
        "docs/a.md",
        "generator/a.py",
        "templates/a.jinja",
        "tests/golden/01-hello/a.md",
        "LICENSE",
    )
    for path in written:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("shall")
    assert {path for path, _ in words.sources(tmp_path)} == set(written[:4])
