"""Edits values in the text of a cn.yaml and keeps its comments, order and layout. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from pulumi_stacks.spec.loader import SpecError, extensions
from pulumi_stacks.system import load

from . import spec_writer
from .spec_writer import Document

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_EMPTY = re.compile(r"[ \t]*(#.*)?\Z")

Path = tuple[str, ...]
Names = Mapping[Path, str]


@dataclass(frozen=True)
class Edited:
    """The new bytes, and whether the old text was edited in place (else it was rewritten)."""

    data: bytes
    in_place: bool


def values(data: bytes) -> dict[str, Any]:
    """Return the values of a valid cn.yaml, without the defaults."""
    return load(data).model_dump(mode="json", exclude_unset=True)


def edit(data: bytes, desired: Document, previous_names: Names) -> Edited:
    """Edit a valid cn.yaml to hold the desired values; `previous_names` has the old name by new path.

    A text that cannot be edited in place (because of aliases, for example) is rewritten without comments.
    """
    current = values(data)
    if current == desired and _order(current) == _order(desired):
        return Edited(data, in_place=True)
    text = data.decode("utf-8-sig")
    changes = list(
        _Editor(text, previous_names).changes((), yaml.compose(text, Loader=_LOADER), current, desired)
    )
    pieces, done = [], 0
    for change in sorted(changes, key=lambda change: (change.start, change.end)):
        pieces += [text[done : change.start], change.text]
        done = change.end
    mark = data[: len(data) - len(text.encode())]  # of the byte order
    edited = mark + "".join([*pieces, text[done:]]).encode()
    try:
        if values(edited) == desired:
            return Edited(edited, in_place=True)
    except SpecError:
        pass
    return Edited(spec_writer.write({**extensions(data), **desired}), in_place=False)


def _order(document: Document) -> tuple[list[str], list[str]]:
    return list(document.get("environments", ())), list(document.get("services", ()))


@dataclass(frozen=True)
class _Change:
    start: int
    end: int
    text: str


@dataclass(frozen=True)
class _Entry:
    """A key and its value in a block mapping, and the range of their lines."""

    key: Any
    value: Any
    first: int
    end: int


class _Editor:
    """Finds the edits of one text; positions are line numbers, because PyYAML's marks agree on those."""

    def __init__(self, text: str, previous_names: Names) -> None:
        self._starts = [0, *(found.end() for found in _BREAK.finditer(text))]
        self._lines = [
            _BREAK.sub("", text[start:end])
            for start, end in zip(self._starts, [*self._starts[1:], len(text)], strict=True)
        ]
        self._text = text
        self._break = "\r\n" if "\r\n" in text else "\n"
        self._earlier = previous_names

    def changes(self, path: Path, node: Any, current: Document, desired: Document) -> Iterator[_Change]:
        """Yield the edits that give a block mapping the desired values."""
        entries = {entry.key.value: entry for entry in self._entries(node)}
        kept = {}
        for name in desired:
            old = self._earlier.get((*path, name), name)
            if old in entries and (old == name or old not in desired):
                kept[name] = entries[old]
        # A key that is not in `current` is a merge key or an extension key of the user.
        going = (entries.keys() & current.keys()) - {entry.key.value for entry in kept.values()}
        for name in going:
            yield self._removal(entries[name], leads=name == next(iter(entries)))
        for name, entry in kept.items():
            yield from self._entry(path, name, entry, current[entry.key.value], desired[name])
        before = None
        for name, value in desired.items():
            if name in kept:
                before = kept[name]
            elif name not in current or current[name] != value:  # else it is merged
                yield self._addition(path, name, value, before, node)

    def _entries(self, node: Any) -> Iterator[_Entry]:
        """Yield the entries with their lines, without empty lines and outer comments at the end."""
        following = [*(key.start_mark.line for key, _ in node.value[1:]), node.end_mark.line + 1]
        for (key, value), end in zip(node.value, following, strict=True):
            last = min(end, len(self._lines)) - 1
            while last > key.start_mark.line and self._is_outside(last, key.start_mark.column):
                last -= 1
            yield _Entry(key, value, key.start_mark.line, last + 1)

    def _is_outside(self, line: int, column: int) -> bool:
        text = self._lines[line]
        indent = len(text) - len(text.lstrip())
        return not text.strip() or indent < column or (indent == column and text[indent] == "#")

    def _entry(self, path: Path, name: str, entry: _Entry, current: Any, desired: Any) -> Iterator[_Change]:
        if name != entry.key.value:
            yield self._at(entry.key, spec_writer.scalar(name))
        if current == desired and (not isinstance(current, Mapping) or list(current) == list(desired)):
            return
        is_block = isinstance(entry.value, yaml.MappingNode) and not entry.value.flow_style
        if is_block and isinstance(desired, Mapping) and desired:
            yield from self.changes((*path, name), entry.value, current, desired)
        elif entry.end == entry.first + 1 and entry.value.start_mark.line == entry.first:
            yield self._at(entry.value, spec_writer.flow(desired))
        else:
            lines = self._field(path, entry.key.value, desired, entry.key.start_mark.column)
            yield _Change(self._offset(entry.first), self._offset(entry.end), lines)

    def _at(self, node: Any, text: str) -> _Change:
        """Replace a node within one line; a comment after it keeps its column if possible."""
        start, end = (self._starts[mark.line] + mark.column for mark in (node.start_mark, node.end_mark))
        rest = self._lines[node.end_mark.line][node.end_mark.column :]
        spaces = len(rest) - len(rest.lstrip(" "))
        if rest.lstrip(" ").startswith("#"):
            width = max(1, spaces + (end - start) - len(text))
            return _Change(start, end + spaces, text + " " * width)
        return _Change(start, end, text)

    def _removal(self, entry: _Entry, *, leads: bool) -> _Change:
        """Remove an entry, the comment right above it, and an empty line that would be doubled.

        The first entry of a mapping is removed with the empty lines after it.
        """
        first, end, column = entry.first, entry.end, entry.key.start_mark.column
        while first > 0 and self._lines[first - 1].startswith(" " * column + "#"):
            first -= 1
        if leads or (first > 0 and not self._lines[first - 1].strip()):
            while end < len(self._lines) and not self._lines[end].strip():
                end += 1
            first -= end == len(self._lines) and not leads
        return _Change(self._offset(first), self._offset(end), "")

    def _addition(self, path: Path, name: str, value: Any, before: _Entry | None, node: Any) -> _Change:
        line = before.end if before else node.start_mark.line
        text = self._field(path, name, value, node.start_mark.column)
        at = self._offset(line)
        if at == len(self._text) and not self._text.endswith(("\n", "\r")):
            text = self._break + text
        if path == ("services",) and before and self._spaced(node):
            text = self._break + text
        return _Change(at, at, text)

    def _spaced(self, node: Any) -> bool:
        """Return whether empty lines separate the entries of a mapping."""
        lines = [key.start_mark.line for key, _ in node.value[1:]]
        return bool(lines) and all(
            any(not text.strip() for text in self._lines[max(0, line - 3) : line]) for line in lines
        )

    def _field(self, path: Path, name: str, value: Any, column: int) -> str:
        depth = spec_writer.OPEN.get(name, -1) if not path else spec_writer.OPEN.get(path[-1], 0) - len(path)
        lines = spec_writer.field(name, value, column, depth)
        return "".join(line + self._break for line in lines)

    def _offset(self, line: int) -> int:
        return self._starts[line] if line < len(self._starts) else len(self._text)
