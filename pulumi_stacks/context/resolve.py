"""Spec to Context: every default filled in, every derived value computed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ..network import subnets
from ..network.caddyfile import BODY, Route, caddyfile, slots
from ..network.proxies import direct
from ..quantities import memory_bytes
from ..spec import model, scaling
from ..spec.patterns import address_variable
from .model import (
    Call,
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

if TYPE_CHECKING:
    from .target_rules import ContextRules

__all__ = ["Context", "Environment", "Service", "resolve", "schema"]

FIRST_GATEWAY_PORT = 8080
# Below those of the environments, so that compose runs beside their stacks.
LOCAL_GATEWAY_PORT = 8000
# What compose runs where no environment runs on this machine.
_LOCAL = "local"


def resolve(spec: model.Spec, targets: Mapping[str, ContextRules]) -> Context:
    """Fill in and derive everything that a spec implies, by the rules of its targets."""
    callers: dict[str, list[str]] = {name: [] for name in spec.services}
    for name, service in spec.services.items():
        for callee in service.calls:
            callers[callee].append(name)
    local, diagnostics = _local_environment(spec, targets)
    services = tuple(_service(spec, name, tuple(callers[name]), local) for name in spec.services)
    return Context(
        name=spec.name,
        description=spec.description,
        owner=spec.owner or "",
        registry=spec.registry or "",
        ci=spec.ci,
        targets=tuple(sorted({environment.target for environment in spec.environments.values()})),
        environments=tuple(
            _environment(spec, name, FIRST_GATEWAY_PORT + index, services, targets[environment.target])
            for index, (name, environment) in enumerate(spec.environments.items())
        ),
        local=_local(local, diagnostics, spec.name, services),
        services=services,
    )


def _environment(
    spec: model.Spec, name: str, port: int, services: tuple[Service, ...], rules: ContextRules
) -> Environment:
    environment = spec.environments[name]
    settings = rules.settings(spec.name, name, environment)
    routes = (
        _service_routes(services)
        if rules.balances
        else _routes([(service, service.within(name)) for service in services])
    )
    gateway = caddyfile(
        routes,
        environment.diagnostics,
        "balanced" if rules.balances else "router",
        proxied=rules.proxied(settings),
    )
    port = port if rules.published else 0
    return Environment(
        name=name,
        target=environment.target,
        diagnostics=environment.diagnostics,
        port=port,
        url=rules.url(settings, port),
        gateway=gateway,
        scales=rules.scales,
        pulls=rules.pulls,
        location=rules.location(settings),
        required=rules.required(settings),
        settings=settings,
    )


def _local_environment(spec: model.Spec, targets: Mapping[str, ContextRules]) -> tuple[str, bool]:
    """Return the name of the environment that compose runs, and whether it has diagnostics."""
    here = (
        (name, environment.diagnostics)
        for name, environment in spec.environments.items()
        if targets[environment.target].published
    )
    return next(here, (_LOCAL, False))


def _local(name: str, diagnostics: bool, system: str, services: tuple[Service, ...]) -> Local:
    inside = _networks(services)
    block = subnets.compose_block(system, len(inside))
    addresses = subnets.assign(block, inside)
    return Local(
        name=name,
        diagnostics=diagnostics,
        port=LOCAL_GATEWAY_PORT,
        gateway=caddyfile(_routes([(service, service.local) for service in services]), diagnostics),
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
                f"{slot}:{service.port}"
                for replica in range(1, within.scale.min + 1)
                for slot in slots(service.id, replica)
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


def _service(spec: model.Spec, name: str, callers: tuple[str, ...], local: str) -> Service:
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
        local=_within(service, local),
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
