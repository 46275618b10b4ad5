"""Every file of a generated repository is text as its own .editorconfig wants it, and parses."""

import json
import re
import sys
import tomllib
from pathlib import Path

import editorconfig
import pytest

from tests import quick_yaml
from tests.repository.conftest import Repository

# The stored pristine tree of cn-new; bytes for no reader.
BINARY = {".cn-new/baseline.tar.xz"}
# What tools or Copier write, each in its own way.
WRITTEN_BY_TOOLS = re.compile(r"(.*/)?openapi\.json|\.cn-new/.*|\.copier-answers\.yml|cn\.yaml")
# A folder of Python tests is a package without a word to say.
EMPTY = re.compile(r".*/__init__\.py")
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|CHANGEME|changeme|[Ll]orem ipsum)\b|\{\{|\{%|\{#")


def texts(repository: Repository) -> dict[str, str]:
    return {path: file.data.decode() for path, file in repository.tree.items() if path not in BINARY}


def faults(text: str, wanted: dict[str, str]) -> list[str]:
    """Say where a text is not as its properties want it."""
    lines = text.split("\n")
    found = [] if not text or (text.endswith("\n") and not text.endswith("\n\n")) else ["its end"]
    found += ["a carriage return"] if "\r" in text else []
    found += [f"{n}: a space at its end" for n, line in enumerate(lines, 1) if line != line.rstrip()]
    if wanted.get("indent_style") == "space":
        found += [f"{n}: begins with a tab" for n, line in enumerate(lines, 1) if line.startswith("\t")]
    if wanted.get("indent_style") == "tab":
        found += [f"{n}: begins with spaces" for n, line in enumerate(lines, 1) if re.match(r" {2,}\S", line)]
    return found


def test_every_file_is_as_its_editorconfig_wants_it(repository: Repository, folder: Path) -> None:
    for path, text in texts(repository).items():
        wanted = editorconfig.get_properties(str(folder / path))
        assert wanted["charset"] == "utf-8"
        assert wanted["end_of_line"] == "lf"
        if not WRITTEN_BY_TOOLS.fullmatch(path):
            # A Python file may quote a text that is indented in another way; ruff looks after the rest.
            assert faults(text, {} if path.endswith(".py") else wanted) == [], path


@pytest.mark.parametrize("text", ["a", "a\n\n", "a \n", "\ta\n", "a\r\n"])
def test_a_text_that_is_not_so_is_found(text: str) -> None:
    assert faults(text, {"indent_style": "space"})


def test_a_list_is_indented_as_the_editorconfig_says(repository: Repository, folder: Path) -> None:
    for path, text in texts(repository).items():
        if re.search(r"\.(json|ya?ml|toml|py)$", path) and not WRITTEN_BY_TOOLS.fullmatch(path):
            size = int(editorconfig.get_properties(str(folder / path))["indent_size"])
            steps = [len(line) - len(line.lstrip(" ")) for line in text.splitlines() if line.startswith(" ")]
            assert not steps or min(steps) == size, path


def test_no_file_is_empty_without_need(repository: Repository) -> None:
    assert [path for path, text in texts(repository).items() if not text and not EMPTY.fullmatch(path)] == []


def test_every_file_parses(repository: Repository) -> None:
    for path, text in texts(repository).items():
        if path.endswith(".json"):
            json.loads(text)
        elif path.endswith((".yaml", ".yml")):
            assert list(quick_yaml.load_all(text)), path
        elif path.endswith(".toml"):
            tomllib.loads(text)
        # Services are written for a newer Python than the oldest that this suite runs on.
        elif path.endswith(".py") and (sys.version_info >= (3, 12) or path.startswith("infra/")):
            compile(text, path, "exec", dont_inherit=True)


@pytest.mark.parametrize("example", ["01-hello", "02-shop"])
def test_no_mark_of_unfinished_work_is_left(example: str, repositories: dict[str, Repository]) -> None:
    for path, text in texts(repositories[example]).items():
        # GitHub's own expressions and Docker's format strings begin with the same two marks.
        sentences = re.sub(r"\$\{\{.*?\}\}|'\{\{.*?\}\}'", "", text)
        assert not UNFINISHED.search(sentences), path


def test_scripts_can_be_executed_and_nothing_else_is(repository: Repository) -> None:
    for path, file in repository.tree.items():
        assert (file.mode & 0o111 != 0) == file.data.startswith(b"#!"), path
