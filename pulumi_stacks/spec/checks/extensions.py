"""Keys of the user in cn.yaml, which start with x-. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from ..model import Spec

PREFIX = "x-"
Path = tuple[str | int, ...]
Extension = tuple[Path, Any]


def split(plain: Any) -> tuple[Any, list[Extension]]:
    """Return a document without the keys of its user, and these keys with their paths.

    In a mapping whose keys are names, such as services, a key that starts with x- is a name.
    """
    found: list[Extension] = []
    return _without(plain, Spec, (), found), found


def _without(value: Any, annotation: Any, path: Path, found: list[Extension]) -> Any:
    if not isinstance(value, dict):
        return value
    if get_origin(annotation) is dict:
        inner = get_args(annotation)[1]
        return {name: _without(item, inner, (*path, name), found) for name, item in value.items()}
    if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        return value
    kept = {}
    for name, item in value.items():
        if name.startswith(PREFIX):
            found.append(((*path, name), item))
        else:
            field = annotation.model_fields.get(name)
            kept[name] = _without(item, field.annotation if field else None, (*path, name), found)
    return kept


def texts(extension: Extension) -> Iterator[tuple[Path, str]]:
    """Yield the strings in a value, each with its path."""
    todo = [extension]
    while todo:
        path, value = todo.pop()
        if isinstance(value, str):
            yield path, value
        elif isinstance(value, dict | list):
            entries = value.items() if isinstance(value, dict) else enumerate(value)
            todo += [((*path, key), item) for key, item in entries]
