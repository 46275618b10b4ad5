"""What README and CONTRIBUTING tell a reader to type must exist."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from generator import main as cli
from generator.rendering.template import open_template
from generator.repository.build import build
from pulumi_stacks.system import load

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = (
    "README.md",
    "CONTRIBUTING.md",
    "docs/contract.md",
    "docs/plan.md",
    "docs/diff.md",
    "docs/kubernetes.md",
)
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# These belong to the generated repository; the end-to-end suite runs them.
GENERATED_TARGETS = set(
    re.findall(r"^([a-z-]+):.*## ", (ROOT / "templates/project/Makefile.jinja").read_text(), re.MULTILINE)
)


def blocks(document: str, language: str) -> list[str]:
    found = FENCE.findall((ROOT / document).read_text())
    return [body for fence, body in found if fence == language]


def commands(document: str) -> list[list[str]]:
    lines = [line for block in blocks(document, "sh") for line in block.replace("\\\n", " ").splitlines()]
    # `make up` in a table or a sentence is a promise as much as one in a block.
    lines += re.findall(r"`((?:make|cn|cn-new) [^`\n]+)`", (ROOT / document).read_text())
    parts = [part for line in lines for part in re.split(r"\s&&\s", line)]
    return [words for words in (shlex.split(part, comments=True) for part in parts) if words]


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z][a-z0-9-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_make_target_in_the_documents_exists(document: str) -> None:
    named = {
        word
        for words in commands(document)
        if words[0] == "make"
        for word in words[1:]
        if "=" not in word and not word.startswith("-")
    }
    assert named - make_targets() - GENERATED_TARGETS == set()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_flag_in_the_documents_exists(document: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main_new(["--help"])
    known = set(re.findall(r"--[a-z-]+", capsys.readouterr().out))
    named = {
        word.split("=")[0]
        for words in commands(document)
        if words[0] == "cn-new"
        for word in words
        if word.startswith("--")
    }
    assert named - known == set()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_cn_command_in_the_documents_exists(document: str, capsys: pytest.CaptureFixture[str]) -> None:
    for words in commands(document):
        if words[0] == "cn":
            with pytest.raises(SystemExit) as stopped:
                cli.main_cn([words[1], "--help"])
            assert stopped.value.code == 0, words
    capsys.readouterr()


def test_every_flag_of_cn_new_is_in_the_readme(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main_new(["--help"])
    known = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help", "--version"}
    assert known - set(re.findall(r"--[a-z-]+", (ROOT / "README.md").read_text())) == set()


def test_every_public_make_target_has_a_line_of_help() -> None:
    text = (ROOT / "Makefile").read_text()
    assert make_targets() == set(re.findall(r"^([a-z][a-z0-9-]*):.*## \S", text, re.MULTILINE))


def anchors(path: Path) -> set[str]:
    """Return the anchors that GitHub makes of a document's headings."""
    headings = re.findall(r"^#+ (.*)$", FENCE.sub("", path.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_of_the_documents_leads_somewhere(document: str) -> None:
    for link in re.findall(r"\]\(([^)]+)\)", (ROOT / document).read_text()):
        if not link.startswith("https://"):
            name, _, anchor = link.partition("#")
            target = (ROOT / document).parent / name if name else ROOT / document
            assert target.exists(), link
            assert not anchor or anchor in anchors(target), link


def test_the_readme_leads_to_every_document() -> None:
    text = (ROOT / "README.md").read_text()
    assert [document for document in DOCUMENTS[1:] if f"({document})" not in text] == []


FILE = re.compile(r"(?!/)(?:[\w./-]*\w\.(?:cfg|css|in|jinja|js|json|md|py|sh|toml|txt|ya?ml)|[\w./-]+/)")
# Made while something runs, or brought by others.
MADE = {
    ".cn-new/",
    "activate.sh",
    "config.json",
    "gateway.yaml",
    "infra/manifests/prod/",
    "kustomization.yaml",
    "namespace.yaml",
    "setup.sh",
}


@pytest.fixture(scope="module")
def endings() -> set[str]:
    """Every path of ours and of generated repositories, and each end of one; folders with a slash."""
    command = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    paths = {path for path in listed.split("\0") if (ROOT / path).is_file()}
    for example in ROOT.glob("examples/*/cn.yaml"):
        paths |= build(example.read_bytes(), "cn.yaml", open_template()).tree.keys()
    whole = paths | {f"{folder}/" for path in paths for folder in Path(path).parents}
    return {"/".join(path.split("/")[start:]) for path in whole for start in range(path.count("/") + 1)}


@pytest.mark.parametrize(
    "document", sorted({*DOCUMENTS, *(f"docs/{path.name}" for path in ROOT.glob("docs/*.md"))})
)
def test_every_file_that_a_document_names_exists(document: str, endings: set[str]) -> None:
    text = FENCE.sub("", (ROOT / document).read_text()).replace(".ENV.", ".dev.")
    named = {word for words in re.findall(r"`([^`\n]+)`", text) for word in words.split()}
    assert {word for word in named if FILE.fullmatch(word)} - endings - MADE == set()


def test_a_module_that_does_not_exist_is_found(endings: set[str]) -> None:
    assert FILE.fullmatch("model.py")
    assert "model.py" in endings
    assert "spec/model.py" in endings
    assert "graph/" in endings
    assert not {"nowhere.py", "spec/nowhere.py", "odel.py", "raph/"} & endings


def test_every_spec_in_the_readme_loads() -> None:
    specs = blocks("README.md", "yaml")
    assert len(specs) == 2
    for text in specs:
        assert load(text.encode(), "README.md", open_template().runtimes).services


def test_the_smallest_spec_in_the_readme_is_the_first_example() -> None:
    assert blocks("README.md", "yaml")[0] == (ROOT / "examples" / "01-hello" / "cn.yaml").read_text()


@pytest.fixture(scope="module")
def shop() -> dict[str, bytes]:
    data = (ROOT / "examples" / "02-shop" / "cn.yaml").read_bytes()
    return {path: file.data for path, file in build(data, "cn.yaml", open_template()).tree.items()}


def test_the_tree_in_the_readme_is_that_of_the_second_example(shop: dict[str, bytes]) -> None:
    (block,) = (text for text in blocks("README.md", "text") if text.startswith("shop/"))
    folders: list[str] = []
    for line in block.splitlines():
        depth = (len(line) - len(line.lstrip())) // 2
        name = line.split()[0]
        folders[depth:] = [name.rstrip("/")]
        path = "/".join(folders[1:])
        held = path in shop if not name.endswith("/") else any(one.startswith(path) for one in shop)
        assert held, path


def test_the_graph_in_the_readme_is_that_of_the_second_example(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    assert cli.main_cn(["graph", "--spec", str(ROOT / "examples" / "02-shop" / "cn.yaml")]) == 0
    assert capsys.readouterr().out in blocks("README.md", "text")


def test_the_plain_pulumi_commands_are_those_of_a_generated_readme(shop: dict[str, bytes]) -> None:
    theirs = re.findall(r"```sh\ncd infra\n(.*?)```", shop["README.md"].decode(), re.DOTALL)
    ours = [block for block in blocks("README.md", "sh") if "pulumi up" in block]
    assert ours == [f"cn-new shop --spec examples/02-shop/cn.yaml\ncd shop/infra\n{body}" for body in theirs]


def test_the_linter_of_markdown_finds_nothing() -> None:
    # As for generated repositories: tables are wider than any line should be.
    rules = ("--disable", "MD013", "--no-cache", "--isolated")
    command = [str(Path(sys.executable).with_name("rumdl")), "check", *rules, *DOCUMENTS, "CHANGELOG.md"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_no_mark_of_an_unfinished_document_is_left() -> None:
    marks = re.compile("<!--(?! part: | end )|TODO|FIXME")
    assert [name for name in (*DOCUMENTS, "CHANGELOG.md") if marks.search((ROOT / name).read_text())] == []
