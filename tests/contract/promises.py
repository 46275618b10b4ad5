"""The promises of docs/contract.md, from which the suite takes its figures."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "contract.md"
_HEAD = "| id | promise | figures |"
_UNITS = {"s": 1, "ms": 0.001, "MB": 10**6, "MiB": 2**20}


@dataclass(frozen=True)
class Promise:
    """One row: its id, what it says, and its figures as they are written."""

    id: str
    text: str
    figures: Mapping[str, str]


@cache
def promises() -> dict[str, Promise]:
    """Read every row of every table of promises, by id."""
    rows = [row for table in _tables(DOCUMENT.read_text(encoding="utf-8")) for row in table]
    found = {row.id: row for row in rows}
    assert len(found) == len(rows), "docs/contract.md: two rows have the same id"
    return found


def _tables(text: str) -> list[list[Promise]]:
    blocks = re.findall(rf"^{re.escape(_HEAD)}\n\|---\|---\|---\|\n((?:\|.*\n)+)", text, re.MULTILINE)
    return [[_row(line) for line in block.splitlines()] for block in blocks]


def _row(line: str) -> Promise:
    match = re.fullmatch(r"\| `([a-z0-9-]+)` \| (.+?) \|(?: (.+))? \|", line)
    assert match, f"docs/contract.md: not a row of a promise: {line}"
    identifier, text, figures = match.groups()
    pairs = [pair.split(" = ") for pair in figures.split(", ")] if figures else []
    return Promise(identifier, text, dict(pairs))


def word(promise: str, figure: str) -> str:
    """Return a figure as it is written."""
    return promises()[promise].figures[figure]


def amount(promise: str, figure: str) -> float:
    """Return a figure as a number: of seconds, of bytes, or without a unit."""
    number, _, unit = word(promise, figure).partition(" ")
    return float(number) * (_UNITS[unit] if unit else 1)
