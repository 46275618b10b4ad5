"""Loads a cn.yaml: from bytes to a Spec, or to all of its faults with line and column."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, get_args, get_origin

from pydantic import BaseModel, ValidationError

from ..errors import ExpectedError
from ..messages import SuggestionLimit, listing, near, show
from .checks import cross_checks
from .checks.extensions import split
from .checks.secret_checks import extension_secrets
from .checks.secret_detection import names_secret
from .model import PLANNED, Spec
from .yaml_reader import MAX_BYTES, DocumentError, Node, read

if TYPE_CHECKING:
    from .target_rules import SpecRules

_KINDS = {
    "string_type": "a string",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "dict_type": "a mapping of fields",
    "model_type": "a mapping of fields",
    "tuple_type": "a list (such as [one, two])",
}

# The longest field or variable is shorter.
_LONGEST_WORD = 100
_MAX_PROBLEMS = 1000  # of one file in a message


@dataclass(frozen=True, order=True)
class Problem:
    """One fault of a spec. `line` and `column` count from 1; 0 without a position."""

    source: str
    line: int
    column: int
    path: str
    message: str

    def __str__(self) -> str:
        place = f"{self.source}:{self.line}:{self.column}" if self.line else self.source
        return f"{place}: {self.path}: {self.message}" if self.path else f"{place}: {self.message}"


class SpecError(ExpectedError):
    """An invalid spec, with all of its problems."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        more = [f"... and {len(problems) - _MAX_PROBLEMS} more"] if len(problems) > _MAX_PROBLEMS else []
        super().__init__("\n".join([*map(str, problems[:_MAX_PROBLEMS]), *more]))
        self.problems = problems


def read_file(path: Path) -> bytes:
    """Return the bytes of a spec file. SpecError unless it is a regular file of at most 2 MiB."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        raise _unreadable(path, (error.strerror or "cannot be read").lower()) from None
    except ValueError:  # a NUL byte
        raise _unreadable(path, "not a valid file name") from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise _unreadable(path, "not a regular file")
        if status.st_size > MAX_BYTES:
            raise _unreadable(path, f"is {status.st_size} bytes long (at most {MAX_BYTES})")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(MAX_BYTES + 1)
    finally:
        os.close(descriptor)


def read_stream(stream: BinaryIO) -> bytes:
    """Return the bytes of a stream, at most one more than allowed."""
    return stream.read(MAX_BYTES + 1)


def _unreadable(path: Path, message: str) -> SpecError:
    return SpecError((Problem(str(path), 0, 0, "", message),))


def load(
    data: bytes,
    source: str = "cn.yaml",
    runtimes: Collection[str] | None = None,
    targets: Mapping[str, SpecRules] | None = None,
) -> Spec:
    """Return the Spec that `data` holds; SpecError with every problem.

    Without `runtimes` or `targets`, those that are known, any is accepted.
    """
    try:
        document = read(data)
    except DocumentError as error:
        raise SpecError((Problem(source, error.line, error.column, "", error.message),)) from None
    plain, extra = split(document.plain())
    problems: set[Problem] = set()
    spec, suggestions = None, SuggestionLimit()
    try:
        spec = Spec.model_validate(plain)
    except ValidationError as error:
        problems.update(_field_problems(error, document, source, suggestions))
    for path, message in (
        *cross_checks.faults(plain, runtimes, targets, suggestions),
        *extension_secrets(extra, plain),
    ):
        node = document.find(path, of_key=_names_key(path))
        problems.add(Problem(source, node.line, node.column, dotted(path), message))
    if spec is None or problems:
        raise SpecError(tuple(sorted(problems)))
    return spec


def extensions(data: bytes) -> dict[str, Any]:
    """Return the keys of the user at the top level of a valid file."""
    _, found = split(read(data).plain())
    return {str(path[0]): value for path, value in found if len(path) == 1}


def _names_key(path: tuple[str | int, ...]) -> bool:
    return path[-2:-1] in (("environments",), ("config",)) or len(path) == 2


def dotted(path: tuple[str | int, ...]) -> str:
    """Format the path of a field as in problems: `services.api.calls[0]`."""
    words = "".join(f"[{part}]" if isinstance(part, int) else f".{_word(part)}" for part in path)
    return words.removeprefix(".")


def _word(part: str) -> str:
    plain = part.replace("-", "").replace("_", "").isalnum() and part.isascii()
    return part if plain and len(part) <= _LONGEST_WORD else show(part)


def _field_problems(
    error: ValidationError, document: Node, source: str, suggestions: SuggestionLimit
) -> Iterator[Problem]:
    for fault in error.errors(include_url=False):
        kind, path = fault["type"], tuple(fault["loc"])
        of_key = path[-1:] == ("[key]",) or kind in {"extra_forbidden", "missing"}
        path = tuple(part for part in path if part != "[key]")
        place = path[:-1] if kind == "missing" else path
        node = document.find(place, of_key=of_key)
        value = document.find(path)
        yield Problem(source, node.line, node.column, dotted(path), _message(fault, path, value, suggestions))


def _message(fault: Any, path: tuple[str | int, ...], node: Node, suggestions: SuggestionLimit) -> str:
    kind, given = fault["type"], fault["input"]
    if kind == "cn":
        return str(fault["ctx"]["message"])
    if kind == "extra_forbidden":
        return _unknown_field(path, suggestions)
    if kind == "literal_error":
        return _choice(path, fault["ctx"]["expected"], given, suggestions)
    if kind == "string_type" and isinstance(given, bool | int | float):
        return f'{node.raw[:40]} is not a string; quote it: "{node.raw[:40]}"'
    if kind in _KINDS:
        return f"{node.raw[:40] if isinstance(given, float) else _described(given)} is not {_KINDS[kind]}"
    known = {
        "int_parsing_size": f"{show(given)} is too large",
        "missing": "is required",
        "too_short": "requires at least one entry",
    }
    return known.get(kind, str(fault["msg"]))


def _described(value: Any) -> str:
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    return "null" if value is None else show(value)


def _choice(path: tuple[str | int, ...], expected: str, given: Any, suggestions: SuggestionLimit) -> str:
    if path == ("spec",) and isinstance(given, int) and not isinstance(given, bool) and given > 1:
        return f"format {given} is not supported by this version; upgrade cn-new"
    if path == ("spec",):
        return f"{_described(given)} is not a format version; write 1"
    choices = [word.strip(" '") for word in expected.replace(" or ", ",").split(",")]
    if path[-1:] == ("database",) and isinstance(given, dict):
        return "a database with version and size is not supported yet; write `database: postgres`"
    offer = near(given, choices) if isinstance(given, str) and suggestions.take() else ""
    return f"{_described(given)} is not one of: {listing(choices)}{offer}"


def _unknown_field(path: tuple[str | int, ...], suggestions: SuggestionLimit) -> str:
    model = _model_at(path[:-1])
    name = str(path[-1])
    if name in PLANNED.get(model.__name__, ()):
        return "is not supported yet; remove it"
    if names_secret(name):
        return "unknown field; never write a secret to cn.yaml, which is committed"
    if not suggestions.take():
        return "unknown field"
    return f"unknown field{near(name, model.model_fields)} (fields: {listing(model.model_fields)})"


def _model_at(path: tuple[str | int, ...]) -> type[BaseModel]:
    """Return the model of the mapping at `path`."""
    annotation: Any = Spec
    for part in path:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            annotation = annotation.model_fields[str(part)].annotation
        elif get_origin(annotation) is dict:
            annotation = get_args(annotation)[1]
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else Spec
