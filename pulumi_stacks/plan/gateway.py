"""The gateway of one environment, and its router, as the containers that they run in. Pure."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from ..network import proxies, subnets
from ..network.caddyfile import BODY, HEALTH_PORT, LISTEN_PORT, ROUTER_NETWORK, Route, before_router, slots
from ..quantities import memory_bytes
from .model import Check, Configuration, Container, Endpoint, Link

if TYPE_CHECKING:
    from .model import Network
    from .scope import PlanScope

FOLDER = "/etc/caddy"
COMMAND = ("caddy", "run", "--adapter", "caddyfile", "--config", f"{FOLDER}/Caddyfile")
_PRIVATE = "size=1m,mode=0700,uid=10001,gid=10001"


def gateway(scope: PlanScope) -> Container:
    """Decide the gateway: where there are networks it is published, and stays while routes change."""
    if not scope.rules.networks:
        return _container(scope, "gateway", "gateway", _configuration(scope.environment.gateway))
    routes = [
        Route(service.route, service.id, (), body=service.body or BODY)
        for service in scope.context.services
        if service.route
    ]
    return _container(
        scope,
        "gateway",
        "gateway",
        _configuration(before_router(routes), f"{scope.prefix}_{subnets.GATEWAY}"),
        links=(Link(network=subnets.GATEWAY), Link(network=subnets.ROUTER)),
        published=(LISTEN_PORT, scope.config.port or scope.environment.port),
    )


def router(scope: PlanScope, networks: tuple[Network, ...]) -> Container | None:
    """Decide what leads from a gateway on a network to the services; None where there are no networks.

    It is replaced as a service is: the new one takes its slot before the old one ends.
    """
    inside = [network.subnet for network in networks if network.key == subnets.ROUTER]
    if not inside:
        return None
    routed = sorted(subnets.route(service.id) for service in scope.context.services if service.route)
    return _container(
        scope,
        "router",
        "gateway: router",
        _configuration(scope.environment.gateway, f"{scope.prefix}_{subnets.ROUTER}"),
        variables=((ROUTER_NETWORK, inside[0]),),
        # Without any network the engine would put it on one that all its containers share.
        links=tuple(Link(network=key) for key in routed or [subnets.GATEWAY]),
        endpoint=Endpoint(network=subnets.ROUTER, slots=slots("gateway", 1)),
    )


def _configuration(text: str, volume: str = "") -> Configuration:
    # Another text is in another volume, so that the container before can be started again until it is gone.
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    return Configuration(path=f"{FOLDER}/Caddyfile", text=text, volume=f"{volume}_{digest}" if volume else "")


def _container(
    scope: PlanScope,
    role: str,
    place: str,
    configuration: Configuration,
    *,
    variables: tuple[tuple[str, str], ...] = (),
    links: tuple[Link, ...] = (),
    endpoint: Endpoint | None = None,
    published: tuple[int, int] | None = None,
) -> Container:
    volume = configuration.volume
    return Container(
        key=f"{scope.prefix}_{role}",
        place=place,
        image=scope.base_image("caddy"),
        fixed_name=published is not None,
        command=COMMAND,
        variables=tuple(sorted((*proxies.NONE, *variables))),
        configuration=configuration,
        links=links,
        endpoints=(endpoint,) if endpoint else (),
        # The official binary carries this file capability and does not start without it.
        capabilities=("CAP_NET_BIND_SERVICE",),
        tmpfs=(("/config", _PRIVATE), ("/data", _PRIVATE), ("/tmp", "size=64m,mode=1777")),  # noqa: S108
        volumes=((volume, FOLDER),) if volume else (),
        published=(published,) if published else (),
        # The name of a slot that is free must not be asked for outside this machine.
        resolvers=("127.0.0.1",) if volume else (),
        cpu_millis=1000,
        memory_bytes=memory_bytes("256Mi"),
        check=Check(test=("CMD", "wget", "-q", "-O", "-", f"http://127.0.0.1:{HEALTH_PORT}/healthz")),
        labels=scope.labels_of("gateway", role),
    )
