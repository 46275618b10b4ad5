"""Spec to Context: every default filled in, every derived value computed. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..network import subnets
from ..network.caddyfile import BODY, Route, caddyfile, seats
from ..network.proxies import direct
from ..quantities import memory_bytes
from ..spec import model, scaling
from ..spec.environment import Environment as EnvironmentSpec
from ..spec.patterns import address_variable
from .call_cycles import circles
from .model import (
    Call,
    Cluster,
    Context,
    Environment,
    Local,
    Network,
    Resources,
    Scale,
    Service,
    ServiceEnvironment,
    schema,
)

__all__ = ["Cluster", "Context", "Environment", "Service", "circles", "resolve", "schema"]

FIRST_GATEWAY_PORT = 8080
# Below those of the environments, so that compose runs beside their stacks.
LOCAL_GATEWAY_PORT = 8000
# What compose runs when no environment has the target docker.
_LOCAL = "local"
_ENGINE: str = "docker"


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
            _environment(spec, name, FIRST_GATEWAY_PORT + index, services)
            for index, name in enumerate(spec.environments)
        ),
        local=_local(spec, services),
        services=services,
    )


def _environment(spec: model.Spec, name: str, port: int, services: tuple[Service, ...]) -> Environment:
    environment = spec.environments[name]
    cluster = _cluster(spec.name, name, environment) if environment.target == model.CLUSTER else None
    if cluster:
        gateway = caddyfile(
            _service_routes(services),
            environment.diagnostics,
            "cluster",
            proxied=cluster.entry in model.TLS_GATEWAYS,
        )
    else:
        gateway = caddyfile(
            _routes([(service, service.within(name)) for service in services]),
            environment.diagnostics,
            "engine",
        )
    return Environment(
        name=name,
        target=environment.target,
        diagnostics=environment.diagnostics,
        port=0 if cluster else port,
        gateway=gateway,
        cluster=cluster,
    )


def _cluster(system: str, name: str, environment: EnvironmentSpec) -> Cluster:
    return Cluster(
        namespace=environment.namespace or f"{system}-{name}",
        kube_context=environment.kube_context or "",
        storage_class=environment.storage_class or "",
        entry=environment.gateway or "loadbalancer",
        domain=environment.domain or "",
        external=environment.database == "external",
        state=environment.state or "",
        protected=environment.protected is not False,
        pull_secret=environment.pull_secret or "",
        metrics_from=tuple(dict.fromkeys(environment.metrics_from or ())),
        annotations=environment.annotations or {},
        sources=tuple(dict.fromkeys(environment.sources or ())),
        client_address=bool(environment.client_address),
    )


def _local_environment(spec: model.Spec) -> tuple[str, EnvironmentSpec]:
    """Return the environment that compose runs, and its name."""
    docker = (entry for entry in spec.environments.items() if entry[1].target == _ENGINE)
    return next(docker, (_LOCAL, EnvironmentSpec(target="docker")))


def _local(spec: model.Spec, services: tuple[Service, ...]) -> Local:
    name, environment = _local_environment(spec)
    inside = _networks(services)
    block = subnets.compose_block(spec.name, len(inside))
    addresses = subnets.assign(block, inside)
    return Local(
        name=name,
        diagnostics=environment.diagnostics,
        port=LOCAL_GATEWAY_PORT,
        gateway=caddyfile(
            _routes([(service, service.local) for service in services]), environment.diagnostics
        ),
        block=".".join(str(block[0]).split(".")[: block.prefixlen // 8]),
        networks=tuple(
            Network(key=key, internal=internal, subnet=addresses[key])
            for key, internal in sorted(inside.items())
        ),
    )


def _networks(services: tuple[Service, ...]) -> dict[str, bool]:
    """Return the networks that a system needs, and whether each is internal."""
    found = {subnets.GATEWAY: False}
    ids = {service.name: service.id for service in services}
    for service in services:
        found[subnets.home(service.id)] = False
        if service.database:
            found[subnets.database(service.id)] = True
        if service.route:
            found[subnets.route(service.id)] = True
        found |= {subnets.call(service.id, ids[callee.service]): True for callee in service.calls}
    return found


def _routes(services: Iterable[tuple[Service, ServiceEnvironment]]) -> list[Route]:
    return [
        Route(
            **_public(service),
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


def _public(service: Service) -> dict[str, Any]:
    """Return what a route is wherever it leads."""
    return {
        "path": service.route,
        "service": service.id,
        "strip": service.strip,
        "body": service.body or BODY,
    }


def _service_routes(services: Iterable[Service]) -> list[Route]:
    """Return the routes where a name stands for all replicas of a service that are ready."""
    return [
        Route(**_public(service), upstreams=(f"{service.name}:{service.port}",), ready="")
        for service in services
        if service.route
    ]


def _service(spec: model.Spec, name: str, callers: tuple[str, ...]) -> Service:
    service = spec.services[name]
    calls = tuple(
        Call(
            service=callee,
            variable=address_variable(callee),
            url=f"http://{callee}:{spec.services[callee].port}",
        )
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
        strip=service.strip,
        body=service.body or "",
        database=service.database or "",
        calls=calls,
        callers=callers,
        config=service.config,
        not_secret=service.not_secret,
        variables=_variables(name, service, calls),
        scale=_scale(service.scale),
        resources=Resources(cpu=service.resources.cpu, memory=service.resources.memory),
        egress=service.egress or (),
        environments=tuple(_within(service, environment) for environment in spec.environments),
        local=_within(service, _local_environment(spec)[0]),
    )


def _variables(name: str, service: model.Service, calls: tuple[Call, ...]) -> dict[str, str]:
    return {
        "PORT": str(service.port),
        "SERVICE_NAME": name,
        **({"MAX_BODY_BYTES": str(memory_bytes(service.body))} if service.body else {}),
        **{call.variable: call.url for call in calls},
        **service.config,
        **direct(service.calls, service.config),
    }


def _within(service: model.Service, environment: str) -> ServiceEnvironment:
    override = service.environments.get(environment, scaling.Override())
    return ServiceEnvironment(
        name=environment,
        scale=_scale(service.scale, override.scale),
        resources=Resources(
            cpu=override.resources.cpu or service.resources.cpu,
            memory=override.resources.memory or service.resources.memory,
        ),
        egress=(override.egress if override.egress is not None else service.egress) or (),
    )


def _scale(scale: scaling.Scale, override: scaling.ScaleOverride | None = None) -> Scale:
    override = override or scaling.ScaleOverride()
    least = override.min or scale.min
    return Scale(
        min=least,
        max=override.max or scale.max or least,
        cpu=override.cpu or scale.cpu or scaling.BUSY,
    )
