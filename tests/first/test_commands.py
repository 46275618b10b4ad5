"""What documents show is found, and what needs only Python and git is run: alone, and first."""

import re
from pathlib import Path

import pytest

from tests.first import table
from tests.first.cases import ROOT, TABLES, Case, cases, filled
from tests.first.commands import Shown, bare, find
from tests.first.judge import judge
from tests.first.run import Run

QUICK = [case for case in cases() if case.runs and case.quick]


@pytest.mark.slow
@pytest.mark.parametrize("case", QUICK, ids=lambda case: case.name)
def test_it_works_first_and_alone(case: Case, tmp_path: Path) -> None:
    judge(Run(case, tmp_path))


@pytest.mark.slow
def test_a_system_is_created_without_an_identity_in_git(tmp_path: Path) -> None:
    [case] = [one for one in QUICK if one.lines == ("cn-new hello --defaults",)]
    assert "Created hello" in judge(Run(case, tmp_path, identity=False))


def test_every_entry_of_the_tables_fits_a_command() -> None:
    keys = [case.key for case in cases()]
    patterns = [pattern for entries in TABLES for pattern in entries]
    assert [one for one in patterns if not any(re.fullmatch(one, key, re.DOTALL) for key in keys)] == []
    shown = {line for case in cases() for line in case.lines}
    assert [one for one in table.INSTEAD if not any(re.fullmatch(one, line) for line in shown)] == []
    before = {line for lines in table.AFTER.values() for line in lines}
    assert before - shown - table.OWN == set()


def test_what_ci_runs_instead_is_there() -> None:
    script = (ROOT / ".ci/run").read_text()
    parts = re.findall(r'^\s*part "[^"]+" (?:nice -n \d+ |env \S+ )?(make [a-z0-9-]+)', script, re.MULTILINE)
    # A target may be made of others.
    makefile = (ROOT / "Makefile").read_text()
    for target in [part.removeprefix("make ") for part in parts]:
        [recipe] = re.findall(rf"^{target}:.*\n((?:\t.*\n)*)", makefile, re.MULTILINE)
        parts += [f"make {name}" for name in re.findall(r"\$\(MAKE\) ([a-z-]+)", recipe)]
    assert set(table.IN_CI.values()) <= set(parts)
    assert [one for one in parts if one.startswith("make first")]


def test_a_new_command_is_found_wherever_a_document_shows_it() -> None:
    text = "Try `make new\nX=1`, or `make`.\n\n```sh\ncd infra\npulumi new\n```\n\n| `A=1 docker ps` |\n"
    found = {one.lines for one in find("x", text)}
    assert found == {("make new X=1",), ("cd infra", "pulumi new"), ("A=1 docker ps",)}


def test_ways_of_a_block_are_run_alone_after_what_prepares_them() -> None:
    text = (
        "```sh\nexport A=1\nmake one   # does one\nmake two   # does two\n```\n```sh\ncn one\ncn two\n```\n"
    )
    assert [one.lines for one in find("x", text)] == [
        ("export A=1", "make one"),
        ("export A=1", "make two"),
        ("cn one",),
        ("cn two",),
    ]


def test_comments_are_left_out_and_words_with_a_hash_are_not() -> None:
    assert bare("make a  # b") == "make a"
    assert bare("make a B='c # d' # e") == "make a B='c # d'"
    assert bare("git add a#b") == "git add a#b"


def test_a_word_that_stands_for_an_unknown_one_is_refused() -> None:
    assert filled("cn-new NAME --into DIR") == "cn-new first-x --into somewhere"
    assert filled("make down ENV=dev DATA=delete") == "make down ENV=dev DATA=delete"
    with pytest.raises(AssertionError, match="THING"):
        filled("make do THING")


def test_a_command_that_two_documents_show_is_run_once() -> None:
    keys = [case.key for case in cases()]
    assert len(set(keys)) == len(keys)
    assert Shown("a", ("b",)).text == "b"
