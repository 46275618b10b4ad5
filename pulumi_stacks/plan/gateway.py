"""The gateway of one environment, and on an engine its router, as the containers that they run in. Pure."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from ..network import proxies, subnets
from ..network.caddyfile import HEALTH_PORT, LISTEN_PORT, ROUTER_NETWORK, Route, before_router, seats
from ..quantities import memory_bytes
from .model import Check, Configuration, Container, Door, Image, Link

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..context import resolve as resolved

FOLDER = "/etc/caddy"
COMMAND = ("caddy", "run", "--adapter", "caddyfile", "--config", f"{FOLDER}/Caddyfile")
_PRIVATE = "size=1m,mode=0700,uid=10001,gid=10001"


def of_cluster(
    environment: resolved.Environment, prefix: str, image: Image, labels: tuple[tuple[str, str], ...]
) -> Container:
    """Decide the gateway of a cluster, which has two of it, and rolls."""
    return _container(f"{prefix}_gateway", "gateway", image, labels, _configuration(environment.gateway))


def of_engine(
    routes: Iterable[Route], prefix: str, image: Image, labels: tuple[tuple[str, str], ...], *, port: int
) -> Container:
    """Decide the gateway of an engine, which has the published port and stays while routes come and go."""
    links = (Link(network=subnets.GATEWAY), Link(network=subnets.ROUTER))
    configuration = _configuration(before_router(routes), f"{prefix}_{subnets.GATEWAY}")
    key = f"{prefix}_gateway"
    return _container(
        key, "gateway", image, labels, configuration, links=links, published=(LISTEN_PORT, port)
    )


def router(
    environment: resolved.Environment,
    prefix: str,
    image: Image,
    labels: tuple[tuple[str, str], ...],
    *,
    routed: Iterable[str],
    subnet: str,
) -> Container:
    """Decide what leads from the gateway of an engine to the `routed` services, by their ids.

    It is replaced as a service is: the new one is seated before the old one ends.
    """
    return _container(
        f"{prefix}_router",
        "gateway: router",
        image,
        labels,
        _configuration(environment.gateway, f"{prefix}_{subnets.ROUTER}"),
        variables=((ROUTER_NETWORK, subnet),),
        # Without any network it would be put on one that all containers of the engine share.
        links=tuple(Link(network=key) for key in sorted(map(subnets.route, routed)) or (subnets.GATEWAY,)),
        door=Door(network=subnets.ROUTER, seats=seats("gateway", 1)),
    )


def _configuration(text: str, volume: str = "") -> Configuration:
    # Another text is in another volume, so that the container before can be started again until it is gone.
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    return Configuration(path=f"{FOLDER}/Caddyfile", text=text, volume=f"{volume}_{digest}" if volume else "")


def _container(
    key: str,
    place: str,
    image: Image,
    labels: tuple[tuple[str, str], ...],
    configuration: Configuration,
    *,
    variables: tuple[tuple[str, str], ...] = (),
    links: tuple[Link, ...] = (),
    door: Door | None = None,
    published: tuple[int, int] | None = None,
) -> Container:
    volume = configuration.volume
    return Container(
        key=key,
        place=place,
        image=image,
        fixed_name=published is not None,
        command=COMMAND,
        variables=tuple(sorted((*proxies.NONE, *variables))),
        configuration=configuration,
        links=links,
        doors=(door,) if door else (),
        # The official binary carries this file capability and does not start without it.
        capabilities=("CAP_NET_BIND_SERVICE",),
        tmpfs=(("/config", _PRIVATE), ("/data", _PRIVATE), ("/tmp", "size=64m,mode=1777")),  # noqa: S108
        volumes=((volume, FOLDER),) if volume else (),
        published=(published,) if published else (),
        # A seat that nobody holds shall not be asked for outside this machine.
        resolvers=("127.0.0.1",) if volume else (),
        cpu_millis=1000,
        memory_bytes=memory_bytes("256Mi"),
        check=Check(test=("CMD", "wget", "-q", "-O", "-", f"http://127.0.0.1:{HEALTH_PORT}/healthz")),
        labels=labels,
    )
