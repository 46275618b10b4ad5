"""The values of --service and --env, to drafts and back, and the command line that says a draft. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable
from typing import Any, TypeVar

from generator.errors import CommandError
from pulumi_stacks import targets

from .draft import Draft, EnvironmentDraft, ServiceDraft, to_document
from .spec_writer import write

T = TypeVar("T")

SETTINGS = ("calls", "database", "image", "port", "ready", "replicas", "route")
FORM = "NAME:RUNTIME[,database=postgres][,route=/x][,calls=a+b][,replicas=2-6]"
ENVIRONMENT_FORM = "NAME=TARGET[,gateway=ingress][,domain=HOST][,state=URL]"
NO_SPAN = "is not a number, nor two of them (such as 2 or 2-6)"
# What an environment says by a mapping is in cn.yaml alone.
ENVIRONMENT_SETTINGS = tuple(
    field
    for field in dict.fromkeys(field for target in targets.known().values() for field in target.spec.fields)
    if field != "annotations"
)
_SWITCHES = {"protected", "client_address"}
_LISTS = {"metrics_from", "sources"}
_SWITCH = {"true": True, "false": False}
_FORMS = f"{FORM} or NAME,image=IMAGE[,port=80][,ready=/up]"


class DraftError(CommandError):
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
    settings = _settings(rest, SETTINGS, flag, form)
    if not name or bool(colon) != bool(runtime) or not (runtime or "image" in settings):
        raise DraftError(form)
    return ServiceDraft(name, runtime, **_read(flag, settings))


def _settings(parts: Iterable[str], known: Collection[str], flag: str, form: str) -> dict[str, str]:
    """Read `key=value` each, in a flag that should have a form."""
    settings: dict[str, str] = {}
    for key, _, value in (part.partition("=") for part in parts):
        if not value:
            raise DraftError(form)
        if key not in known:
            raise DraftError(f"{flag}: no setting named {show(key)}; choose from {', '.join(known)}")
        if key in settings:
            raise DraftError(f"{flag}: {show(key)} stands there twice")
        settings[key] = value
    return settings


def _read(flag: str, settings: dict[str, str]) -> dict[str, Any]:
    """Return the settings of a service as fields of its draft."""
    found: dict[str, Any] = dict(settings)
    if "calls" in settings:
        found["calls"] = tuple(settings["calls"].split("+"))
    if "port" in settings:
        if not is_number(settings["port"]):
            raise DraftError(f"{flag}: port={settings['port']} is not a whole number")
        found["port"] = int(settings["port"])
    if "replicas" in settings:
        span = read_span(settings["replicas"])
        if span is None:
            raise DraftError(f"{flag}: replicas={settings['replicas']} {NO_SPAN}")
        found["replicas"], found["most"] = span
    return found


def is_number(text: str) -> bool:
    """Say whether a text is a whole number, of a length that is no attack."""
    return text.isascii() and text.isdigit() and len(text) <= 9


def read_span(text: str) -> tuple[int, int] | None:
    """Read how many replicas there are, `2` or `2-6`: at least, and at most or 0; None for another form."""
    low, dash, high = text.partition("-")
    low, high = low.strip(), high.strip()
    if not is_number(low) or (dash and not (is_number(high) and int(high))):
        return None
    return int(low), int(high) if dash else 0


def show_span(service: ServiceDraft) -> str:
    """Write how many replicas there are as `read_span` reads it."""
    return f"{service.replicas}-{service.most}" if service.most else str(service.replicas)


def parse_environment(text: str) -> EnvironmentDraft:
    """Read a name and a target, then settings of a cluster; DraftError when it has another form."""
    flag = f"--env {show(text)}"
    form = f"{flag}: is not {ENVIRONMENT_FORM} (such as dev=docker)"
    head, *rest = text.split(",")
    name, _, target = head.partition("=")
    settings = _settings(rest, ENVIRONMENT_SETTINGS, flag, form)
    if not (name and target):
        raise DraftError(form)
    return EnvironmentDraft(name, target, {key: _said(key, value) for key, value in settings.items()})


def _said(key: str, value: str) -> str | bool | list[str]:
    """Read a setting as YAML would; of several values one flag has them with + between."""
    if key in _LISTS:
        return value.split("+")
    return _SWITCH.get(value, value) if key in _SWITCHES else value


def _written(value: Any) -> str:
    """Write a setting as it is read."""
    if isinstance(value, list):
        return "+".join(map(str, value))
    return json.dumps(value) if isinstance(value, bool) else str(value)


def environment_flag(environment: EnvironmentDraft) -> str:
    """Write an environment as the value of --env that reads back to it."""
    said = {key: environment.kept[key] for key in ENVIRONMENT_SETTINGS if key in environment.kept}
    settings = (f"{key}={_written(value)}" for key, value in said.items())
    return ",".join([f"{environment.name}={environment.target}", *settings])


def service_flag(service: ServiceDraft) -> str:
    """Write a service as the value of --service that reads back to it."""
    usual = ServiceDraft(service.name)
    parts = [f"{service.name}:{service.runtime}" if service.runtime else service.name]
    for key in ("image", "port", "ready", "database", "route"):
        value = getattr(service, key)
        parts += [f"{key}={value}"] if value != getattr(usual, key) else []
    parts += [f"replicas={show_span(service)}"] if show_span(service) != show_span(usual) else []
    if service.calls:
        parts.append(f"calls={'+'.join(service.calls)}")
    return ",".join(parts)


def words(draft: Draft) -> list[str] | None:
    """Return the arguments of `cn-new` that make the same cn.yaml; None when flags cannot say it."""
    given = {key: getattr(draft, key) for key in ("description", "owner", "registry", "ci")}
    environments = list(map(environment_flag, draft.environments))
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
