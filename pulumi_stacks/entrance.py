"""The gateway of one environment as the container that it runs in. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import networks, proxies
from .deployment import Check, Configuration, Container, Image, Link
from .gateway import HEALTH_PORT, LISTEN_PORT, PUBLIC_HOST
from .text import memory_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from . import context as resolved

FOLDER = "/etc/caddy"
_AS_FILE = ("--adapter", "caddyfile", "--config", f"{FOLDER}/Caddyfile")
COMMAND = ("caddy", "run", *_AS_FILE)
RELOAD = ("caddy", "reload", *_AS_FILE)
_PRIVATE = "size=1m,mode=0700,uid=10001,gid=10001"


def container(
    environment: resolved.Environment,
    prefix: str,
    image: Image,
    routed: Iterable[str],
    *,
    port: int,
    labels: tuple[tuple[str, str], ...],
) -> Container:
    """Decide the gateway of an environment that leads to the `routed` services, by their ids."""
    on_cluster = environment.cluster is not None
    volume = "" if on_cluster else f"{prefix}_{networks.GATEWAY}"
    links = (Link(network=networks.GATEWAY, aliases=(PUBLIC_HOST,)),)
    return Container(
        key=f"{prefix}_gateway",
        place="gateway",
        image=image,
        # A cluster has two of it, and rolls.
        fixed_name=not on_cluster,
        command=COMMAND,
        variables=proxies.NONE,
        configuration=Configuration(
            path=f"{FOLDER}/Caddyfile", text=environment.gateway, reload=RELOAD, volume=volume
        ),
        links=() if on_cluster else links,
        follows=() if on_cluster else tuple(sorted(map(networks.route, routed))),
        # The official binary carries this file capability and does not start without it.
        capabilities=("CAP_NET_BIND_SERVICE",),
        tmpfs=(("/config", _PRIVATE), ("/data", _PRIVATE), ("/tmp", "size=64m,mode=1777")),  # noqa: S108
        volumes=((volume, FOLDER),) if volume else (),
        published=() if on_cluster else ((LISTEN_PORT, port),),
        # A seat that nobody holds shall not be asked for outside this machine.
        resolvers=() if on_cluster else ("127.0.0.1",),
        cpu_millis=1000,
        memory_bytes=memory_bytes("256Mi"),
        check=Check(test=("CMD", "wget", "-q", "-O", "-", f"http://127.0.0.1:{HEALTH_PORT}/healthz")),
        labels=labels,
    )
