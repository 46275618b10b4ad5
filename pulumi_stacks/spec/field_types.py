"""The types of values in a spec, each with its validation and its JSON schema."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

from ..messages import show
from ..quantities import (
    CPU_PATTERN,
    MEMORY_PATTERN,
    canonical_cpu,
    canonical_memory,
    cpu_millis,
    memory_bytes,
)
from . import egress
from .explanations import explain, name_fault, text_fault
from .patterns import (
    FOLDER_PATTERN,
    LONGEST_VALUE,
    NAME_PATTERN,
    OWNER_PATTERN,
    READY_PATTERN,
    REFERENCE_PATTERN,
    REGISTRY_PATTERN,
    RESERVED_VARIABLES,
    ROUTE_PATTERN,
    USER_PATTERN,
    VARIABLE_PATTERN,
)

_LONGEST_WORD = 200
_LAST_PORT = 65535


def error(message: str) -> PydanticCustomError:
    """Return the validation error with this message."""
    return PydanticCustomError("cn", "{message}", {"message": message})


def _refuse(message: str | None) -> None:
    if message is not None:
        raise error(message)


def unless(fault: Callable[[str], str | None]) -> AfterValidator:
    """Return a validator that rejects a text if `fault` returns a message."""

    def check(value: str) -> str:
        _refuse(fault(value))
        return value

    return AfterValidator(check)


def match(pattern: str, kind: str, wanted: str) -> AfterValidator:
    """Return a validator that rejects a text that does not fully match `pattern` or is too long."""
    return unless(lambda value: mismatch(value, pattern, kind, wanted))


def mismatch(value: str, pattern: str, kind: str, wanted: str) -> str | None:
    """Explain why a text does not match, and what to write; None if it matches."""
    if len(value) > _LONGEST_WORD:
        return f"{show(value)} is {len(value)} characters long (at most {_LONGEST_WORD})"
    if re.match(pattern + r"\Z", value):
        return None
    reason = explain(kind, value, lambda other: bool(re.match(pattern + r"\Z", other)))
    return f"{show(value)} is not {wanted}{reason}"


def _between(low: int, high: int) -> AfterValidator:
    """Return a validator that rejects a number out of range."""

    def check(value: int) -> int:
        _refuse(None if low <= value <= high else f"{value} is not between {low} and {high}")
        return value

    return AfterValidator(check)


def described(pattern: str, wanted: str, example: str, *kinds: str) -> WithJsonSchema:
    """Return the JSON schema of a text; editors show `wanted` if the pattern does not match."""
    # In a fault, "is not a path, nor none"; in an editor, "a path or none".
    entry = {
        "pattern": pattern,
        "patternErrorMessage": wanted.replace(", nor ", " or "),
        "examples": [example],
    }
    return WithJsonSchema({"type": list(kinds) or "string", **entry})


def _text(longest: int, example: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "maxLength": longest, "examples": [example]})


def _number(low: int, high: int, example: int) -> WithJsonSchema:
    return WithJsonSchema({"type": "integer", "minimum": low, "maximum": high, "examples": [example]})


def _version(value: object) -> object:
    _refuse(None if type(value) is int else f"{show(value)} is not a format version; write 1")
    return value


def _quantity(value: object) -> object:
    """Accept a number as a quantity, as Kubernetes does."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _amount(value: str, kind: str, read: Callable[[str], int], bounds: tuple[str, str], wanted: str) -> None:
    """Reject an amount that is invalid or out of range."""

    def fits(other: str) -> bool:
        try:
            return read(low) <= read(other) <= read(high)
        except ValueError:
            return False

    low, high = bounds
    if fits(value):
        return
    try:
        read(value)
    except ValueError:
        raise error(f"{show(value)} is not {wanted}{explain(kind, value, fits)}") from None
    raise error(f"{show(value)} is not between {low} and {high}{_unit(kind, value, fits)}")


def _unit(kind: str, value: str, fits: Callable[[str], bool]) -> str:
    """Suggest a unit for a number of bytes."""
    if kind == "memory" and value.isdigit() and fits(f"{value}Mi"):
        return f": without a unit it is in bytes; write {value}Mi"
    return ""


def _cpu(value: str) -> str:
    _amount(value, "cpu", cpu_millis, ("10m", "64"), "an amount of CPU (such as 500m, 0.5 or 2)")
    return canonical_cpu(value)


def _memory(value: str) -> str:
    wanted = "an amount of memory (such as 256Mi or 1Gi)"
    _amount(value, "memory", memory_bytes, ("32Mi", "256Gi"), wanted)
    return canonical_memory(value)


def _body(value: str) -> str:
    _amount(value, "memory", memory_bytes, ("1Ki", "10Gi"), "a size (such as 50Mi)")
    return canonical_memory(value)


def _user(value: object) -> object:
    """Accept a number as a user."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _user_fault(value: str) -> str | None:
    return mismatch(value, USER_PATTERN, "user", _USER)


def _ready_fault(value: str) -> str | None:
    return mismatch(value, READY_PATTERN, "ready", _READY)


def _folder_fault(value: str) -> str | None:
    return mismatch(value, FOLDER_PATTERN, "folder", _FOLDER)


def _egress(value: object) -> tuple[str, ...]:
    try:
        return egress.read(value)
    except ValueError as fault:
        raise error(str(fault)) from None


def _variable_fault(name: str) -> str | None:
    pattern = "(?=.{1,100}$)" + VARIABLE_PATTERN
    if fault := mismatch(name, pattern, "variable", f"a name of a variable ({_VARIABLE})"):
        return fault
    if name in RESERVED_VARIABLES:
        return f"{name} is set by cn-new; remove it"
    return None


_VARIABLE = "letters, digits, _, -, ., : and /, starting with a letter or _"
_USER = "a user id (such as 10001 or 10001:10001, not root)"
_READY = "a path that starts with / (such as /readyz), or none"
_FOLDER = "an absolute path of a folder (such as /var/cache, not /dev)"
_ROUTE = "a path of a-z, 0-9, -, ., _ and ~ that starts with / (such as /orders)"
_OWNER = "an owner (@user, @organisation/team or an e-mail address)"
_REGISTRY = "a registry (such as ghcr.io/acme or 127.0.0.1:5000)"
_IMAGE = "an image (such as caddy:2 or ghcr.io/acme/web:1.4)"

Version = Annotated[Literal[1], BeforeValidator(_version)]
Name = Annotated[
    str,
    unless(name_fault),
    described(NAME_PATTERN, "1 to 40 of a-z, 0-9 and single -, starting with a letter", "shop"),
]
Route = Annotated[str, match(ROUTE_PATTERN, "route", _ROUTE), described(ROUTE_PATTERN, _ROUTE, "/orders")]
Owner = Annotated[
    str,
    match(OWNER_PATTERN, "owner", _OWNER),
    described(OWNER_PATTERN, _OWNER, "@acme/shop"),
]
Registry = Annotated[
    str,
    match(REGISTRY_PATTERN, "registry", _REGISTRY),
    described(REGISTRY_PATTERN, _REGISTRY, "ghcr.io/acme"),
]
Variable = Annotated[
    str,
    unless(_variable_fault),
    described(VARIABLE_PATTERN, _VARIABLE, "PAGE_SIZE"),
]
Line = Annotated[str, unless(lambda value: text_fault(value, 300)), _text(300, "Takes orders")]
Value = Annotated[
    str,
    unless(lambda value: text_fault(value, LONGEST_VALUE, lines=True)),
    _text(LONGEST_VALUE, "20"),
]
Cpu = Annotated[
    str,
    BeforeValidator(_quantity),
    AfterValidator(_cpu),
    described(CPU_PATTERN, "CPU from 10m to 64 (such as 500m, 0.5 or 2)", "250m", "string", "number"),
]
Memory = Annotated[
    str,
    BeforeValidator(_quantity),
    AfterValidator(_memory),
    described(MEMORY_PATTERN, "memory from 32Mi to 256Gi (such as 1Gi)", "192Mi", "string", "integer"),
]
Body = Annotated[
    str,
    BeforeValidator(_quantity),
    AfterValidator(_body),
    described(MEMORY_PATTERN, "a size from 1Ki to 10Gi (such as 50Mi)", "50Mi", "string", "integer"),
]
Percent = Annotated[int, _between(10, 95), _number(10, 95, 70)]
Egress = Annotated[
    tuple[str, ...],
    BeforeValidator(_egress),
    PlainSerializer(egress.written),
    WithJsonSchema(egress.SCHEMA),
]
Replicas = Annotated[int, _between(1, 100), _number(1, 100, 2)]
Reference = Annotated[
    str,
    match(REFERENCE_PATTERN, "image", _IMAGE),
    described(REFERENCE_PATTERN, _IMAGE, "caddy:2"),
]
Port = Annotated[int, _between(1, _LAST_PORT), _number(1, _LAST_PORT, 80)]
Ready = Annotated[
    str, unless(_ready_fault), described(READY_PATTERN, "a path that starts with /, or `none`", "/health")
]
User = Annotated[
    str,
    BeforeValidator(_user),
    unless(_user_fault),
    described(USER_PATTERN, "user or user:group, as ids above 0", "1000:1000", "string", "integer"),
]
Folder = Annotated[
    str, unless(_folder_fault), described(FOLDER_PATTERN, "an absolute path of a folder", "/var/cache")
]
Word = Annotated[
    str,
    unless(lambda value: text_fault(value, LONGEST_VALUE, lines=True)),
    _text(LONGEST_VALUE, "--verbose"),
]
