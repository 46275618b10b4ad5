"""The values of --service and --env to drafts and back, and the command line of a draft. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from generator.errors import CommandError
from pulumi_stacks import targets
from pulumi_stacks.spec.model import DEFAULT_TARGET

from .draft import Draft, EnvironmentDraft, ServiceDraft, to_document
from .spec_writer import write

T = TypeVar("T")

SETTINGS = ("calls", "database", "image", "port", "ready", "replicas", "route")
FORM = "NAME:RUNTIME[,database=postgres][,route=/x][,calls=a+b][,replicas=2-6]"
ENVIRONMENT_FORM = "NAME=TARGET[,gateway=ingress][,domain=HOST][,state=URL]"
NOT_A_RANGE = "is not a number or a range (use 2 or 2-6)"
# A field that is a mapping has no form as a flag.
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
    """A flag with an invalid value; the message names the flag, the fault and the valid form."""


def draft(name: str, arguments: Mapping[str, Any]) -> Draft:
    """Return the draft of parsed arguments; environments and services are empty if not given."""
    environments, services = parse(arguments["env"] or (), arguments["service"] or ())
    texts: dict[str, Any] = {
        field: arguments[field] or "" for field in ("description", "owner", "registry", "ci")
    }
    return replace(Draft(name, environments=environments, services=services), **texts)


def example(runtimes: Iterable[str]) -> str:
    """Return the value of --service that --defaults stands for: a service of the first runtime."""
    return f"api:{next(iter(runtimes))},database=postgres,route=/api"


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
            f"{flag} {name}: duplicate name; use each name once"
            for name in sorted(set(names))
            if names.count(name) > 1
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
    """Parse one --service: a runtime or a prebuilt image, then settings; DraftError if invalid."""
    flag = f"--service {show(text)}"
    form = f"{flag}: invalid service; use {_FORMS}"
    head, *rest = text.split(",")
    name, colon, runtime = head.partition(":")
    settings = _settings(rest, SETTINGS, flag, form)
    if not name or bool(colon) != bool(runtime) or not (runtime or "image" in settings):
        raise DraftError(form)
    return ServiceDraft(name, runtime, **_read(flag, settings))


def _settings(parts: Iterable[str], known: Collection[str], flag: str, form: str) -> dict[str, str]:
    """Parse the `key=value` parts of a flag; `form` is the error for a part without a value."""
    settings: dict[str, str] = {}
    for key, _, value in (part.partition("=") for part in parts):
        if not value:
            raise DraftError(form)
        if key not in known:
            raise DraftError(f"{flag}: unknown setting {show(key)}; choose from {', '.join(known)}")
        if key in settings:
            raise DraftError(f"{flag}: duplicate setting {show(key)}")
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
        counts = parse_range(settings["replicas"])
        if counts is None:
            raise DraftError(f"{flag}: replicas={settings['replicas']} {NOT_A_RANGE}")
        found["replicas"], found["most"] = counts
    return found


def is_number(text: str) -> bool:
    """Return whether a text is a whole number of at most nine digits."""
    return text.isascii() and text.isdigit() and len(text) <= 9


def parse_range(text: str) -> tuple[int, int] | None:
    """Parse a number of replicas, `2` or `2-6`, to minimum and maximum (0: none); None if invalid."""
    low, dash, high = text.partition("-")
    low, high = low.strip(), high.strip()
    if not is_number(low) or (dash and not (is_number(high) and int(high))):
        return None
    return int(low), int(high) if dash else 0


def format_range(service: ServiceDraft) -> str:
    """Format the replicas of a service in the form that `parse_range` reads."""
    return f"{service.replicas}-{service.most}" if service.most else str(service.replicas)


def parse_environment(text: str) -> EnvironmentDraft:
    """Parse a name and a target, then settings of a cluster; DraftError if invalid."""
    flag = f"--env {show(text)}"
    form = f"{flag}: invalid environment; use {ENVIRONMENT_FORM} (such as dev={DEFAULT_TARGET})"
    head, *rest = text.split(",")
    name, _, target = head.partition("=")
    settings = _settings(rest, ENVIRONMENT_SETTINGS, flag, form)
    if not (name and target):
        raise DraftError(form)
    return EnvironmentDraft(name, target, {key: _parse_value(key, value) for key, value in settings.items()})


def _parse_value(key: str, value: str) -> str | bool | list[str]:
    """Parse a setting as YAML would; a `+` separates the values of a list."""
    if key in _LISTS:
        return value.split("+")
    return _SWITCH.get(value, value) if key in _SWITCHES else value


def _format_value(value: Any) -> str:
    """Format a setting in the form that `_parse_value` reads."""
    if isinstance(value, list):
        return "+".join(map(str, value))
    return json.dumps(value) if isinstance(value, bool) else str(value)


def environment_flag(environment: EnvironmentDraft) -> str:
    """Return the value of --env for an environment; parsing it gives the environment back."""
    kept = {key: environment.kept[key] for key in ENVIRONMENT_SETTINGS if key in environment.kept}
    settings = (f"{key}={_format_value(value)}" for key, value in kept.items())
    return ",".join([f"{environment.name}={environment.target}", *settings])


def service_flag(service: ServiceDraft) -> str:
    """Return the value of --service for a service; parsing it gives the service back."""
    usual = ServiceDraft(service.name)
    parts = [f"{service.name}:{service.runtime}" if service.runtime else service.name]
    for key in ("image", "port", "ready", "database", "route"):
        value = getattr(service, key)
        parts += [f"{key}={value}"] if value != getattr(usual, key) else []
    parts += [f"replicas={format_range(service)}"] if format_range(service) != format_range(usual) else []
    if service.calls:
        parts.append(f"calls={'+'.join(service.calls)}")
    return ",".join(parts)


def words(draft: Draft) -> list[str] | None:
    """Return the arguments of `cn-new` that give the same cn.yaml; None if flags cannot express it."""
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
    if environments != [f"dev={DEFAULT_TARGET}"]:
        settings += [word for value in environments for word in ("--env", value)]
    return [draft.name, *settings, *(word for value in services for word in ("--service", value))]


def _option(key: str, value: str) -> tuple[str, ...]:
    return (f"--{key}={value}",) if value.startswith("-") else (f"--{key}", value)


def show(value: str) -> str:
    """Quote a value from the command line for a message: escaped, at most 60 characters."""
    text = json.dumps(value)
    return text if len(text) <= 60 else text[:56] + '..."'
