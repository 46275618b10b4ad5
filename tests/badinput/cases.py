"""The cases of the table of invalid inputs: format, preparation, and run."""

from __future__ import annotations

import contextlib
import io
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator import main as cli

TABLE = Path(__file__).with_name("table.yaml")
SYSTEM = "services: {api: {runtime: python}}\n"

Snapshot = Mapping[str, tuple[int, bytes]]


@dataclass(frozen=True)
class Case:
    """One input: the files that are there, the command that gets them, and what it has to say."""

    row: int
    number: int
    command: tuple[str, ...]
    code: int
    says: str
    files: Mapping[str, bytes] = field(default_factory=dict)
    prepare: str = ""
    stdin: bytes = b""
    prints: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"row-{self.row}-{self.number}"


@dataclass(frozen=True)
class Row:
    """One row: its cases, tests elsewhere that show the rest, and what it waits for."""

    number: int
    title: str
    cases: tuple[Case, ...]
    shown: tuple[str, ...]
    waits: tuple[tuple[str, Case, str], ...]


@dataclass(frozen=True)
class Answer:
    """What a command did."""

    code: int
    out: str
    err: str
    cpu: float  # seconds


def rows() -> list[Row]:
    """Read the table."""
    entries = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    return [_row(number, entry) for number, entry in entries.items()]


def _row(number: int, entry: Mapping[str, Any]) -> Row:
    cases = tuple(_case(number, place, case) for place, case in enumerate(entry.get("cases", ()), start=1))
    waits = tuple((wait["for"], _case(number, 0, wait), wait["has"]) for wait in entry.get("not yet", ()))
    return Row(number, entry["input"], cases, tuple(entry.get("shown by", ())), waits)


def _case(row: int, number: int, entry: Mapping[str, Any]) -> Case:
    known = {"name", "service", "system", "services", "spec", "image"} & entry.keys()
    data = _spec(known.pop(), entry) if known else None
    command = entry.get("command", "cn-new shop --spec cn.yaml --no-git")
    return Case(
        row=row,
        number=number,
        command=tuple(command.split() if isinstance(command, str) else command),
        code=entry.get("code", 2),
        says="".join(f"{line}\n" for line in entry.get("says", ())),
        files={} if data is None else {"cn.yaml": data},
        prepare=entry.get("prepare", ""),
        stdin=entry.get("stdin", "").encode(),
        prints=tuple(entry.get("prints", ())),
    )


def _spec(kind: str, entry: Mapping[str, Any]) -> bytes:
    """Return the cn.yaml that a short form stands for."""
    value = entry[kind]
    if isinstance(value, bytes):
        return value
    forms = {
        "name": f"name: {value}\n{SYSTEM}",
        "system": f"name: shop\n{value}\n{SYSTEM}",
        "services": f"name: shop\nservices:\n  {value}\n",
        "service": f"name: shop\nservices:\n  api: {{runtime: python, {value}}}\n",
        "image": f"name: shop\nservices:\n  api: {{image: caddy:2, {value}}}\n",
        "spec": value,
    }
    return forms[kind].encode()


def run(case: Case, monkeypatch: pytest.MonkeyPatch) -> Answer:
    """Run the command of a case in this process and in the current folder, without a terminal."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(case.stdin)))
    program, *words = case.command
    main: Callable[..., int] = {"cn-new": cli.main_new, "cn": cli.main_cn}[program]
    out, err = io.StringIO(), io.StringIO()
    began = time.process_time()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code: Any = main(words)
        except SystemExit as left:
            code = left.code
    return Answer(int(code or 0), out.getvalue(), err.getvalue(), time.process_time() - began)


def snapshot(folder: Path) -> Snapshot:
    """Return everything in a folder: mode and content, or where a link leads."""
    return {path.relative_to(folder).as_posix(): _content(path) for path in sorted(folder.rglob("*"))}


def _content(path: Path) -> tuple[int, bytes]:
    mode = path.lstat().st_mode
    if path.is_symlink():
        return mode, os.fsencode(path.readlink())
    return mode, path.read_bytes() if path.is_file() else b""
