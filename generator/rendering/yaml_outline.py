"""The outline of a YAML file without composing it: its depth, and its keys even if it is invalid. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import yaml

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def keys(data: bytes, *path: str) -> list[str]:
    """Return the keys of the mapping at `path`, in order; of an invalid file those before the error."""
    found: list[str] = []
    with suppress(yaml.YAMLError, UnicodeDecodeError):
        found.extend(where[-1] for where in _positions(data) if where[:-1] == path and where[-1] != "<<")
    return found


def depth(data: bytes) -> int:
    """Return the nesting depth of mappings and lists, which libyaml's composer does not limit."""
    now = most = 0
    for event in yaml.parse(data, Loader=_LOADER):
        now += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        most = max(most, now)
    return most


@dataclass
class _Open:
    """An open mapping or list: its last key, and whether the next node is a key."""

    key: str
    is_list: bool
    at_key: bool

    def finish(self) -> None:
        """Record the end of a node."""
        self.at_key = not self.at_key and not self.is_list


def _positions(data: bytes) -> Iterator[tuple[str, ...]]:
    """Yield the path of each key of a mapping; the items of a list have empty keys."""
    around: list[_Open] = []
    for event in yaml.parse(data, Loader=_LOADER):
        if not isinstance(event, yaml.NodeEvent | yaml.CollectionEndEvent):
            continue
        if isinstance(event, yaml.CollectionEndEvent):
            around.pop()
        elif around and around[-1].at_key:
            around[-1].key = getattr(event, "value", "")
            yield tuple(one.key for one in around)
        if isinstance(event, yaml.CollectionStartEvent):
            is_list = isinstance(event, yaml.SequenceStartEvent)
            around.append(_Open(key="", is_list=is_list, at_key=not is_list))
        elif around:
            around[-1].finish()
