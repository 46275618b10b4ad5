"""What is run: each command of the documents once, at its place, with its words filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TypeVar

from generator.rendering.template import open_template
from generator.repository.build import build
from tests.first import table
from tests.first.commands import Shown, find, parts

ROOT = Path(__file__).resolve().parents[2]
# `x` becomes a number: no two tests meet on the engine.
SPEC = """\
name: first-x
registry: 127.0.0.1:5000/acme
environments: {dev: {target: docker}, prod: {target: kubernetes, state: local}}
services:
  first-x-api: {runtime: python, route: /api, database: postgres, calls: [first-x-own]}
  first-x-own: {runtime: dockerfile}
"""
# For the pages of the other runtimes' services alone.
MORE = """\
name: more-x
services:
  more-x-go: {runtime: go, database: postgres}
  more-x-node: {runtime: node, database: postgres}
"""
TABLES: tuple[Mapping[str, object], ...] = (
    table.IN_CI,
    table.NOT_RUN,
    table.SAME,
    table.AFTER,
    table.GIVEN,
    table.REFUSED,
    table.WRITES,
    {table.SERVES: "", table.TAKES_AWAY: ""},
)
T = TypeVar("T")


@dataclass(frozen=True, order=True)
class Case:
    """Lines that are run in a fresh repository, in one folder of it, or in a checkout of this one."""

    place: str
    lines: tuple[str, ...]
    documents: tuple[str, ...] = ()

    @cached_property
    def key(self) -> str:
        return f"{self.place}: " + "\n".join(self.lines)

    def look(self, entries: Mapping[str, T]) -> T | None:
        """Return the entry that fits."""
        found = [value for pattern, value in entries.items() if re.fullmatch(pattern, self.key, re.DOTALL)]
        assert len(found) < 2, f"several entries fit {self.key}"
        return found[0] if found else None

    @cached_property
    def known(self) -> bool:
        """Whether a table says why it is not run."""
        return any(self.look(entries) for entries in (table.IN_CI, table.NOT_RUN, table.SAME))

    @cached_property
    def script(self) -> tuple[str, ...]:
        return (*(self.look(table.AFTER) or ()), *self.lines)

    @cached_property
    def runs(self) -> bool:
        return not self.known and not any(other.covers(self) for other in cases())

    @cached_property
    def refuses(self) -> bool:
        return self.look(table.REFUSED) is not None

    def covers(self, other: Case) -> bool:
        """Whether to run this is to run the other first, or without what prepares it."""
        if self.place != other.place or self.known or self.refuses or self == other:
            return False
        if self.quick < other.quick:
            return False
        return self.script[: len(other.script)] == other.script or self.script == other.lines[-1:]

    @property
    def name(self) -> str:
        """Return a short name for people."""
        return f"{self.place}: {self.lines[-1]}"

    @property
    def needs(self) -> tuple[str, ...]:
        """Return the tools that it needs besides Docker and make."""
        words = f"{self.place}: {' '.join(self.script)}"
        return tuple(tool for tool, fits in table.NEEDS.items() if re.search(fits, words))

    @cached_property
    def heads(self) -> set[str]:
        return {words[0] for words in parts(Shown("", self.script))}

    @cached_property
    def quick(self) -> bool:
        """Whether it is known to need only Python, git and make; `cn doctor` asks for all tools."""
        known = {"cn", "cn-new", "copier", "cd", "cp", "rm", "git", "sed"}
        make = {"make help", "make secrets", "make demo", "make demo-down"}
        return self.key != "repository: cn doctor" and (self.heads <= known or self.lines[-1] in make)


@cache
def documents() -> dict[str, str]:
    """Return all documents: ours, and those of generated repositories below a folder each."""
    ours = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    found = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in ours}
    for name, spec in (("first-x", SPEC), ("more-x", MORE)):
        tree = build(spec.encode(), "cn.yaml", open_template()).tree
        pages = [path for path in sorted(tree) if path.endswith(".md") and not path.startswith(".")]
        # The pages about the whole are taken from the one system that is run.
        kept = [path for path in pages if name == "first-x" or path.startswith("services/")]
        found |= {f"{name}/{path}": tree[path].data.decode() for path in kept}
    return found


@cache
def targets() -> frozenset[str]:
    return frozenset(re.findall(r"^([a-z][a-z0-9-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def place(document: str, shown: Shown) -> str:
    """Return where a reader of the document is: in a checkout of ours, or in a repository that was made."""
    if document.startswith(("first-x/", "more-x/")):
        folder = "/".join(document.split("/")[1:-1])
        return folder or "repository"
    return "repository" if _made(next(parts(shown)), shown.text) else "checkout"


def _made(first: list[str], text: str) -> bool:
    """Whether one of our own documents describes a generated repository."""
    if first[0] == "make":
        words = [word for word in first[1:] if re.match(r"(?!ARGS|RUNTIME)[A-Z]+=|[a-z]", word)]
        return any(word not in targets() for word in words)
    if first[0] == "cn":
        return "examples/" not in text
    return first[0] in {"pulumi", "kubectl"} or first[:2] == ["docker", "compose"] or "pulumi_stacks" in text


def filled(line: str) -> str:
    """Put what is meant for each placeholder."""
    for word, meaning in table.PLACEHOLDERS.items():
        line = re.sub(rf"(?<![\w=-]){re.escape(word)}(?![\w=])", meaning, line)
    left = re.search(r"(?<![\w$=\"/.{-])(?!HEAD\b)[A-Z]{3,}(?![\w=])|…", line)
    assert left is None, f"{line}: nothing says what {left[0]} stands for: add it to PLACEHOLDERS"
    return line


def shown() -> Iterator[tuple[str, Shown]]:
    for document, text in documents().items():
        for one in find(document, text):
            yield place(document, one), one


@cache
def cases() -> tuple[Case, ...]:
    """Return every command once, however many documents show it."""
    found: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for where, one in shown():
        lines = tuple(filled(line) for line in one.lines)
        found.setdefault((where, lines), []).append(one.document)
    return tuple(
        sorted(Case(where, lines, tuple(sorted(set(names)))) for (where, lines), names in found.items())
    )
