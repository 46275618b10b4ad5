"""The model of cn.yaml: frozen, typed, documented. Its JSON schema comes from here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from pydantic import Field

from ..documents import SCHEMA_VERSION
from .cluster_fields import (
    AnnotationKey,
    AnyNamespace,
    Class,
    Domain,
    KubeContext,
    Namespace,
    PullSecret,
    Sources,
    State,
)
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
from .scaling import Model, Override, Resources, Scale

# Fields of the format that this version does not act on yet: refused, so that nothing is silently ignored.
PLANNED: dict[str, frozenset[str]] = {
    "Environment": frozenset({"approvers"}),
    "Service": frozenset({"cache", "kind", "publishes", "secrets", "slo", "subscribes"}),
}


# The runtime of a service that brings a Dockerfile of its own.
OWN_DOCKERFILE = "dockerfile"
# Fields of a service whose image is its own; for a template's runtime the service contract says them.
OWN_FIELDS = ("port", "ready", "user", "tmpfs", "command")
# Its gateways that speak TLS, to a domain.
TLS_GATEWAYS = ("ingress", "gateway-api")


class Service(Model):
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
        description="Public path at the gateway, with all paths below it, except those of a longer route; "
        "without it the service is internal.",
    )
    strip: bool = Field(
        default=True,
        description="Whether the gateway takes the route off the path of a request; with `false` the service "
        "gets the whole path.",
    )
    body: Body | None = Field(
        default=None,
        description="Largest body of a request that the gateway and the service accept; the service gets it "
        "in bytes as `MAX_BODY_BYTES`. Without it 10 MB at the gateway, and 1Mi at a service of a runtime.",
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
    egress: Egress | None = Field(
        default=None,
        description="What it may reach outside the system: `none`, which is the default, `internet`, or "
        "networks, each with a port. Kubernetes enforces it; on Docker every service reaches the internet.",
        examples=[["203.0.113.0/24:443"]],
    )
    config: dict[Variable, Value] = Field(
        default={},
        description="Plain environment variables; never secrets.",
        examples=[{"PAGE_SIZE": "20"}],
    )
    not_secret: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="Variables of `config` that look like a secret and are none, by their names; `command` "
        "for the words of the command.",
        examples=[["API_KEY_STYLE"]],
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


class Environment(Model):
    """One place where the system runs: one Pulumi stack."""

    target: str = Field(description="What it runs on: one Docker engine, or a Kubernetes cluster.")
    diagnostics: bool = Field(
        default=False,
        description="Let /healthz, /readyz, /metrics and /peers of each route through the gateway.",
    )
    domain: Domain | None = Field(
        default=None,
        description="Host name under which people reach it. Kubernetes only, as all fields that follow.",
    )
    namespace: Namespace | None = Field(
        default=None, description="Namespace that holds it; without it `<system>-<environment>`."
    )
    kube_context: KubeContext | None = Field(
        default=None,
        description="Context of the kubeconfig that names the cluster; without it the current one.",
    )
    storage_class: Class | None = Field(
        default=None,
        description="Class of the volumes of databases; without it the cluster's default.",
    )
    gateway: Literal["loadbalancer", "ingress", "gateway-api"] | None = Field(
        default=None,
        description="How people reach the gateway: by a load balancer of its own, which speaks HTTP and is "
        "the default, or by TLS, to `domain`, through an Ingress or an HTTPRoute.",
        examples=["ingress"],
    )
    database: Literal["in-cluster", "external"] | None = Field(
        default=None,
        description="Where its databases are: in the cluster, which is the default, or elsewhere, at "
        "addresses that the stack's configuration tells.",
        examples=["external"],
    )
    state: State | None = Field(
        default=None,
        description="Where Pulumi keeps the state of its stack: the address of a backend that a team shares, "
        "or `local` for a folder of this machine. Without it nothing is deployed.",
    )
    protected: bool | None = Field(
        default=None,
        description="Whether only `make down`, which asks for its name, takes it down: `true` unless it says "
        "`false`.",
        examples=[False],
    )
    pull_secret: PullSecret | None = Field(
        default=None,
        description="Secret of the namespace that opens the registry, where others make and renew it; it "
        "stands in place of the stack's `cn:pull_config`.",
    )
    metrics_from: tuple[AnyNamespace, ...] | None = Field(
        default=None,
        strict=False,
        description="Namespaces whose pods may reach the port of every service, to read `/metrics`. It is "
        "the port of the API too.",
        examples=[["monitoring"]],
    )
    annotations: dict[AnnotationKey, Value] | None = Field(
        default=None,
        description="Annotations of the load balancer's Service, of the Ingress or of the Gateway, for what "
        "makes them.",
        examples=[{"networking.gke.io/load-balancer-type": "Internal"}],
    )
    sources: Sources | None = Field(
        default=None,
        strict=False,
        description="Networks from which people may come to the load balancer; without it, all.",
        examples=[["203.0.113.0/24"]],
    )
    client_address: bool | None = Field(
        default=None,
        description="Whether the gateway learns the addresses of its clients from the load balancer, which "
        "then sends requests only to nodes that have a gateway.",
    )


class Spec(Model):
    """A cloud-native system: its services, who calls whom, and where it runs."""

    spec: Version = Field(default=1, description="Version of this format.")
    name: Name = Field(description="Name of the system, and of its folder, images and stacks.")
    description: Line = Field(default="", description="One line on what the system does.")
    owner: Owner | None = Field(default=None, description="Who answers for it, as CODEOWNERS writes it.")
    registry: Registry | None = Field(
        default=None,
        description="First part of the images' names: where they are pushed, and where a cluster finds them.",
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
        examples=[{"site": {"image": "caddy:2"}}],
    )


# What editors accept beside fields: the keys of the user, and merge keys.
_BESIDE = {
    "^x-": {"description": "Yours: kept in the file and not read."},
    "^<<$": {"description": "A merge key: the fields of another mapping, or of several."},
}


def schema(targets: Iterable[str] = ()) -> dict[str, Any]:
    """Return the JSON schema of cn.yaml (draft 2020-12), for any target or for those that are known."""
    document = {key: value for key, value in Spec.model_json_schema().items() if key != "title"}
    for model in (document, *document["$defs"].values()):
        model["patternProperties"] = _BESIDE
        for entry in model["properties"].values():
            if isinstance(entry.get("additionalProperties"), dict):
                entry["patternProperties"] = {"^<<$": _BESIDE["^<<$"]}
    if known := sorted(targets):
        document["$defs"]["Environment"]["properties"]["target"]["enum"] = known
    return {
        "$schema": SCHEMA_VERSION,
        "title": "cn.yaml",
        **document,
    }
