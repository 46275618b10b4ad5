"""Spec to Context: every default filled in, every derived value computed. Templates and plans see only this.

The context is an interface with a version of its own. Its fields are the answers of the Copier template, so
that `cn context` and a plain `copier copy` render the same files. Absent texts are empty strings.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from . import spec as model
from .gateway import Route, caddyfile, seats

SERVICE_PORT = 8080
FIRST_GATEWAY_PORT = 8080


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
    runtime: str = Field(description="Runtime of the template.")
    image: str = Field(description="Image name without tag.")
    port: int = Field(description="Port that the container listens on.")
    route: str = Field(description="Public path at the gateway, or empty.")
    database: str = Field(description="Engine of its own database, or empty.")
    calls: tuple[Call, ...] = Field(description="Services that it calls, in the order of the spec.")
    callers: tuple[str, ...] = Field(description="Names of the services that call it.")
    config: dict[str, str] = Field(description="Plain variables from the spec.")
    variables: dict[str, str] = Field(description="All plain variables of the container.")
    scale: Scale = Field(description="Replicas where no environment says otherwise.")
    resources: Resources = Field(description="Limits where no environment says otherwise.")
    environments: tuple[ServiceEnvironment, ...] = Field(description="One entry per environment, in order.")

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
    services = tuple(_service(spec, name) for name in spec.services)
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
                gateway=caddyfile(_routes(services, name), environment.diagnostics),
            )
            for index, (name, environment) in enumerate(spec.environments.items())
        ),
        services=services,
    )


def _routes(services: tuple[Service, ...], environment: str) -> list[Route]:
    return [
        Route(
            path=service.route,
            service=service.id,
            upstreams=tuple(
                f"{seat}:{service.port}"
                for replica in range(1, service.within(environment).scale.min + 1)
                for seat in seats(service.id, replica)
            ),
        )
        for service in services
        if service.route
    ]


def _service(spec: model.Spec, name: str) -> Service:
    service = spec.services[name]
    calls = tuple(
        Call(service=callee, variable=_variable(callee), url=f"http://{callee}:{SERVICE_PORT}")
        for callee in service.calls
    )
    return Service(
        name=name,
        id=service.id or name,
        runtime=service.runtime,
        image="/".join(filter(None, (spec.registry, f"{spec.name}-{name}"))),
        port=SERVICE_PORT,
        route=service.route or "",
        database=service.database or "",
        calls=calls,
        callers=tuple(other for other, caller in spec.services.items() if name in caller.calls),
        config=service.config,
        variables={
            "PORT": str(SERVICE_PORT),
            "SERVICE_NAME": name,
            **{call.variable: call.url for call in calls},
            **service.config,
        },
        scale=Scale(min=service.scale.min),
        resources=Resources(cpu=service.resources.cpu, memory=service.resources.memory),
        environments=tuple(_within(service, environment) for environment in spec.environments),
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
