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


def _described(pattern: str, wanted: str, example: str, *kinds: str) -> WithJsonSchema:
    """Return what the JSON schema says of a text; editors show `wanted` where the pattern does not match."""
    entry = {"pattern": pattern, "patternErrorMessage": wanted, "examples": [example]}
    return WithJsonSchema({"type": list(kinds) or "string", **entry})


def _text(longest: int, example: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "maxLength": longest, "examples": [example]})


def _number(low: int, high: int, example: int) -> WithJsonSchema:
    return WithJsonSchema({"type": "integer", "minimum": low, "maximum": high, "examples": [example]})


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


_ROUTE = "a path of a-z, 0-9, -, ., _ and ~ that starts with / (such as /orders)"
_OWNER = "an owner (@user, @organisation/team or an e-mail address)"
_REGISTRY = "a registry (such as ghcr.io/acme or 127.0.0.1:5000)"
_IMAGE = "an image (such as caddy:2 or ghcr.io/acme/web:1.4)"

Name = Annotated[
    str,
    _unless(text.name_fault),
    _described(text.NAME_PATTERN, "1 to 40 of a-z, 0-9 and single -, starting with a letter", "shop"),
]
Route = Annotated[str, _match(text.ROUTE_PATTERN, _ROUTE), _described(text.ROUTE_PATTERN, _ROUTE, "/orders")]
Owner = Annotated[
    str, _match(text.OWNER_PATTERN, _OWNER), _described(text.OWNER_PATTERN, _OWNER, "@acme/shop")
]
Registry = Annotated[
    str,
    _match(text.REGISTRY_PATTERN, _REGISTRY),
    _described(text.REGISTRY_PATTERN, _REGISTRY, "ghcr.io/acme"),
]
Variable = Annotated[
    str,
    _unless(_variable),
    _described(text.VARIABLE_PATTERN, "A-Z, 0-9 and _, starting with a letter", "PAGE_SIZE"),
]
Line = Annotated[str, _unless(lambda value: text.text_fault(value, 300)), _text(300, "Takes orders")]
Value = Annotated[
    str,
    _unless(lambda value: text.text_fault(value, text.LONGEST_VALUE)),
    _text(text.LONGEST_VALUE, "20"),
]
Cpu = Annotated[
    str,
    BeforeValidator(_quantity),
    AfterValidator(_cpu),
    _described(text.CPU_PATTERN, "CPU from 10m to 64 (such as 500m, 0.5 or 2)", "250m", "string", "number"),
]
Memory = Annotated[
    str,
    BeforeValidator(_quantity),
    AfterValidator(_memory),
    _described(text.MEMORY_PATTERN, "memory from 32Mi to 256Gi (such as 1Gi)", "192Mi", "string", "integer"),
]
Replicas = Annotated[int, _between(1, 100), _number(1, 100, 2)]
Reference = Annotated[
    str, _match(text.REFERENCE_PATTERN, _IMAGE), _described(text.REFERENCE_PATTERN, _IMAGE, "caddy:2")
]
Port = Annotated[int, _between(1, 65535), _number(1, 65535, 80)]
Ready = Annotated[
    str, _unless(_ready), _described(text.READY_PATTERN, "a path that starts with /, or `none`", "/health")
]
User = Annotated[
    str,
    BeforeValidator(_user),
    _unless(_unprivileged),
    _described(text.USER_PATTERN, "user or user:group, as numbers above 0", "1000:1000", "string", "integer"),
]
Folder = Annotated[
    str, _unless(_folder), _described(text.FOLDER_PATTERN, "the absolute path of a folder", "/var/cache")
]
Word = Annotated[
    str,
    _unless(lambda value: text.text_fault(value, text.LONGEST_VALUE)),
    _text(text.LONGEST_VALUE, "--verbose"),
]


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

    scale: ScaleOverride = Field(
        default=ScaleOverride(), description="Scale in this environment.", examples=[{"min": 1}]
    )
    resources: ResourcesOverride = Field(
        default=ResourcesOverride(),
        description="Resources in this environment.",
        examples=[{"memory": "1Gi"}],
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
        examples=[["/var/cache/nginx"]],
    )
    command: tuple[Word, ...] = Field(
        default=(),
        strict=False,
        description="Words that replace the image's command; its entry point stays.",
        examples=[["serve", "--verbose"]],
    )
    route: Route | None = Field(
        default=None,
        description="Public path at the gateway, which strips it; without it the service is internal.",
    )
    database: Literal["postgres"] | None = Field(
        default=None,
        description="A database of its own, which no other service reaches; its address is `DATABASE_URL`.",
    )
    calls: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="Services that this one calls; it reaches no other. The address of each stands in its "
        "environment, `billing` as `BILLING_URL`.",
        examples=[["billing"]],
    )
    scale: Scale = Field(default=Scale(), description="How many replicas run.", examples=[{"min": 2}])
    resources: Resources = Field(
        default=Resources(),
        description="Limits of one replica.",
        examples=[{"cpu": "250m", "memory": "192Mi"}],
    )
    config: dict[Variable, Value] = Field(
        default={},
        description="Plain environment variables; never secrets.",
        examples=[{"PAGE_SIZE": "20"}],
    )
    id: Name | None = Field(
        default=None,
        description="Stable identity behind volumes and resource names, for a service that was renamed; "
        "without it the name.",
    )
    environments: dict[str, Override] = Field(
        default={},
        description="What single environments change, by the environment's name.",
        examples=[{"dev": {"scale": {"min": 1}}}],
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
    name: Name = Field(description="Name of the system, and of its folder, images and stacks.")
    description: Line = Field(default="", description="One line on what the system does.")
    owner: Owner | None = Field(default=None, description="Who answers for it, as CODEOWNERS writes it.")
    registry: Registry | None = Field(
        default=None, description="First part of the images' names: where they will be pushed."
    )
    ci: Literal["github", "gitlab", "none"] = Field(default="none", description="Where pipelines run.")
    environments: dict[Name, Environment] = Field(
        default={"dev": Environment(target="docker")},
        min_length=1,
        description="Where the system runs: one Pulumi stack each.",
        examples=[{"dev": {"target": "docker"}}],
    )
    services: dict[Name, Service] = Field(
        min_length=1,
        description="The system's services, by their names.",
        examples=[{"orders": {"runtime": "python"}}],
    )


def schema() -> dict[str, Any]:
    """Return the JSON schema of cn.yaml (draft 2020-12)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "cn.yaml",
        **{key: value for key, value in Spec.model_json_schema().items() if key != "title"},
    }
