"""What a user says in flags or to the wizard, to the bytes of a new cn.yaml. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*\Z")
_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
_SETTINGS = ("calls", "database", "route")


class DraftError(Exception):
    """A flag whose value has not the form that it needs; the message names flag, fault and form."""


@dataclass(frozen=True)
class ServiceDraft:
    """One service as said; `route` and `database` may be empty."""

    name: str
    runtime: str
    route: str = ""
    database: str = ""
    calls: tuple[str, ...] = ()


@dataclass(frozen=True)
class Draft:
    """A whole system as said, unchecked: checking is the loader's business."""

    name: str
    description: str = ""
    owner: str = ""
    registry: str = ""
    ci: str = ""
    environments: tuple[tuple[str, str], ...] = (("dev", "docker"),)
    services: tuple[ServiceDraft, ...] = ()


def parse(
    environments: Iterable[str], services: Iterable[str]
) -> tuple[tuple[tuple[str, str], ...], tuple[ServiceDraft, ...]]:
    """Read the values of all --env and --service flags; DraftError with one line per fault."""
    faults: list[str] = []
    read_environments = _collect(parse_environment, environments, faults)
    read_services = _collect(parse_service, services, faults)
    for flag, names in (
        ("--env", [name for name, _ in read_environments]),
        ("--service", [service.name for service in read_services]),
    ):
        faults += [
            f"{flag} {name}: stands there twice" for name in sorted(set(names)) if names.count(name) > 1
        ]
    if faults:
        raise DraftError("\n".join(faults))
    return tuple(read_environments), tuple(read_services)


def _collect(read: Callable[[str], T], texts: Iterable[str], faults: list[str]) -> list[T]:
    values = []
    for text in texts:
        try:
            values.append(read(text))
        except DraftError as error:
            faults.append(str(error))
    return values


def parse_service(text: str) -> ServiceDraft:
    """Read `NAME:RUNTIME[,database=postgres][,route=/x][,calls=a+b]`; DraftError when it has another form."""
    flag = f"--service {show(text)}"
    form = f"{flag}: is not NAME:RUNTIME[,database=postgres][,route=/path][,calls=a+b]"
    head, *rest = text.split(",")
    name, _, runtime = head.partition(":")
    if not (name and runtime):
        raise DraftError(form)
    settings: dict[str, str] = {}
    for key, _, value in (part.partition("=") for part in rest):
        if not value:
            raise DraftError(form)
        if key not in _SETTINGS:
            raise DraftError(f"{flag}: no setting named {show(key)}; choose from {', '.join(_SETTINGS)}")
        if key in settings:
            raise DraftError(f"{flag}: {show(key)} stands there twice")
        settings[key] = value
    calls = tuple(settings["calls"].split("+")) if "calls" in settings else ()
    return ServiceDraft(name, runtime, settings.get("route", ""), settings.get("database", ""), calls)


def parse_environment(text: str) -> tuple[str, str]:
    """Read `NAME=TARGET`; DraftError when it has another form."""
    name, _, target = text.partition("=")
    if not (name and target):
        raise DraftError(f"--env {show(text)}: is not NAME=TARGET (such as dev=docker)")
    return name, target


def service_flag(service: ServiceDraft) -> str:
    """Write a service as the value of --service that reads back to it."""
    parts = [f"{service.name}:{service.runtime}"]
    if service.database:
        parts.append(f"database={service.database}")
    if service.route:
        parts.append(f"route={service.route}")
    if service.calls:
        parts.append(f"calls={'+'.join(service.calls)}")
    return ",".join(parts)


def write(draft: Draft) -> bytes:
    """Return the cn.yaml that says what the draft says."""
    lines = ["spec: 1", f"name: {_scalar(draft.name)}"]
    texts = {key: getattr(draft, key) for key in ("description", "owner", "registry", "ci")}
    lines += [f"{key}: {_scalar(text)}" for key, text in texts.items() if text]
    lines.append("environments:")
    lines += [f"  {_scalar(name)}: {{target: {_scalar(target)}}}" for name, target in draft.environments]
    lines.append("services:")
    for service in draft.services:
        lines += _service(service)
    return ("\n".join(lines) + "\n").encode()


def _service(service: ServiceDraft) -> list[str]:
    lines = [f"  {_scalar(service.name)}:", f"    runtime: {_scalar(service.runtime)}"]
    if service.route:
        lines.append(f"    route: {_scalar(service.route)}")
    if service.database:
        lines.append(f"    database: {_scalar(service.database)}")
    if service.calls:
        lines.append(f"    calls: [{', '.join(map(_scalar, service.calls))}]")
    return lines


def _scalar(text: str) -> str:
    """Write a text as YAML that every version reads as this text: bare where that is safe, else quoted."""
    is_route = text.startswith("/") and _PLAIN.match("a" + text)
    if (_PLAIN.match(text) or is_route) and text.lower() not in _WORDS:
        return text
    # JSON's pairs of surrogates are no YAML: what does not print is written as one escape of eight digits.
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(char if char.isprintable() else f"\\U{ord(char):08X}" for char in quoted)


def show(value: str) -> str:
    """Print what was typed for a message: escaped, at most 60 characters."""
    text = json.dumps(value)
    return text if len(text) <= 60 else text[:56] + '..."'
