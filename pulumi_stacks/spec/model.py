"""The model of cn.yaml, and its JSON schema."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from pydantic import Field

from ..documents import SCHEMA_VERSION
from .base import Model
from .environment import Environment
from .field_types import (
    Body,
    Egress,
    Folder,
    Line,
    Name,
    Owner,
    Port,
    Ready,
    Reference,
    Registry,
    Route,
    User,
    Value,
    Variable,
    Version,
    Word,
)
from .scaling import Override, Resources, Scale

# Fields of the format that this version does not support yet: an error, so that none is silently ignored.
PLANNED: dict[str, frozenset[str]] = {
    "Environment": frozenset({"approvers"}),
    "Service": frozenset({"cache", "kind", "publishes", "secrets", "slo", "subscribes"}),
}


# The runtime of a service with a custom Dockerfile.
OWN_DOCKERFILE = "dockerfile"
# Fields of a service with a custom image; for a runtime of the template, the service contract fixes them.
OWN_FIELDS = ("port", "ready", "user", "tmpfs", "command")
# The target of a system that sets no environments.
DEFAULT_TARGET = "docker"
# The values of `gateway` with TLS, which need a domain.
TLS_GATEWAYS = ("ingress", "gateway-api")


class Service(Model):
    """One image, built from a folder or ready to pull, with its own database.

    The fields `port` to `command` describe how a custom image differs from the service contract: they are for
    `image` and `runtime: dockerfile` only.
    """

    runtime: str | None = Field(
        default=None,
        description="Language and framework: a runtime of the template, or `dockerfile` for an image built "
        "from a custom Dockerfile in `services/<name>/`.",
    )
    image: Reference | None = Field(
        default=None, description="A ready image to pull instead of building one; replaces `runtime`."
    )
    port: Port = Field(
        default=8080, description="Port that the image listens on; also set as the variable `PORT`."
    )
    ready: Ready = Field(
        default="/readyz",
        description="Path that returns 200 when the image is ready for requests; `none` if it has no such "
        "path: then it counts as ready after it has run for 5 seconds.",
    )
    user: User = Field(
        default="10001:10001",
        description="Ids of the user and the group of its process; not root.",
    )
    tmpfs: tuple[Folder, ...] = Field(
        default=(),
        strict=False,
        description="Folders that it can write to, besides /tmp; they are empty at every start.",
        examples=[["/var/cache/nginx"]],
    )
    command: tuple[Word, ...] = Field(
        default=(),
        strict=False,
        description="Arguments that replace the command of the image; its entry point stays.",
        examples=[["serve", "--verbose"]],
    )
    route: Route | None = Field(
        default=None,
        description="Public path at the gateway, with all paths below it except those of a longer route. "
        "Without it the service is internal.",
    )
    strip: bool = Field(
        default=True,
        description="Remove the route from the path of a request at the gateway; with `false` the service "
        "gets the whole path.",
    )
    body: Body | None = Field(
        default=None,
        description="Largest body of a request that the gateway and the service accept; the service gets it "
        "in bytes as `MAX_BODY_BYTES`. Default: 10 MB at the gateway, and 1Mi at a service of a runtime.",
    )
    database: Literal["postgres"] | None = Field(
        default=None,
        description="Its own database, which no other service can reach; the URL is set as `DATABASE_URL`.",
    )
    calls: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="Services that this one calls; it cannot reach any other. The URL of each is set as a "
        "variable, that of `billing` as `BILLING_URL`.",
        examples=[["billing"]],
    )
    scale: Scale = Field(default=Scale(), description="Number of replicas.", examples=[{"min": 2}])
    resources: Resources = Field(
        default=Resources(),
        description="Limits of one replica.",
        examples=[{"cpu": "250m", "memory": "192Mi"}],
    )
    egress: Egress | None = Field(
        default=None,
        description="What it can reach outside of the system: `none`, which is the default, `internet`, or "
        "networks, each with a port. Kubernetes enforces it; on Docker every service can reach the internet.",
        examples=[["203.0.113.0/24:443"]],
    )
    config: dict[Variable, Value] = Field(
        default={},
        description="Plain environment variables, no secrets.",
        examples=[{"PAGE_SIZE": "20"}],
    )
    not_secret: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="Names of variables in `config` that look like a secret but are not; `command` for the "
        "arguments in `command`.",
        examples=[["API_KEY_STYLE"]],
    )
    id: Name | None = Field(
        default=None,
        description="Stable identity for the names of volumes and resources, for a service that was renamed. "
        "Default: its name.",
    )
    environments: dict[str, Override] = Field(
        default={},
        description="Overrides by environment.",
        examples=[{"dev": {"scale": {"min": 1}}}],
    )


class Spec(Model):
    """A cloud-native system: its services, who calls whom, and where it runs."""

    spec: Version = Field(default=1, description="Version of this format.")
    name: Name = Field(description="Name of the system, its folder, images and stacks.")
    description: Line = Field(default="", description="One line on what the system does.")
    owner: Owner | None = Field(default=None, description="Owner, as in CODEOWNERS.")
    registry: Registry | None = Field(
        default=None,
        description="Prefix of image names: the registry to push to, and for a cluster to pull from.",
    )
    ci: Literal["github", "gitlab", "none"] = Field(
        default="none", description="CI system that runs the pipelines."
    )
    environments: dict[Name, Environment] = Field(
        default={"dev": Environment(target=DEFAULT_TARGET)},
        min_length=1,
        description="Where the system runs, by name: one Pulumi stack each.",
        examples=[{"dev": {"target": DEFAULT_TARGET}}],
    )
    services: dict[Name, Service] = Field(
        min_length=1,
        description="Services of the system, by name.",
        examples=[{"site": {"image": "caddy:2"}}],
    )


# The keys that editors accept besides fields: those of the user, and merge keys.
_EXTRA_KEYS = {
    "^x-": {"description": "A key of the user: cn-new ignores it."},
    "^<<$": {"description": "A YAML merge key: the fields of one or more other mappings."},
}


def schema(targets: Iterable[str] = ()) -> dict[str, Any]:
    """Return the JSON schema of cn.yaml (draft 2020-12), for any target or for those that are known."""
    document = {key: value for key, value in Spec.model_json_schema().items() if key != "title"}
    for model in (document, *document["$defs"].values()):
        model["patternProperties"] = _EXTRA_KEYS
        for entry in model["properties"].values():
            if isinstance(entry.get("additionalProperties"), dict):
                entry["patternProperties"] = {"^<<$": _EXTRA_KEYS["^<<$"]}
    if known := sorted(targets):
        document["$defs"]["Environment"]["properties"]["target"]["enum"] = known
    return {
        "$schema": SCHEMA_VERSION,
        "title": "cn.yaml",
        **document,
    }
