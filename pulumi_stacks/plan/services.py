"""A service of one environment: its image, its migration and its replicas. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..network import subnets
from ..network.caddyfile import slots
from ..quantities import cpu_millis, memory_bytes
from .databases import database, database_url
from .egress_networks import egress_networks
from .model import Container, Endpoint, Image, Probe, Scaling, Service

if TYPE_CHECKING:
    from ..context import model as resolved
    from .scope import PlanScope

# Official images of servers carry this file capability and do not start without it; it gives nothing to a
# user that is not root.
OWN_CAPABILITIES = ("CAP_NET_BIND_SERVICE",)
TMPFS = "size=64m,mode=1777"


def service(scope: PlanScope, service: resolved.Service) -> Service:
    """Decide a service: image, database, migration, replicas."""
    image = _image(scope, service)
    within = service.within(scope.environment.name)
    scales = scope.environment.scales and within.scale.max > within.scale.min
    return Service(
        key=service.id,
        name=service.name,
        runtime=service.runtime,
        route=service.route,
        strip=service.strip,
        body=service.body,
        port=service.port,
        calls=tuple(sorted(scope.ids[call.service] for call in service.calls)),
        callers=tuple(sorted(scope.ids[caller] for caller in service.callers)),
        scaling=Scaling(most=within.scale.max, cpu=within.scale.cpu) if scales else None,
        egress=tuple(egress_networks(within.egress)) if scope.rules.egress else (),
        image=image,
        database=database(scope, service),
        migration=_migration(scope, service, image) if service.migrates else None,
        replicas=tuple(_replica(scope, service, image, number) for number in range(1, within.scale.min + 1)),
    )


def _image(scope: PlanScope, service: resolved.Service) -> Image:
    ready = "" if service.folder else service.image
    if reference := scope.config.images.get(service.name, ready):
        return Image(key=service.id, reference=reference)
    return Image(
        key=service.id,
        name=service.image if scope.environment.pulls else f"{service.image}:{scope.environment.name}",
        folder=f"../{service.folder}",
        arguments=tuple(sorted(scope.config.build_args.items())),
    )


def _replica(scope: PlanScope, service: resolved.Service, image: Image, number: int) -> Container:
    resources = service.within(scope.environment.name).resources
    calls = [subnets.call(service.id, scope.ids[call.service]) for call in service.calls]
    databases = [subnets.database(service.id)] if service.database else []
    return Container(
        key=f"{scope.prefix}_{service.id}_{number}",
        place=f"services.{service.name}" + (f": replica {number}" if number > 1 else ""),
        image=image,
        variables=tuple(sorted(service.variables.items())),
        secrets=database_url(scope, service),
        links=scope.links(subnets.home(service.id), *calls, *databases),
        endpoints=_endpoints(scope, service, number),
        command=service.command,
        user=service.user,
        capabilities=OWN_CAPABILITIES if service.own else (),
        tmpfs=tuple((folder, TMPFS) for folder in service.tmpfs),
        probe=_probe(scope, service) if service.own else None,
        cpu_millis=cpu_millis(resources.cpu),
        memory_bytes=memory_bytes(resources.memory),
        labels=scope.labels_of(service.id, "service"),
    )


def _endpoints(scope: PlanScope, service: resolved.Service, number: int) -> tuple[Endpoint, ...]:
    if not scope.rules.networks:
        return ()
    endpoints = [
        Endpoint(network=subnets.call(scope.ids[caller], service.id), slots=(service.name,))
        for caller in service.callers
    ]
    if service.route:
        endpoints.append(Endpoint(network=subnets.route(service.id), slots=slots(service.id, number)))
    return tuple(sorted(endpoints, key=lambda endpoint: endpoint.network))


def _probe(scope: PlanScope, service: resolved.Service) -> Probe:
    path = "" if service.ready == "none" else service.ready
    return Probe(path=path, port=service.port, image=scope.base_image("caddy").reference)


def _migration(scope: PlanScope, service: resolved.Service, image: Image) -> Container:
    resources = service.within(scope.environment.name).resources
    return Container(
        key=f"{scope.prefix}_{service.id}_migrate",
        place=f"services.{service.name}: migration",
        image=image,
        command=("migrate",),
        variables=tuple(sorted(service.variables.items())),
        secrets=database_url(scope, service),
        links=scope.links(subnets.database(service.id)),
        cpu_millis=cpu_millis(resources.cpu),
        memory_bytes=memory_bytes(resources.memory),
        runs_once=True,
        restart="on-failure",
        retries=3,
        labels=scope.labels_of(service.id, "migration"),
    )
