"""The gateway's configuration (a Caddyfile), computed from its routes. Pure."""

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
# Variable of the router with the network from which it takes requests, as the texts below have it.
ROUTER_NETWORK = "ROUTER_NETWORK"
# Where whoever keeps the service contract says that it is alive, and that it may have requests.
ALIVE, READY = "/healthz", "/readyz"
PRIVATE_PATHS = (ALIVE, READY, "/metrics", "/peers")
# The largest body of a request where a service does not say otherwise, and how long it may take to arrive.
BODY = "10M"
READ_SECONDS = 60
# So long may an answer take after that.
_ANSWER_SECONDS = 240
# The gateway before a router lets it speak first when both have waited for too long.
_MARGIN_SECONDS = 10

# Where a gateway with routes runs: alone beside its services (Docker Compose); as the router behind a gateway
# that stays; where the name of a service leads to all of its replicas that are ready.
Place = Literal["alone", "router", "balanced"]


@dataclass(frozen=True)
class Route:
    """A public path, the service behind it, and the addresses (`host:port`) that serve it.

    With `strip` the service gets paths without that one; `body` is the largest body of a request.
    `ready` is the path that says whether an address may have requests, `none` when it has no such path, empty
    when the address stands for replicas that somebody else watches.
    """

    path: str
    service: str
    upstreams: tuple[str, ...]
    ready: str = READY
    strip: bool = True
    body: str = BODY

    @property
    def seconds(self) -> int:
        """How long a body may take to arrive: a larger one has no less time for each byte than the usual."""
        return max(READ_SECONDS, memory_bytes(self.body) * READ_SECONDS // memory_bytes(BODY))


def seats(identity: str, replica: int) -> tuple[str, str]:
    """Return the two names under which the gateway knows a replica (counted from 1).

    A new container takes the free seat while the old one still holds the other, so that the gateway
    judges each by its own /readyz and never sends a request to one that is not ready.
    """
    # A dot keeps them apart from every service's name.
    return f"{identity}.{replica}.a", f"{identity}.{replica}.b"


def caddyfile(
    routes: Iterable[Route], diagnostics: bool, place: Place = "alone", *, proxied: bool = False
) -> str:
    """Return the configuration for `routes`, formatted as `caddy fmt` leaves it.

    The `router` is replaced when this changes, and reads ROUTER_NETWORK. A gateway that is `proxied` trusts
    what a proxy in a private network reports of the client.
    """
    longest_first = _longest_first(routes)
    rolls = place == "router"
    routed = "".join(_route(route, diagnostics, rolls) for route in longest_first)
    trusted = "{$ROUTER_NETWORK}" if rolls else "private_ranges" if proxied else ""
    head = _options(_seconds(longest_first), trusted=trusted, rolls=rolls)
    site = blocks.SITE.substitute(
        # Services that share a route's network with it shall not reach each other through it.
        bind=f"\tbind {PUBLIC_HOST}\n" if place == "alone" else "",
        only=blocks.ONLY_THE_GATEWAY if rolls else "",
    )
    # A load balancer before it may ask for `/` to see whether it is well.
    asked = blocks.WELL if proxied and all(route.path != "/" for route in longest_first) else ""
    return (
        head
        + (blocks.ENDING if rolls else blocks.ALIVE)
        + site
        + routed
        + asked
        + blocks.UNKNOWN
        + blocks.ERRORS
    )


def before_router(routes: Iterable[Route]) -> str:
    """Return the configuration of the gateway before a router: it leads to the seats of the router.

    Of the routes it knows only those that have another limit of bodies, or lie below one that has.
    """
    longest_first = _longest_first(routes)
    limited = [route.path.rstrip("/") + "/" for route in longest_first if route.body != BODY]
    bodies = "".join(
        blocks.BODY.substitute(service=route.service, pattern=_pattern(route), body=f"{route.body}B")
        for route in longest_first
        if any(f"{route.path}/".startswith(path) for path in limited)
    )
    proxy = blocks.ENTRANCE.substitute(
        upstreams=" ".join(f"{seat}:{LISTEN_PORT}" for seat in seats("gateway", 1)),
        bodies=bodies,
        body=f"{BODY}B",
    )
    return _options(_seconds(longest_first) + _MARGIN_SECONDS) + blocks.ALIVE + proxy + blocks.ERRORS


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
    """Return how long any body may take: who reads it cannot know yet whose it is."""
    return max([READ_SECONDS, *(route.seconds for route in routes)])


def _route(route: Route, diagnostics: bool, rolls: bool) -> str:
    prefix = route.path.rstrip("/") if route.strip else ""
    pattern = _pattern(route)
    words = "|".join(path.removeprefix("/") for path in PRIVATE_PATHS)
    private = blocks.PRIVATE.substitute(service=route.service, pattern=pattern, words=words)
    return blocks.ROUTE.substitute(
        service=route.service,
        private="" if diagnostics else private,
        pattern=pattern,
        strip=f"\t\turi strip_prefix {prefix}\n" if prefix else "",
        # What a client says of a prefix is not true.
        forwarded=f"X-Forwarded-Prefix {prefix}" if prefix else "-X-Forwarded-Prefix",
        # A service behind a router sees the client, and not the gateway between.
        client="\t\t\theader_up X-Forwarded-For {client_ip}\n" if rolls else "",
        body=f"{route.body}B",
        upstreams=" ".join(route.upstreams),
        health=_health(route.ready),
    )


def _health(ready: str) -> str:
    if not ready:
        return ""
    return blocks.UNASKED if ready == "none" else blocks.ASKED.substitute(path=ready)
