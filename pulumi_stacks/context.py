"""Spec to Context: every default filled in, every derived value computed. Templates and plans see only this.

The context is an interface with a version of its own. Its fields are the answers of the Copier template, so
that `cn context` and a plain `copier copy` render the same files. Absent texts are empty strings.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from . import networks
from . import spec as model
from .gateway import Route, caddyfile, seats

FIRST_GATEWAY_PORT = 8080
# Below those of the environments, so that compose runs beside their stacks.
LOCAL_GATEWAY_PORT = 8000
# What compose runs when no environment has the target docker.
_LOCAL = "local"
_ENGINE: str = "docker"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Scale(_Model):
    """How many replicas run."""

    min: int = Field(description="Replicas that always run.")


class Resources(_Model):
    """Limits of one replica, as canonical Kubernetes quantities."""

    cpu: str = Field(description="CPU: whole cores or thousandths (2, 500m).")
    memory: str = Field(description="Memory in the largest binary unit that divides it (256Mi).")


class Call(_Model):
    """A declared, synchronous edge to another service."""

    service: str = Field(description="Name of the called service.")
    variable: str = Field(description="Environment variable that holds its address.")
    url: str = Field(description="Its address inside the system.")


class ServiceEnvironment(_Model):
    """What a service is in one environment, overrides applied."""

    name: str = Field(description="Name of the environment.")
    scale: Scale = Field(description="Replicas in this environment.")
    resources: Resources = Field(description="Limits in this environment.")


class Service(_Model):
    """One service, resolved."""

    name: str = Field(description="Name, and folder below services/.")
    id: str = Field(description="Stable identity behind volumes and resource names.")
    runtime: str = Field(
        description="Runtime of the template, `dockerfile` for an own Dockerfile, or empty for a ready image."
    )
    own: bool = Field(description="Whether the image is its own, and need not keep the service contract.")
    folder: str = Field(description="Folder that its image is built from, or empty for a ready image.")
    image: str = Field(description="Image name without tag; of a ready image the whole reference.")
    port: int = Field(description="Port that the container listens on.")
    ready: str = Field(description="Path that answers 200 when it may have requests, or `none`.")
    user: str = Field(description="Numbers of the user and the group that it runs as (10001:10001).")
    tmpfs: tuple[str, ...] = Field(description="Folders that it may write to, sorted.")
    command: tuple[str, ...] = Field(description="Words that replace the image's command, or none.")
    migrates: bool = Field(description="Whether its image has the command `migrate` for its database.")
    route: str = Field(description="Public path at the gateway, or empty.")
    database: str = Field(description="Engine of its own database, or empty.")
    calls: tuple[Call, ...] = Field(description="Services that it calls, in the order of the spec.")
    callers: tuple[str, ...] = Field(description="Names of the services that call it.")
    config: dict[str, str] = Field(description="Plain variables from the spec.")
    variables: dict[str, str] = Field(description="All plain variables of the container.")
    scale: Scale = Field(description="Replicas where no environment says otherwise.")
    resources: Resources = Field(description="Limits where no environment says otherwise.")
    environments: tuple[ServiceEnvironment, ...] = Field(description="One entry per environment, in order.")
    local: ServiceEnvironment = Field(description="What it is in the environment that compose runs.")

    def within(self, environment: str) -> ServiceEnvironment:
        """Return what this service is in an environment; KeyError when there is none of that name."""
        for entry in self.environments:
            if entry.name == environment:
                return entry
        raise KeyError(environment)


class Environment(_Model):
    """One environment, resolved."""

    name: str = Field(description="Name, and name of its Pulumi stack.")
    target: str = Field(description="Target that it runs on.")
    diagnostics: bool = Field(description="Whether the gateway lets diagnostic endpoints through.")
    port: int = Field(description="Port of the gateway on 127.0.0.1, unless the stack's config names one.")
    gateway: str = Field(description="Whole configuration of the gateway (a Caddyfile).")


class Network(_Model):
    """A network of the system as compose makes it."""

    key: str = Field(description="Its name without the project's prefix.")
    internal: bool = Field(description="Whether it has no way to the world outside.")
    subnet: str = Field(description="Its addresses.")


class Local(_Model):
    """What compose runs: the first environment with the target docker, or a built-in one."""

    name: str = Field(description="Name of that environment, or `local`.")
    diagnostics: bool = Field(description="Whether the gateway lets diagnostic endpoints through.")
    port: int = Field(description="Port of the gateway on 127.0.0.1, unless GATEWAY_PORT names another.")
    gateway: str = Field(description="Whole configuration of the gateway (a Caddyfile).")
    networks: tuple[Network, ...] = Field(description="All networks, sorted by key.")


class Context(_Model):
    """Everything that templates and deployment plans may know of a system."""

    context: Literal[1] = Field(default=1, description="Version of this interface.")
    name: str = Field(description="Name of the system.")
    description: str = Field(description="One line on what it does, or empty.")
    owner: str = Field(description="Owner as CODEOWNERS writes it, or empty.")
    registry: str = Field(description="Prefix of image names, or empty.")
    ci: Literal["github", "gitlab", "none"] = Field(description="Where pipelines run.")
    targets: tuple[str, ...] = Field(description="Targets in use, sorted.")
    environments: tuple[Environment, ...] = Field(description="Environments in the order of the spec.")
    local: Local = Field(description="What compose runs.")
    services: tuple[Service, ...] = Field(description="Services in the order of the spec.")

    def answers(self) -> dict[str, Any]:
        """Return the context as plain dicts, lists and scalars: the answers of the template."""
        return self.model_dump(mode="json")


def schema() -> dict[str, Any]:
    """Return the JSON schema of the context (draft 2020-12)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Context.model_json_schema(mode="serialization"),
    }


def resolve(spec: model.Spec) -> Context:
    """Fill in and derive everything that a spec implies."""
    callers: dict[str, list[str]] = {name: [] for name in spec.services}
    for name, service in spec.services.items():
        for callee in service.calls:
            callers[callee].append(name)
    services = tuple(_service(spec, name, tuple(callers[name])) for name in spec.services)
    return Context(
        name=spec.name,
        description=spec.description,
        owner=spec.owner or "",
        registry=spec.registry or "",
        ci=spec.ci,
        targets=tuple(sorted({environment.target for environment in spec.environments.values()})),
        environments=tuple(
            Environment(
                name=name,
                target=environment.target,
                diagnostics=environment.diagnostics,
                port=FIRST_GATEWAY_PORT + index,
                gateway=caddyfile(
                    _routes([(service, service.within(name)) for service in services]),
                    environment.diagnostics,
                ),
            )
            for index, (name, environment) in enumerate(spec.environments.items())
        ),
        local=_local(spec, services),
        services=services,
    )


def _local_environment(spec: model.Spec) -> tuple[str, model.Environment]:
    """Return the environment that compose runs, and its name."""
    docker = (entry for entry in spec.environments.items() if entry[1].target == _ENGINE)
    return next(docker, (_LOCAL, model.Environment(target="docker")))


def _local(spec: model.Spec, services: tuple[Service, ...]) -> Local:
    name, environment = _local_environment(spec)
    inside = _networks(services)
    # No environment has an empty name, so no stack has these addresses.
    subnets = networks.assign(networks.block(None, spec.name, "", len(inside)), inside)
    return Local(
        name=name,
        diagnostics=environment.diagnostics,
        port=LOCAL_GATEWAY_PORT,
        gateway=caddyfile(
            _routes([(service, service.local) for service in services]), environment.diagnostics
        ),
        networks=tuple(
            Network(key=key, internal=internal, subnet=subnets[key])
            for key, internal in sorted(inside.items())
        ),
    )


def _networks(services: tuple[Service, ...]) -> dict[str, bool]:
    """Return the networks that a system needs, and whether each is internal."""
    found = {networks.GATEWAY: False}
    ids = {service.name: service.id for service in services}
    for service in services:
        found[networks.home(service.id)] = False
        if service.database:
            found[networks.database(service.id)] = True
        if service.route:
            found[networks.route(service.id)] = True
        found |= {networks.call(service.id, ids[callee.service]): True for callee in service.calls}
    return found


def _routes(services: Iterable[tuple[Service, ServiceEnvironment]]) -> list[Route]:
    return [
        Route(
            path=service.route,
            service=service.id,
            upstreams=tuple(
                f"{seat}:{service.port}"
                for replica in range(1, within.scale.min + 1)
                for seat in seats(service.id, replica)
            ),
            ready=service.ready,
        )
        for service, within in services
        if service.route
    ]


def _service(spec: model.Spec, name: str, callers: tuple[str, ...]) -> Service:
    service = spec.services[name]
    calls = tuple(
        Call(service=callee, variable=_variable(callee), url=f"http://{callee}:{spec.services[callee].port}")
        for callee in service.calls
    )
    built = "/".join(filter(None, (spec.registry, f"{spec.name}-{name}")))
    own = service.runtime in {None, model.OWN_DOCKERFILE}
    return Service(
        name=name,
        id=service.id or name,
        runtime=service.runtime or "",
        own=own,
        folder="" if service.image else f"services/{name}",
        image=service.image or built,
        port=service.port,
        ready=service.ready,
        user=service.user if ":" in service.user else f"{service.user}:{service.user}",
        tmpfs=tuple(sorted({"/tmp", *service.tmpfs})),  # noqa: S108
        command=service.command,
        migrates=bool(service.database) and not own,
        route=service.route or "",
        database=service.database or "",
        calls=calls,
        callers=callers,
        config=service.config,
        variables={
            "PORT": str(service.port),
            "SERVICE_NAME": name,
            **{call.variable: call.url for call in calls},
            **service.config,
        },
        scale=Scale(min=service.scale.min),
        resources=Resources(cpu=service.resources.cpu, memory=service.resources.memory),
        environments=tuple(_within(service, environment) for environment in spec.environments),
        local=_within(service, _local_environment(spec)[0]),
    )


def _within(service: model.Service, environment: str) -> ServiceEnvironment:
    override = service.environments.get(environment, model.Override())
    return ServiceEnvironment(
        name=environment,
        scale=Scale(min=override.scale.min or service.scale.min),
        resources=Resources(
            cpu=override.resources.cpu or service.resources.cpu,
            memory=override.resources.memory or service.resources.memory,
        ),
    )


def _variable(callee: str) -> str:
    return callee.replace("-", "_").upper() + "_URL"
