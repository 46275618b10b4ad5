"""A real parser, or what comes closest, for each kind of file in a generated repository."""

import ast
import configparser
import json
import os
import posixpath
import re
import shlex
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable
from fnmatch import fnmatch
from functools import cache, lru_cache, partial
from pathlib import Path

import sqlglot
import tree_sitter_go
import tree_sitter_typescript
import yaml
from tree_sitter import Language, Node, Parser

from generator.rendering.file_tree import Tree

SAFE_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# A service brings its own Python; what runs on the user's own machine is as old as ours may be.
NEWEST_SYNTAX = sys.version_info >= (3, 12)
INSTRUCTIONS = re.compile(
    "ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|FROM|HEALTHCHECK|LABEL|RUN|STOPSIGNAL|USER|WORKDIR"
)
GRAMMARS = {"go": tree_sitter_go.language, "typescript": tree_sitter_typescript.language_typescript}
# A module with its version, of go.mod; with the hash of its files too, of go.sum.
MODULE = r"[\w.~/-]+ v\d+\.\d+\.\d+[\w.+-]*"
GO_MOD = re.compile(
    rf"module [\w.-]+(/[\w.-]+)*|go \d+(\.\d+)*|(require|tool) \(|\)|(require |\t){MODULE}( // indirect)?"
    r"|tool [\w./-]+|\t[\w./-]+"
)
GO_SUM = re.compile(rf"{MODULE}(/go\.mod)? h1:[A-Za-z0-9+/]{{43}}=")
FENCE = re.compile(r"^ *(```|~~~)")


def yaml_(text: str) -> None:
    list(yaml.load_all(text, Loader=SAFE_LOADER))


def ini(text: str) -> None:
    configparser.ConfigParser(strict=True).read_string("[top]\n" + text)


def shell(text: str) -> None:
    """Let the shell read it that its first line names; a piece without one names it for shellcheck."""
    first = text.partition("\n")[0]
    assert first in {
        "#!/bin/sh",
        "#!/usr/bin/env bash",
        "# shellcheck shell=bash",
        "# shellcheck shell=sh",
    }, first
    done = subprocess.run(
        ["bash" if "bash" in first else "sh", "-n"], input=text, text=True, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr


def dockerfile(text: str) -> None:
    """Every instruction is one that we use, written as BuildKit reads it, and its words are closed."""
    text = re.sub(r"(?m)^[ \t]*#.*\n", "", text)
    lines = [line for line in re.sub(r"\\\n", " ", text).splitlines() if line.strip()]
    assert lines
    for line in lines:
        instruction, _, rest = line.partition(" ")
        assert INSTRUCTIONS.fullmatch(instruction), line
        assert shlex.split(rest), line
        if rest.startswith("["):
            assert all(isinstance(word, str) for word in json.loads(rest)), line
        if instruction in {"ENV", "LABEL"}:
            assert all("=" in word for word in shlex.split(rest)), line


def markdown(text: str) -> None:
    """Fences are closed, and the rows of a table have the cells of its head."""
    width, fenced = 0, False
    for line in text.splitlines():
        if FENCE.match(line):
            fenced = not fenced
        cells = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") and not fenced else 0
        assert not (cells and width) or cells == width, line
        width = cells
    assert not fenced
    assert text.startswith(("# ", "---\n", "<!--")), text[:80]


@cache
def _grammar(language: str) -> Parser:
    return Parser(Language(GRAMMARS[language]()))


def source(language: str, text: str) -> None:
    """Parse a program; the parser continues after a fault, and marks what it could not read or had to add."""
    places: list[Node] = [_grammar(language).parse(text.encode()).root_node]
    while places:
        node = places.pop()
        line = text.splitlines()[node.start_point.row :][:1]
        faulty = node.is_error or node.is_missing
        assert not faulty, f"line {node.start_point.row + 1}: {line}"
        places += node.children if node.has_error else ()


def go(text: str) -> None:
    """Parse Go; the grammar is older than `new(value)`, so it gets the call of a function of another name."""
    source("go", re.sub(r"\bnew\(", "new_(", text))


def sql(text: str) -> None:
    assert any(sqlglot.parse(text, dialect="postgres"))


def lines(pattern: re.Pattern[str], text: str) -> None:
    assert text
    assert [line for line in text.splitlines() if line and not pattern.fullmatch(line)] == []


def anything(text: str) -> None:
    """Take a list of patterns, of requirements, or a language without an available parser."""


PARSERS: tuple[tuple[str, Callable[[str], object]], ...] = (
    ("*.yaml", yaml_),
    ("*.yml", yaml_),
    ("*.toml", tomllib.loads),
    ("*.json", json.loads),
    ("services/*.py", ast.parse if NEWEST_SYNTAX else anything),
    ("*.py", ast.parse),
    *((name, partial(source, "typescript")) for name in ("*.ts", "*.js", "*.mjs")),
    ("*.go", go),
    ("*/go.mod", partial(lines, GO_MOD)),
    ("*/go.sum", partial(lines, GO_SUM)),
    ("*.sql", sql),
    ("*.sh", shell),
    ("*Dockerfile", dockerfile),
    ("*.md", markdown),
    (".editorconfig", ini),
    ("*.npmrc", ini),
    ("*Makefile", anything),  # by `makefiles`
    *((name, anything) for name in ("*.gitignore", "*.dockerignore", "*.prettierignore")),
    *((name, anything) for name in (".gitattributes", "*CODEOWNERS")),
    *((name, anything) for name in ("*.txt", "*.py.mako", "*Caddyfile")),
)


def parse(tree: Tree) -> None:
    """Parse every file of a repository; a kind of file that has no parser here is a fault."""
    for path, file in tree.items():
        kind = next((number for number, (name, _) in enumerate(PARSERS) if fnmatch(path, name)), None)
        assert kind is not None, f"{path}: which parser reads this?"
        try:
            _parsed(kind, file.data)
        except Exception as error:
            raise AssertionError(f"{path}: {error}") from error
    makefiles(tree)
    links(tree)


@lru_cache(maxsize=4096)
def _parsed(kind: int, data: bytes) -> None:
    """Parse what was not parsed before; many files are the same whatever the spec."""
    PARSERS[kind][1](data.decode())


def makefiles(tree: Tree) -> None:
    """Let make read each Makefile, beside the files that the one at the root looks for."""
    looked_for = [path for path in tree if fnmatch(path, "infra/Pulumi.*.yaml")]
    for path in tree:
        if path.endswith("Makefile"):
            _made(path, tree[path].data, tuple(looked_for) if path == "Makefile" else ())


@lru_cache(maxsize=4096)
def _made(path: str, data: bytes, beside: tuple[str, ...]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name in beside:
            (Path(folder) / name).parent.mkdir(parents=True, exist_ok=True)
            (Path(folder) / name).touch()
        done = subprocess.run(
            ["make", "--dry-run", "--warn-undefined-variables", "--file", "-", "help"],
            input=data,
            capture_output=True,
            cwd=folder,
            env={"PATH": os.environ["PATH"], "DOCKER_HOST": "unix:///nowhere", "TMPDIR": folder},
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, b""), f"{path}: {done.stderr.decode()}"


def links(tree: Tree) -> None:
    """Every link from one document to another file leads somewhere."""
    places = {"/".join(path.split("/")[:depth]) for path in tree for depth in range(1, path.count("/") + 2)}
    for path, file in tree.items():
        if path.endswith(".md"):
            for link in re.findall(r"(?<!\\)\]\(([^)#: ]+)\)", file.data.decode()):
                target = posixpath.normpath(posixpath.join(posixpath.dirname(path), link))
                assert target in places, f"{path}: links to {link}, which is not there"
