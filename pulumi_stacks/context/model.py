"""The context's shape: everything that templates and deployment plans may know of a system.

The context is an interface with a version of its own. Its fields are the answers of the Copier template, so
that `cn context` and a plain `copier copy` render the same files. Absent texts are empty strings.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from ..documents import Document
from .call_cycles import warnings


class Scale(Document):
    """How many replicas run."""

    min: int = Field(description="Minimum number of replicas.")
    max: int = Field(description="Maximum number of replicas, where the target scales.")
    cpu: int = Field(description="CPU use of a replica, in percent, above which more are started.")


class Resources(Document):
    """Limits of one replica, as canonical Kubernetes quantities."""

    cpu: str = Field(description="CPU: whole cores or thousandths (2, 500m).")
    memory: str = Field(description="Memory in the largest binary unit that divides it (256Mi).")


class Call(Document):
    """A declared, synchronous edge to another service."""

    service: str = Field(description="Name of the called service.")
    variable: str = Field(description="Environment variable that holds its address.")
    url: str = Field(description="Its address inside the system.")


class ServiceEnvironment(Document):
    """A service in one environment, overrides applied."""

    name: str = Field(description="Name of the environment.")
    scale: Scale = Field(description="Replicas in this environment.")
    resources: Resources = Field(description="Limits in this environment.")
    egress: tuple[str, ...] = Field(description="Egress: empty, `internet`, or networks with a port.")


class Service(Document):
    """One service, resolved."""

    name: str = Field(description="Name, and folder below services/.")
    id: str = Field(description="Stable identity behind volumes and resource names.")
    runtime: str = Field(
        description="Runtime of the template, `dockerfile` for an own Dockerfile, or empty for a ready image."
    )
    own: bool = Field(description="Whether it has a custom image, which need not keep the service contract.")
    folder: str = Field(description="Folder that its image is built from, or empty for a ready image.")
    image: str = Field(description="Image name without tag; of a ready image the whole reference.")
    port: int = Field(description="Port that the container listens on.")
    ready: str = Field(description="Path that answers 200 when the service is ready, or `none`.")
    user: str = Field(description="Numbers of the user and the group that it runs as (10001:10001).")
    tmpfs: tuple[str, ...] = Field(description="Folders that it may write to, sorted.")
    command: tuple[str, ...] = Field(description="Replaces the image's command, or empty.")
    migrates: bool = Field(description="Whether its image has the command `migrate` for its database.")
    route: str = Field(description="Public path at the gateway, or empty.")
    strip: bool = Field(description="Whether the gateway strips the route from the paths of requests.")
    body: str = Field(description="Largest body of a request (50Mi), or empty for the usual limits.")
    database: str = Field(description="Engine of its own database, or empty.")
    calls: tuple[Call, ...] = Field(description="Services that it calls, in the order of the spec.")
    callers: tuple[str, ...] = Field(description="Names of the services that call it.")
    config: dict[str, str] = Field(description="Plain variables from the spec.")
    not_secret: tuple[str, ...] = Field(
        description="Variables that look like a secret but are not, and `command` if one of its words does."
    )
    variables: dict[str, str] = Field(description="All plain variables of the container.")
    scale: Scale = Field(description="Replicas unless an environment overrides them.")
    resources: Resources = Field(description="Limits unless an environment overrides them.")
    egress: tuple[str, ...] = Field(description="Egress unless an environment overrides it.")
    environments: tuple[ServiceEnvironment, ...] = Field(description="One entry per environment, in order.")
    local: ServiceEnvironment = Field(description="The service in the environment that compose runs.")

    def within(self, environment: str) -> ServiceEnvironment:
        """Return what this service is in an environment; KeyError when there is none of that name."""
        for entry in self.environments:
            if entry.name == environment:
                return entry
        raise KeyError(environment)


class Settings(Document):
    """What an environment sets for its target, by the names of cn.yaml, defaults filled in.

    A text is empty where the target has no such field, or chooses by itself.
    """

    namespace: str = Field(default="", description="Namespace that holds all of it.")
    kube_context: str = Field(default="", description="Context of the kubeconfig; empty: the current one.")
    storage_class: str = Field(default="", description="Class of the databases' volumes; empty: the default.")
    gateway: Literal["", "loadbalancer", "ingress", "gateway-api"] = Field(
        default="", description="How clients reach the gateway."
    )
    domain: str = Field(default="", description="Host name of the gateway.")
    database: Literal["", "in-cluster", "external"] = Field(
        default="", description="Where its databases are."
    )
    state: str = Field(
        default="", description="Backend that keeps the stack's state, `local`, or empty if not chosen."
    )
    protected: bool = Field(default=True, description="Whether `make down` asks for the environment's name.")
    pull_secret: str = Field(default="", description="Existing Secret with the login of the registry.")
    metrics_from: tuple[str, ...] = Field(
        default=(), description="Namespaces whose pods may reach the port of every service, sorted."
    )
    annotations: dict[str, str] = Field(
        default={}, description="Annotations of the load balancer's Service, the Ingress or the Gateway."
    )
    sources: tuple[str, ...] = Field(
        default=(), description="Networks whose clients may reach the load balancer; none: all."
    )
    client_address: bool = Field(
        default=False, description="Whether the load balancer keeps the addresses of clients."
    )

    @property
    def external(self) -> bool:
        """Whether databases are outside the system, at addresses of the stack's configuration."""
        return self.database == "external"


def local_url(port: int) -> str:
    """Return the address of a gateway that is published on this machine."""
    return f"http://127.0.0.1:{port}"


class Environment(Document):
    """One environment, resolved."""

    name: str = Field(description="Name, and name of its Pulumi stack.")
    target: str = Field(description="Target that it runs on.")
    diagnostics: bool = Field(description="Whether diagnostic endpoints are public at the gateway.")
    port: int = Field(
        description="Port of the gateway on 127.0.0.1, unless the stack's config names one; 0: none there."
    )
    url: str = Field(description="Address of the gateway, or empty where only the target knows it.")
    gateway: str = Field(description="Whole configuration of the gateway (a Caddyfile).")
    scales: bool = Field(description="Whether the target starts more replicas under load.")
    pulls: bool = Field(description="Whether the target pulls the images of services from the registry.")
    location: tuple[str, ...] = Field(description="Where on its target it runs, in words.")
    required: dict[str, str] = Field(
        description="Fields that a deployment requires and that are not set, each with what to choose from."
    )
    settings: Settings = Field(description="What it sets for its target.")


class Network(Document):
    """A network of the system as compose creates it."""

    key: str = Field(description="Its name without the project's prefix.")
    internal: bool = Field(description="Whether it has no connection to the outside.")
    subnet: str = Field(description="Its addresses.")


class Local(Document):
    """What compose runs: the first environment on this machine, or a built-in one."""

    name: str = Field(description="Name of that environment, or `local`.")
    diagnostics: bool = Field(description="Whether diagnostic endpoints are public at the gateway.")
    port: int = Field(description="Port of the gateway on 127.0.0.1, unless GATEWAY_PORT sets another.")
    gateway: str = Field(description="Whole configuration of the gateway (a Caddyfile).")
    block: str = Field(
        description="Prefix of all subnets, such as `10.64`, unless NETWORK_BLOCK sets another."
    )
    networks: tuple[Network, ...] = Field(description="All networks, sorted by key.")


class Context(Document):
    """The whole system, as templates and deployment plans see it."""

    context: Literal[1] = Field(default=1, description="Version of this interface.")
    name: str = Field(description="Name of the system.")
    description: str = Field(description="One line of description, or empty.")
    owner: str = Field(description="Owner as CODEOWNERS writes it, or empty.")
    registry: str = Field(description="Prefix of image names, or empty.")
    ci: Literal["github", "gitlab", "none"] = Field(description="CI system.")
    targets: tuple[str, ...] = Field(description="Targets in use, sorted.")
    environments: tuple[Environment, ...] = Field(description="Environments in the order of the spec.")
    local: Local = Field(description="What compose runs.")
    services: tuple[Service, ...] = Field(description="Services in the order of the spec.")

    def cycles(self) -> tuple[str, ...]:
        """Return a warning for each cycle of calls."""
        return warnings({one.name: [call.service for call in one.calls] for one in self.services})

    def answers(self) -> dict[str, Any]:
        """Return the context as plain dicts, lists and scalars: the answers of the template."""
        return self.model_dump(mode="json")


def schema() -> dict[str, Any]:
    """Return the JSON schema of the context (draft 2020-12)."""
    return Context.schema_of_output()
