"""The shape of a YAML file, quickly: its depth, and its keys even while it is being written. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import yaml

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def keys(data: bytes, *path: str) -> list[str]:
    """Return the keys of the mapping at `path`, in their order; of a faulty file those before the fault."""
    found: list[str] = []
    with suppress(yaml.YAMLError, UnicodeDecodeError):
        found.extend(where[-1] for where in _positions(data) if where[:-1] == path and where[-1] != "<<")
    return found


def depth(data: bytes) -> int:
    """Return how deep mappings and lists lie in each other: the composer of libyaml has no limit."""
    now = most = 0
    for event in yaml.parse(data, Loader=_LOADER):
        now += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        most = max(most, now)
    return most


@dataclass
class _Open:
    """A mapping or a list that is being read: its last key, and whether the next node is a key."""

    key: str
    is_list: bool
    at_key: bool

    def finish(self) -> None:
        """Note that a whole node has been read."""
        self.at_key = not self.at_key and not self.is_list


def _positions(data: bytes) -> Iterator[tuple[str, ...]]:
    """Yield the path of each key of a mapping; what is in a list counts as below nameless keys."""
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
