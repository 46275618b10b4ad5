"""Reads a YAML document into values with line and column: YAML 1.2 core types, with limits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

import yaml

from ..messages import show

MAX_BYTES = 2 * 2**20
MAX_DEPTH = 20
MAX_ALIASES = 100
MAX_NODES = 100_000
_LONGEST_NUMBER = 40

_EVENTS: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULL = re.compile(r"(|~|null|Null|NULL)\Z")
_BOOL = re.compile(r"(true|True|TRUE|false|False|FALSE)\Z")
_INT = re.compile(r"([-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)\Z")
_FLOAT = re.compile(
    r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z|[-+]?\.(inf|Inf|INF)\Z|\.(nan|NaN|NAN)\Z"
)
_LEADING_ZERO = re.compile(r"[-+]?0[0-9_]+\Z")
# The first characters of plain scalars that may be another type than a string.
_NOT_STRING = frozenset("0123456789+-.~nNtTfF")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_NO_KEYS: Mapping[str, Node] = MappingProxyType({})


class DocumentError(Exception):
    """An invalid document; `line` and `column` count from 1."""

    def __init__(self, line: int, column: int, message: str) -> None:
        super().__init__(message)
        self.line, self.column, self.message = line, column, message


class Node(NamedTuple):
    """A value and its position. `value` is a scalar, a tuple of nodes or a mapping of nodes."""

    value: Any
    line: int
    column: int
    raw: str = ""
    keys: Mapping[str, Node] = _NO_KEYS

    def plain(self) -> Any:
        """Return the value without positions: dicts, lists and scalars."""
        value = self.value
        if isinstance(value, tuple):
            return [item.plain() for item in value]
        if isinstance(value, MappingProxyType):
            return {key: item.plain() for key, item in value.items()}
        return value

    def find(self, path: tuple[str | int, ...], of_key: bool = False) -> Node:
        """Return the node at `path`, or the nearest parent; with `of_key` its key if it has one."""
        node = self
        for index, part in enumerate(path):
            last = index == len(path) - 1
            if isinstance(node.value, MappingProxyType) and part in node.value:
                node = node.keys[str(part)] if last and of_key else node.value[str(part)]
            elif isinstance(node.value, tuple) and isinstance(part, int) and part < len(node.value):
                node = node.value[part]
            else:
                break
        return node


def read(data: bytes) -> Node:
    """Read one YAML document with a mapping at the top. DocumentError if it is invalid."""
    text = _decode(data)
    try:
        node = _composed(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        problem = error.problem or error.context
        if mark and text[mark.index : mark.index + 1] == "\t":
            problem = "tab used for indentation; use spaces"
        raise DocumentError(line, column, f"invalid YAML: {problem}") from None
    except yaml.YAMLError as error:
        raise DocumentError(1, 1, f"invalid YAML: {str(error).splitlines()[0]}") from None
    if node is None or node.value is None:
        raise DocumentError(1, 1, "empty document; `name` and `services` are required")
    if not isinstance(node.value, MappingProxyType):
        raise DocumentError(node.line, node.column, "the document is not a mapping of fields")
    return node


def _composed(text: str) -> Node | None:
    try:
        return _compose(yaml.parse(text, Loader=_EVENTS))
    except yaml.YAMLError as error:
        if "nesting depth" not in str(error):
            raise
    # libyaml reads ahead: it reaches its own limit of nesting, about a hundred times ours, first.
    return _compose(yaml.parse(text, Loader=yaml.SafeLoader))


def _decode(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise DocumentError(1, 1, f"file is {len(data)} bytes long (at most {MAX_BYTES})")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DocumentError(1, 1, "file is UTF-16; save it as UTF-8")
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line, column = _place(data, error.start)
        raise DocumentError(line, column, f"invalid UTF-8 at byte {error.start}") from None
    if found := _CONTROL.search(text):
        before = text[: found.start()].encode()
        message = f"control character U+{ord(found[0]):04X} at byte {len(before)}; remove it"
        raise DocumentError(*_place(before, len(before)), message)
    return text


def _place(data: bytes, offset: int) -> tuple[int, int]:
    head = data[:offset]
    return head.count(b"\n") + 1, offset - (head.rfind(b"\n") + 1) + 1


@dataclass(slots=True)
class _Open:
    """A collection that is being read: its items so far, and the key without a value yet."""

    line: int
    column: int
    is_mapping: bool
    anchor: str | None
    items: list[Node] = field(default_factory=list)
    fields: dict[str, Node] = field(default_factory=dict)
    keys: dict[str, Node] = field(default_factory=dict)
    key: Node | None = None
    merge: Node | None = None  # the key `<<`, if there is one
    merged: tuple[Node, ...] = ()

    def add(self, node: Node, *, plain: bool = False) -> None:
        if not self.is_mapping:
            self.items.append(node)
        elif self.key is None:
            self.key = self._checked_key(node)
            self.merge = node if plain and node.raw == "<<" else self.merge
        elif self.key is self.merge:
            self.merged, self.key = _mappings(node), None
        else:
            name = self.key.raw
            self.fields[name], self.keys[name], self.key = node, self.key, None

    def _checked_key(self, node: Node) -> Node:
        if isinstance(node.value, tuple | MappingProxyType):
            raise DocumentError(node.line, node.column, "a mapping or list cannot be a key")
        first = self.keys.get(node.raw) or (self.merge if node.raw == "<<" else None)
        if first:
            raise DocumentError(
                node.line, node.column, f"duplicate key {show(node.raw)} (first on line {first.line})"
            )
        return node

    def close(self) -> Node:
        if not self.is_mapping:
            return Node(tuple(self.items), self.line, self.column)
        fields, keys = self.fields, self.keys
        if self.merged:  # own keys override merged ones, earlier mappings override later ones
            fields, keys = {}, {}
            for mapping in reversed(self.merged):
                fields, keys = fields | dict(mapping.value), keys | dict(mapping.keys)
            fields, keys = fields | self.fields, keys | self.keys
        return Node(MappingProxyType(fields), self.line, self.column, keys=MappingProxyType(keys))


def _mappings(node: Node) -> tuple[Node, ...]:
    """Return the mappings of a merge key: one, or a list of them."""
    found = node.value if isinstance(node.value, tuple) else (node,)
    for item in found:
        if not isinstance(item.value, MappingProxyType):
            shown = show(item.value) if not isinstance(item.value, tuple) else "a list"
            message = f"{shown} cannot be merged; << requires a mapping, an alias of one, or a list of these"
            raise DocumentError(item.line, item.column, message)
    return found


def _compose(events: Iterator[yaml.Event]) -> Node | None:
    """Build the tree from the event stream, without recursion."""
    composer = _Composer()
    for event in events:
        composer.take(event)
    return composer.top


class _Composer:
    """The state while one document is read: open collections, anchors, counters."""

    def __init__(self) -> None:
        self.top: Node | None = None
        self._stack: list[_Open] = []
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._aliases = self._nodes = self._documents = 0

    def take(self, event: Any) -> None:
        mark = event.start_mark
        line, column = mark.line + 1, mark.column + 1
        if isinstance(event, yaml.ScalarEvent):
            self._add(_scalar(event, line, column), event.anchor, 1, plain=event.implicit[0])
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event.anchor, line, column)
        elif isinstance(event, yaml.CollectionStartEvent):
            _refuse_tag(event, line, column)
            if len(self._stack) >= MAX_DEPTH:
                raise DocumentError(line, column, f"nested deeper than {MAX_DEPTH} levels")
            is_mapping = isinstance(event, yaml.MappingStartEvent)
            self._stack.append(_Open(line, column, is_mapping, event.anchor))
        elif isinstance(event, yaml.CollectionEndEvent):
            closed = self._stack.pop()
            self._add(closed.close(), closed.anchor, 1)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise DocumentError(
                    line, column, "second document in the file; only one spec per file is supported"
                )

    def _alias(self, anchor: str | None, line: int, column: int) -> None:
        self._aliases += 1
        if self._aliases > MAX_ALIASES:
            raise DocumentError(line, column, f"more than {MAX_ALIASES} aliases")
        if anchor is None or anchor not in self._anchors:
            raise DocumentError(line, column, f"no anchor &{anchor} before the alias *{anchor}")
        self._add(self._anchors[anchor][0], None, self._anchors[anchor][1])

    def _add(self, node: Node, anchor: str | None, size: int, *, plain: bool = False) -> None:
        self._nodes += size
        if self._nodes > MAX_NODES:
            raise DocumentError(node.line, node.column, f"more than {MAX_NODES} values (aliases expanded)")
        if anchor is not None:
            self._anchors[anchor] = (node, _size(node))
        if self._stack:
            self._stack[-1].add(node, plain=plain)
        else:
            self.top = node


def _size(node: Node) -> int:
    """Count the values below a node, aliases expanded; at most MAX_NODES."""
    count, todo = 0, [node]
    while todo and count <= MAX_NODES:
        value = todo.pop().value
        count += 1
        if isinstance(value, tuple):
            todo.extend(value)
        elif isinstance(value, MappingProxyType):
            todo.extend(value.values())
    return count


def _refuse_tag(event: Any, line: int, column: int) -> None:
    if event.tag is not None and event.tag != "!":
        tag = event.tag.replace("tag:yaml.org,2002:", "!!")
        raise DocumentError(line, column, f"tag {show(tag)} is not supported; remove it")


def _scalar(event: Any, line: int, column: int) -> Node:
    _refuse_tag(event, line, column)
    raw: str = event.value
    if event.tag == "!" or not event.implicit[0] or (raw and raw[0] not in _NOT_STRING):
        return Node(raw, line, column, raw)
    if _LEADING_ZERO.match(raw):
        raise DocumentError(
            line,
            column,
            f"{raw[:40]} starts with 0, which is ambiguous in YAML; quote it or remove the 0",
        )
    if _NULL.match(raw):
        return Node(None, line, column, raw)
    if _BOOL.match(raw):
        return Node(raw.lower() == "true", line, column, raw)
    if _INT.match(raw):
        if len(raw) > _LONGEST_NUMBER:
            message = f"number with {len(raw)} digits (at most {_LONGEST_NUMBER})"
            raise DocumentError(line, column, message)
        return Node(int(raw, 0) if raw.startswith(("0o", "0x")) else int(raw), line, column, raw)
    if _FLOAT.match(raw):
        return Node(float(raw.lower().replace(".inf", "inf").replace(".nan", "nan")), line, column, raw)
    return Node(raw, line, column, raw)
