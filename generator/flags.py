"""The values of --service and --env, to drafts and back, and the command line that says a draft. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, TypeVar

from .draft import Draft, EnvironmentDraft, ServiceDraft, to_document
from .specfile import write

T = TypeVar("T")

SETTINGS = ("calls", "database", "image", "port", "ready", "replicas", "route")
_NUMBERS = ("port", "replicas")
FORM = "NAME:RUNTIME[,database=postgres][,route=/x][,calls=a+b][,replicas=2]"
_FORMS = f"{FORM} or NAME,image=IMAGE[,port=80][,ready=/up]"


class DraftError(Exception):
    """A flag whose value has not the form that it needs; the message names flag, fault and form."""


def parse(
    environments: Iterable[str], services: Iterable[str]
) -> tuple[tuple[EnvironmentDraft, ...], tuple[ServiceDraft, ...]]:
    """Read the values of all --env and --service flags; DraftError with one line per fault."""
    faults: list[str] = []
    read_environments = _collect(parse_environment, environments, faults)
    read_services = _collect(parse_service, services, faults)
    for flag, names in (
        ("--env", [environment.name for environment in read_environments]),
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
    """Read one --service: a runtime after a colon, or a ready image, then settings; DraftError otherwise."""
    flag = f"--service {show(text)}"
    form = f"{flag}: is not {_FORMS}"
    head, *rest = text.split(",")
    name, colon, runtime = head.partition(":")
    settings: dict[str, Any] = {}
    for key, _, value in (part.partition("=") for part in rest):
        if not value:
            raise DraftError(form)
        if key not in SETTINGS:
            raise DraftError(f"{flag}: no setting named {show(key)}; choose from {', '.join(SETTINGS)}")
        if key in settings:
            raise DraftError(f"{flag}: {show(key)} stands there twice")
        if key in _NUMBERS and not (value.isascii() and value.isdigit() and len(value) <= 9):
            raise DraftError(f"{flag}: {key}={value} is not a whole number")
        settings[key] = value
    if not name or bool(colon) != bool(runtime) or not (runtime or "image" in settings):
        raise DraftError(form)
    numbers = {key: int(settings.pop(key)) for key in _NUMBERS if key in settings}
    calls = tuple(settings.pop("calls").split("+")) if "calls" in settings else ()
    service = ServiceDraft(name, runtime, calls=calls, **settings)
    return replace(service, port=numbers.get("port", service.port), replicas=numbers.get("replicas", 1))


def parse_environment(text: str) -> EnvironmentDraft:
    """Read `NAME=TARGET`; DraftError when it has another form."""
    name, _, target = text.partition("=")
    if not (name and target):
        raise DraftError(f"--env {show(text)}: is not NAME=TARGET (such as dev=docker)")
    return EnvironmentDraft(name, target)


def service_flag(service: ServiceDraft) -> str:
    """Write a service as the value of --service that reads back to it."""
    usual = ServiceDraft(service.name)
    parts = [f"{service.name}:{service.runtime}" if service.runtime else service.name]
    for key in ("image", "port", "ready", "database", "route", "replicas"):
        value = getattr(service, key)
        parts += [f"{key}={value}"] if value != getattr(usual, key) else []
    if service.calls:
        parts.append(f"calls={'+'.join(service.calls)}")
    return ",".join(parts)


def words(draft: Draft) -> list[str] | None:
    """Return the arguments of `cn-new` that make the same cn.yaml; None when flags cannot say it."""
    given = {key: getattr(draft, key) for key in ("description", "owner", "registry", "ci")}
    environments = [f"{entry.name}={entry.target}" for entry in draft.environments]
    services = list(map(service_flag, draft.services))
    try:
        read_environments, read_services = parse(environments, services)
    except DraftError:
        return None
    again = Draft(draft.name, **given, environments=read_environments, services=read_services)
    if write(to_document(again)) != write(to_document(draft)):
        return None
    settings = [word for key, value in given.items() if value for word in _option(key, value)]
    if environments != ["dev=docker"]:
        settings += [word for value in environments for word in ("--env", value)]
    return [draft.name, *settings, *(word for value in services for word in ("--service", value))]


def _option(key: str, value: str) -> tuple[str, ...]:
    return (f"--{key}={value}",) if value.startswith("-") else (f"--{key}", value)


def show(value: str) -> str:
    """Print what was typed for a message: escaped, at most 60 characters."""
    text = json.dumps(value)
    return text if len(text) <= 60 else text[:56] + '..."'
