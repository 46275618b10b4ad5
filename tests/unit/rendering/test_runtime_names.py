"""A runtime is one folder and one entry: no module, shared file or script names one."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.rendering.template import open_template

ROOT = Path(__file__).resolve().parents[3]
PROJECT = ROOT / "templates" / "project"
ENTRIES = {name: entry for name, entry in open_template().runtimes.items() if entry["contract"]}
# Languages that may come, so that nobody prepares for them in the wrong place.
EXPECTED = {"go", "golang", "java", "javascript", "node", "rust", "typescript"}
# Our own tooling is written in Python: the program in infra/, what runs it, and what edits it.
TOOLING = (
    "PYTHON := python3",
    "ifeq ($(value PYTHON),)",
    "unexport PIP_DRY_RUN",
    "made again for another PYTHON",
    "$(origin PYTHON)",
    "infra/.venv/bin/python -I -c 'import pydantic_core'",
    '"$(PYTHON)" -m venv --clear infra/.venv',
    '@"$(PYTHON)" -c \'import sys;',
    "PYTHON=/path/to/python3",
    "infra/.venv/bin/python -m pip install",
    "infra/.venv/bin/python -c 'import pulumi,",
    "@echo '$(PYTHON)' > $@",
    "CLUSTER := cd ./infra && .venv/bin/python -m pulumi_stacks.targets.kubernetes",
    "ENGINE := cd ./infra && .venv/bin/python -m pulumi_stacks.targets.docker",
    "infra/.venv/bin/python -c 'import secrets;",
    "python3 -m venv .venv && .venv/bin/pip install --require-hashes -r requirements.txt",
    "Besides Docker and `make` you need the [Pulumi CLI]",
    "  name: python",
    "[*.py]",
)
# Texts in modules that mean something else.
OTHER = (
    "calls form a cycle: ",
    "calls go in ",
    "Node",
    "Its own calls and database go too.",
    "node-local-dns",
    "page.js",
    "python -m pulumi_stacks.diff",
    " lines do not fit. `python -m pulumi_stacks.diff` in `infra/`, or `cn diff`, shows them all.",
)


def words() -> set[str]:
    titles = {word.lower() for entry in ENTRIES.values() for word in re.findall(r"\w+", entry["title"])}
    return {*ENTRIES, *titles, *EXPECTED}


def pattern() -> re.Pattern[str]:
    return re.compile(rf"(?i)\b({'|'.join(sorted(words()))})[0-9.]*\b")


def shared_files() -> Iterator[Path]:
    """All that is drawn for every system, but for locks and what is carried from pulumi_stacks."""
    for path in sorted(PROJECT.rglob("*")):
        below = path.relative_to(PROJECT).as_posix()
        if path.is_file() and not below.startswith(("services/", "infra/requirements", "infra/cn.schema")):
            yield path
    yield from sorted((ROOT / "templates").glob("*.jinja"))


def ids(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", list(shared_files()), ids=ids)
def test_no_shared_file_names_a_runtime(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    if path.name == "macros.jinja":  # it writes values of languages, Python's among them
        lines = [line for line in lines if "python" not in line.lower() or "runtime" in line]
    found = [line for line in lines if pattern().search(line) and not any(known in line for known in TOOLING)]
    assert found == []


@pytest.mark.parametrize(
    "path",
    sorted(path for room in ("generator", "pulumi_stacks") for path in (ROOT / room).rglob("*.py")),
    ids=ids,
)
def test_no_module_names_a_runtime(path: Path) -> None:
    tree = ast.parse(path.read_bytes())
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    described = {
        ast.get_docstring(node, clean=False)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    }
    found = [text for text in texts if text not in described and pattern().search(text)]
    assert sorted(set(found) - set(OTHER)) == []


def test_every_line_of_the_tooling_is_still_there() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in shared_files())
    assert [line for line in TOOLING if line not in text] == []


@pytest.mark.parametrize(
    "line", ["FROM python:3.13", "go test ./...", 'runtime == "node"', "Java", "golang1.26"]
)
def test_a_name_is_seen(line: str) -> None:
    assert pattern().search(line)


@pytest.mark.parametrize("line", ["gone", "nodes", "category", "pythonic", "cargo"])
def test_another_word_is_none(line: str) -> None:
    assert not pattern().search(line)
