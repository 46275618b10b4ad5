"""The configuration of the gateway (a Caddyfile), generated from routes. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ..quantities import memory_bytes
from . import caddy_blocks as blocks

if TYPE_CHECKING:
    from collections.abc import Iterable

LISTEN_PORT = 8080
HEALTH_PORT = 8081
# The gateway's name on its own network in compose.
PUBLIC_HOST = "public.gateway"
# The variable of the router with the network from which it accepts requests.
ROUTER_NETWORK = "ROUTER_NETWORK"
# The paths for liveness and readiness in the service contract.
ALIVE, READY = "/healthz", "/readyz"
PRIVATE_PATHS = (ALIVE, READY, "/metrics", "/peers")
# The default limit of request bodies, and the time in which one has to arrive.
BODY = "10M"
READ_SECONDS = 60
# The time for the response after that.
_ANSWER_SECONDS = 240
# The gateway waits longer than the router, so that a timeout is reported by the router.
_MARGIN_SECONDS = 10

# Where a gateway with routes runs: alone beside its services (Docker Compose); as the router behind a gateway
# that stays; where the name of a service leads to all of its replicas that are ready.
Place = Literal["alone", "router", "balanced"]


@dataclass(frozen=True)
class Route:
    """A public path, the service behind it, and the addresses (`host:port`) that serve it.

    With `strip` the service gets paths without the public one; `body` is the limit of request bodies. `ready`
    is the readiness path of an address, `none` if it has no such path, empty if the address is a Kubernetes
    Service, whose endpoints are ready.
    """

    path: str
    service: str
    upstreams: tuple[str, ...]
    ready: str = READY
    strip: bool = True
    body: str = BODY

    @property
    def seconds(self) -> int:
        """Seconds in which a body has to arrive: a larger one has as much time per byte as the default."""
        return max(READ_SECONDS, memory_bytes(self.body) * READ_SECONDS // memory_bytes(BODY))


def slots(identity: str, replica: int) -> tuple[str, str]:
    """Return the two network aliases of a replica (counted from 1) for the gateway.

    A new container gets the free alias while the old one still has the other, so that the gateway checks each
    by its own /readyz and never sends a request to one that is not ready.
    """
    # No name of a service contains a dot.
    return f"{identity}.{replica}.a", f"{identity}.{replica}.b"


def caddyfile(
    routes: Iterable[Route], diagnostics: bool, place: Place = "alone", *, proxied: bool = False
) -> str:
    """Return the configuration for `routes`, formatted as `caddy fmt` leaves it.

    The `router` is replaced when it changes, and reads ROUTER_NETWORK. A gateway that is `proxied` trusts the
    client address from a proxy in a private network.
    """
    longest_first = _longest_first(routes)
    rolls = place == "router"
    routed = "".join(_route(route, diagnostics, rolls) for route in longest_first)
    trusted = "{$ROUTER_NETWORK}" if rolls else "private_ranges" if proxied else ""
    head = _options(_seconds(longest_first), trusted=trusted, rolls=rolls)
    site = blocks.SITE.substitute(
        # Services on the network of a route must not reach each other through the gateway.
        bind=f"\tbind {PUBLIC_HOST}\n" if place == "alone" else "",
        only=blocks.GATEWAY_ONLY if rolls else "",
    )
    # The health check of a load balancer may request `/`.
    root = blocks.ROOT_ANSWER if proxied and all(route.path != "/" for route in longest_first) else ""
    return (
        head
        + (blocks.DRAINING_HEALTH_SITE if rolls else blocks.HEALTH_SITE)
        + site
        + routed
        + root
        + blocks.NOT_FOUND
        + blocks.ERRORS
    )


def before_router(routes: Iterable[Route]) -> str:
    """Return the configuration of the gateway before a router: a reverse proxy to the router's aliases.

    It has only the routes with their own limit of bodies, and those below them.
    """
    longest_first = _longest_first(routes)
    limited = [route.path.rstrip("/") + "/" for route in longest_first if route.body != BODY]
    bodies = "".join(
        blocks.BODY_LIMIT.substitute(service=route.service, pattern=_pattern(route), body=f"{route.body}B")
        for route in longest_first
        if any(f"{route.path}/".startswith(path) for path in limited)
    )
    proxy = blocks.ROUTER_PROXY.substitute(
        upstreams=" ".join(f"{slot}:{LISTEN_PORT}" for slot in slots("gateway", 1)),
        bodies=bodies,
        body=f"{BODY}B",
    )
    return _options(_seconds(longest_first) + _MARGIN_SECONDS) + blocks.HEALTH_SITE + proxy + blocks.ERRORS


def _longest_first(routes: Iterable[Route]) -> list[Route]:
    return sorted(routes, key=lambda route: (-len(route.path), route.path))


def _pattern(route: Route) -> str:
    return route.path.rstrip("/").replace(".", r"\.")


def _options(seconds: int, *, trusted: str = "", rolls: bool = False) -> str:
    return blocks.OPTIONS.substitute(
        ends="\tshutdown_delay 5s\n\tgrace_period 20s\n" if rolls else "\tgrace_period 10s\n",
        trusted=f"\t\ttrusted_proxies static {trusted}\n" if trusted else "",
        read=seconds,
        write=seconds + _ANSWER_SECONDS,
    )


def _seconds(routes: Iterable[Route]) -> int:
    """Return the longest time for a body of all routes: the server has one timeout."""
    return max([READ_SECONDS, *(route.seconds for route in routes)])


def _route(route: Route, diagnostics: bool, rolls: bool) -> str:
    prefix = route.path.rstrip("/") if route.strip else ""
    pattern = _pattern(route)
    words = "|".join(path.removeprefix("/") for path in PRIVATE_PATHS)
    private = blocks.PRIVATE_PATHS.substitute(service=route.service, pattern=pattern, words=words)
    return blocks.ROUTE.substitute(
        service=route.service,
        private="" if diagnostics else private,
        pattern=pattern,
        strip=f"\t\turi strip_prefix {prefix}\n" if prefix else "",
        # A prefix from the client is not trusted.
        forwarded=f"X-Forwarded-Prefix {prefix}" if prefix else "-X-Forwarded-Prefix",
        # The router passes on the address of the client, not that of the gateway.
        client="\t\t\theader_up X-Forwarded-For {client_ip}\n" if rolls else "",
        body=f"{route.body}B",
        upstreams=" ".join(route.upstreams),
        health=_health(route.ready),
    )


def _health(ready: str) -> str:
    if not ready:
        return ""
    return (
        blocks.PASSIVE_HEALTH_CHECK if ready == "none" else blocks.ACTIVE_HEALTH_CHECK.substitute(path=ready)
    )
