"""The model of cn.yaml: frozen, typed, documented. Its JSON schema comes from here."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from . import text

# Fields of the format that this version does not act on yet: refused, so that nothing is silently ignored.
PLANNED: dict[str, frozenset[str]] = {
    "Environment": frozenset({"approvers", "domain"}),
    "Service": frozenset({"cache", "kind", "publishes", "secrets", "slo", "subscribes"}),
    "Scale": frozenset({"cpu", "max"}),
    "ScaleOverride": frozenset({"cpu", "max"}),
}


# The runtime of a service that brings a Dockerfile of its own.
OWN_DOCKERFILE = "dockerfile"
# Fields of a service whose image is its own; for a template's runtime the service contract says them.
OWN_FIELDS = ("port", "ready", "user", "tmpfs", "command")

_LONGEST_WORD = 200


def _refuse(message: str | None) -> None:
    if message is not None:
        raise PydanticCustomError("cn", "{message}", {"message": message})


def _unless(fault: Callable[[str], str | None]) -> AfterValidator:
    """Return a validator that refuses a text for the reason that `fault` gives."""

    def check(value: str) -> str:
        _refuse(fault(value))
        return value

    return AfterValidator(check)


def _match(pattern: str, wanted: str) -> AfterValidator:
    """Return a validator that refuses a text that does not match `pattern` as a whole, or is too long."""

    def fault(value: str) -> str | None:
        if len(value) > _LONGEST_WORD:
            return f"{text.show(value)} is {len(value)} characters long (at most {_LONGEST_WORD})"
        return None if re.match(pattern + r"\Z", value) else f"{text.show(value)} is not {wanted}"

    return _unless(fault)


def _between(low: int, high: int) -> AfterValidator:
    """Return a validator that refuses a number outside of a range."""

    def check(value: int) -> int:
        _refuse(None if low <= value <= high else f"{value} is not between {low} and {high}")
        return value

    return AfterValidator(check)


def _described(pattern: str, *kinds: str) -> WithJsonSchema:
    return WithJsonSchema({"type": list(kinds) or "string", "pattern": pattern})


def _version(value: object) -> object:
    _refuse(None if type(value) is int else f"{text.show(value)} is not the version of a format (write 1)")
    return value


def _quantity(value: object) -> object:
    """Take a bare number for a quantity, as Kubernetes does."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _cpu(value: str) -> str:
    try:
        millis = text.cpu_millis(value)
    except ValueError:
        _refuse(f"{text.show(value)} is not an amount of CPU (such as 500m, 0.5 or 2)")
    else:
        _refuse(None if 10 <= millis <= 64_000 else f"{text.show(value)} is not between 10m and 64")
    return text.canonical_cpu(value)


def _memory(value: str) -> str:
    try:
        count = text.memory_bytes(value)
    except ValueError:
        _refuse(f"{text.show(value)} is not an amount of memory (such as 256Mi or 1Gi)")
    else:
        low, high = text.memory_bytes("32Mi"), text.memory_bytes("256Gi")
        _refuse(None if low <= count <= high else f"{text.show(value)} is not between 32Mi and 256Gi")
    return text.canonical_memory(value)


def _user(value: object) -> object:
    """Take a bare number for a user, as YAML reads one."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _unprivileged(value: str) -> str | None:
    if not re.match(text.USER_PATTERN + r"\Z", value):
        return f"{text.show(value)} is not the number of a user (such as 10001 or 10001:10001, never root)"
    return None


def _ready(value: str) -> str | None:
    if len(value) <= _LONGEST_WORD and re.match(text.READY_PATTERN + r"\Z", value):
        return None
    return f"{text.show(value)} is not a path that starts with / (such as /readyz), nor none"


def _folder(value: str) -> str | None:
    if len(value) > _LONGEST_WORD or not re.match(text.FOLDER_PATTERN + r"\Z", value):
        return f"{text.show(value)} is not the absolute path of a folder (such as /tmp or /var/cache/nginx)"
    return None


def _variable(name: str) -> str | None:
    if not re.match(text.VARIABLE_PATTERN + r"\Z", name) or len(name) > 100:
        return f"{text.show(name)} is not the name of a variable (A-Z, 0-9 and _, starting with a letter)"
    if name in text.RESERVED_VARIABLES:
        return f"{name} is set by the platform; choose another name"
    return None


Name = Annotated[str, _unless(text.name_fault), _described(text.NAME_PATTERN)]
Route = Annotated[
    str,
    _match(text.ROUTE_PATTERN, "a path of a-z, 0-9, -, ., _ and ~ that starts with / (such as /orders)"),
    _described(text.ROUTE_PATTERN),
]
Owner = Annotated[
    str,
    _match(text.OWNER_PATTERN, "an owner (@user, @organisation/team or an e-mail address)"),
    _described(text.OWNER_PATTERN),
]
Registry = Annotated[
    str,
    _match(text.REGISTRY_PATTERN, "a registry (such as ghcr.io/acme or 127.0.0.1:5000)"),
    _described(text.REGISTRY_PATTERN),
]
Variable = Annotated[str, _unless(_variable), _described(text.VARIABLE_PATTERN)]
Line = Annotated[str, _unless(lambda value: text.text_fault(value, 300))]
Value = Annotated[str, _unless(lambda value: text.text_fault(value, text.LONGEST_VALUE))]
Cpu = Annotated[
    str, BeforeValidator(_quantity), AfterValidator(_cpu), _described(text.CPU_PATTERN, "string", "number")
]
Memory = Annotated[
    str,
    BeforeValidator(_quantity),
    AfterValidator(_memory),
    _described(text.MEMORY_PATTERN, "string", "integer"),
]
Replicas = Annotated[int, _between(1, 100), WithJsonSchema({"type": "integer", "minimum": 1, "maximum": 100})]
Reference = Annotated[
    str,
    _match(text.REFERENCE_PATTERN, "an image (such as caddy:2 or ghcr.io/acme/web:1.4)"),
    _described(text.REFERENCE_PATTERN),
]
Port = Annotated[int, _between(1, 65535), WithJsonSchema({"type": "integer", "minimum": 1, "maximum": 65535})]
Ready = Annotated[str, _unless(_ready), _described(text.READY_PATTERN)]
User = Annotated[
    str, BeforeValidator(_user), _unless(_unprivileged), _described(text.USER_PATTERN, "string", "integer")
]
Folder = Annotated[str, _unless(_folder), _described(text.FOLDER_PATTERN)]
Word = Annotated[str, _unless(lambda value: text.text_fault(value, text.LONGEST_VALUE))]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Scale(_Model):
    """How many replicas a service has."""

    min: Replicas = Field(default=1, description="Replicas that always run.")


class ScaleOverride(_Model):
    """What one environment changes of a service's scale."""

    min: Replicas | None = Field(default=None, description="Replicas that always run here.")


class Resources(_Model):
    """What one replica may use at most."""

    cpu: Cpu = Field(default="500m", description="CPU as a Kubernetes quantity: 500m is half a core.")
    memory: Memory = Field(default="256Mi", description="Memory as a Kubernetes quantity.")


class ResourcesOverride(_Model):
    """What one environment changes of a service's resources."""

    cpu: Cpu | None = Field(default=None, description="CPU here.")
    memory: Memory | None = Field(default=None, description="Memory here.")


class Override(_Model):
    """What one environment changes of a service."""

    scale: ScaleOverride = Field(default=ScaleOverride(), description="Scale in this environment.")
    resources: ResourcesOverride = Field(
        default=ResourcesOverride(), description="Resources in this environment."
    )


class Service(_Model):
    """One image, built from one folder or taken ready, with its own database.

    The fields `port` to `command` say how an image of your own differs from the service contract: they stand
    beside `image` or `runtime: dockerfile` only.
    """

    runtime: str | None = Field(
        default=None,
        description="Language and framework: one of the template's runtimes, or `dockerfile` for an image "
        "built from a Dockerfile of your own in `services/<name>/`.",
    )
    image: Reference | None = Field(
        default=None, description="A ready image, taken instead of built; then there is no runtime."
    )
    port: Port = Field(default=8080, description="Port that the image listens on; it is told as `PORT` too.")
    ready: Ready = Field(
        default="/readyz",
        description="Path that answers 200 once the image may have requests; `none` when it has no such "
        "path: then it counts as started once it has run for 5 seconds.",
    )
    user: User = Field(
        default="10001:10001",
        description="Number of the user, and of the group, that it runs as; never root.",
    )
    tmpfs: tuple[Folder, ...] = Field(
        default=(),
        strict=False,
        description="Folders that it may write to, beside /tmp; they are empty at every start.",
    )
    command: tuple[Word, ...] = Field(
        default=(), strict=False, description="Words that replace the image's command; its entry point stays."
    )
    route: Route | None = Field(
        default=None, description="Public path at the gateway; without it the service is internal."
    )
    database: Literal["postgres"] | None = Field(default=None, description="The service's own database.")
    calls: tuple[str, ...] = Field(
        default=(), strict=False, description="Services that this one calls; no other can be reached."
    )
    scale: Scale = Field(default=Scale(), description="How many replicas run.")
    resources: Resources = Field(default=Resources(), description="Limits of one replica.")
    config: dict[Variable, Value] = Field(
        default={}, description="Plain environment variables; never secrets."
    )
    id: Name | None = Field(
        default=None, description="Stable identity behind volumes and resource names; default: the name."
    )
    environments: dict[str, Override] = Field(
        default={}, description="What single environments change, by the environment's name."
    )


class Environment(_Model):
    """One place where the system runs: one Pulumi stack."""

    target: Literal["docker"] = Field(description="What it runs on.")
    diagnostics: bool = Field(
        default=False,
        description="Let /healthz, /readyz, /metrics and /peers of each route through the gateway.",
    )


class Spec(_Model):
    """A cloud-native system: its services, who calls whom, and where it runs."""

    spec: Annotated[Literal[1], BeforeValidator(_version)] = Field(
        default=1, description="Version of this format."
    )
    name: Name = Field(description="Name of the system.")
    description: Line = Field(default="", description="One line on what the system does.")
    owner: Owner | None = Field(default=None, description="Who answers for it, as CODEOWNERS writes it.")
    registry: Registry | None = Field(
        default=None, description="First part of the images' names: where they will be pushed."
    )
    ci: Literal["github", "gitlab", "none"] = Field(default="none", description="Where pipelines run.")
    environments: dict[Name, Environment] = Field(
        default={"dev": Environment(target="docker")}, min_length=1, description="Where the system runs."
    )
    services: dict[Name, Service] = Field(min_length=1, description="The system's services.")


def schema() -> dict[str, Any]:
    """Return the JSON schema of cn.yaml (draft 2020-12)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "cn.yaml",
        **{key: value for key, value in Spec.model_json_schema().items() if key != "title"},
    }
