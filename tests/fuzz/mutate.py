"""Specs that are nearly right: good ones, changed in bytes and structure. One seed gives one sequence."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from typing import Any

import yaml

from tests.fuzz.vocabulary import KEYS, TOKENS, VALUES, WORDS

Path = tuple[Any, ...]


def mutants(corpus: list[bytes], seed: int) -> Iterator[bytes]:
    """Yield changed specs without end."""
    chance = random.Random(seed)  # noqa: S311 (the same seed must give the same specs)
    while True:
        data = chance.choice(corpus)
        if chance.random() < 0.6:
            data = _structure(chance, data)
        if chance.random() < 0.5:
            for _ in range(chance.randint(1, 4)):
                data = chance.choice(BYTES)(chance, data)
        yield data


def _structure(chance: random.Random, data: bytes) -> bytes:
    document = yaml.load(data, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    for _ in range(chance.randint(1, 3)):
        document = _changed(chance, document)
    style = chance.random()
    if style < 0.2:
        return json.dumps(document, ensure_ascii=chance.random() < 0.5, default=str).encode(errors="replace")
    flow = {0: None, 1: True, 2: False}[chance.randint(0, 2)]
    text = yaml.safe_dump(
        document, default_flow_style=flow, allow_unicode=chance.random() < 0.5, sort_keys=False
    )
    return text.encode(errors="replace")


def _changed(chance: random.Random, document: Any) -> Any:
    """Return the document with one change at one place."""
    places = list(_places(document))
    path = chance.choice(places)
    if not path:
        return document if chance.random() < 0.9 else chance.choice(VALUES)
    action = chance.choice((_replace, _replace, _remove, _add, _rename, _copy))
    return action(chance, document, path, places)


def _places(node: Any, path: Path = ()) -> Iterator[Path]:
    yield path
    if len(path) < 8 and isinstance(node, dict | list):
        for key, item in node.items() if isinstance(node, dict) else enumerate(node):
            yield from _places(item, (*path, key))


def _edit(node: Any, path: Path, act: Callable[[Any, Any], Any]) -> Any:
    """Return a copy in which `act(container, key)` has given the container at the end of the path."""
    if len(path) == 1:
        return act(node, path[0])
    copy = dict(node) if isinstance(node, dict) else list(node)
    copy[path[0]] = _edit(node[path[0]], path[1:], act)
    return copy


def _at(node: Any, path: Path) -> Any:
    for key in path:
        node = node[key]
    return node


def _put(value: Any) -> Callable[[Any, Any], Any]:
    def act(container: Any, key: Any) -> Any:
        copy = dict(container) if isinstance(container, dict) else list(container)
        copy[key] = value
        return copy

    return act


def _replace(chance: random.Random, document: Any, path: Path, _: list[Path]) -> Any:
    return _edit(document, path, _put(chance.choice(VALUES)))


def _remove(_: random.Random, document: Any, path: Path, __: list[Path]) -> Any:
    def act(container: Any, key: Any) -> Any:
        items = container.items() if isinstance(container, dict) else enumerate(container)
        kept = {name: item for name, item in items if name != key}
        return kept if isinstance(container, dict) else list(kept.values())

    return _edit(document, path, act)


def _add(chance: random.Random, document: Any, path: Path, _: list[Path]) -> Any:
    value, key = chance.choice(VALUES), chance.choice((*KEYS, *WORDS))

    def act(container: Any, at: Any) -> Any:
        if isinstance(container, dict):
            return {**container, key: value}
        return [*container[:at], value, *container[at:]]

    return _edit(document, path, act)


def _rename(chance: random.Random, document: Any, path: Path, _: list[Path]) -> Any:
    key = chance.choice((*KEYS, *WORDS, 1, None, True))

    def act(container: Any, at: Any) -> Any:
        if isinstance(container, dict):
            return {key if name == at else name: item for name, item in container.items()}
        return container

    return _edit(document, path, act)


def _copy(chance: random.Random, document: Any, path: Path, places: list[Path]) -> Any:
    return _edit(document, path, _put(_at(document, chance.choice(places))))


def _insert(chance: random.Random, data: bytes) -> bytes:
    at = chance.randint(0, len(data))
    return data[:at] + chance.choice(TOKENS) * chance.choice((1, 1, 1, 2, 30)) + data[at:]


def _flip(chance: random.Random, data: bytes) -> bytes:
    if not data:
        return data
    at = chance.randrange(len(data))
    return data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]


def _cut(chance: random.Random, data: bytes) -> bytes:
    start = chance.randint(0, len(data))
    return data[:start] + data[start + chance.choice((1, 3, 20, 10**6)) :]


def _repeat(chance: random.Random, data: bytes) -> bytes:
    start = chance.randint(0, len(data))
    end = min(len(data), start + chance.choice((1, 10, 80)))
    return data[:end] + data[start:end] * chance.choice((1, 2, 50)) + data[end:]


def _lines(chance: random.Random, data: bytes) -> bytes:
    lines = data.splitlines(keepends=True)
    if len(lines) > 1:
        one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        lines[one], lines[other] = lines[other], b" " * chance.randrange(3) + lines[one]
    return b"".join(lines)


BYTES: tuple[Callable[[random.Random, bytes], bytes], ...] = (_insert, _insert, _flip, _cut, _repeat, _lines)
