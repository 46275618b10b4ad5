"""Subnets of networks: each gets its own small subnet in one block, and keeps it. Pure.

The default address pools of Docker hold about 30 networks, so every network has an explicit subnet. Its slot
is a hash of the name of the network: a new network moves no other, unless both hash to the same slot.
"""

from __future__ import annotations

import hashlib
from ipaddress import AddressValueError, IPv4Network, NetmaskValueError
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

SUBNET_PREFIX = 26
BLOCK_PREFIX = 14
COMPOSE_PREFIX = 16
SIZE = 2 ** (32 - SUBNET_PREFIX)
# Without the network address, the broadcast address and the bridge.
ADDRESSES = SIZE - 3


GATEWAY = "gateway"
ROUTER = "router"


def home(service: str) -> str:
    """Return the name of the network of a service with access to the internet."""
    return f"service-{service}"


def database(service: str) -> str:
    """Return the name of the network of a service and its database."""
    return f"database-{service}"


def route(service: str) -> str:
    """Return the name of the network of the gateway and a routed service."""
    return f"route-{service}"


def call(caller: str, callee: str) -> str:
    """Return the name of the network of a call."""
    # No name contains two hyphens in a row, so no two edges have the same network.
    return f"call-{caller}--{callee}"


class BlockError(ValueError):
    """An invalid block of addresses."""


def block(text: str | None, project: str, environment: str, count: int = 0) -> IPv4Network:
    """Parse a block such as `10.64.0.0/14`; without one, derive it from project and environment.

    The first /14 of 10.0.0.0/8 is never derived: it is common in home and office networks. If `count`
    networks do not fit into a /14, the block is 10.0.0.0/8.
    """
    if text is None:
        if count > 2 ** (SUBNET_PREFIX - BLOCK_PREFIX):
            return IPv4Network("10.0.0.0/8")
        blocks = list(IPv4Network("10.0.0.0/8").subnets(new_prefix=BLOCK_PREFIX))[1:]
        return blocks[_hash(f"{project}/{environment}") % len(blocks)]
    try:
        parsed = IPv4Network(text)
    except (AddressValueError, NetmaskValueError, ValueError) as error:
        raise BlockError(
            f"{text!r} is not a block of IPv4 addresses (such as 10.64.0.0/14): {error}"
        ) from error
    if parsed.prefixlen > SUBNET_PREFIX:
        raise BlockError(
            f"{text} is too small; choose at least /{SUBNET_PREFIX}, such as {parsed[0]}/{BLOCK_PREFIX}"
        )
    return parsed


def compose_block(project: str, count: int) -> IPv4Network:
    """Return the block of the networks of compose: a /16, unless `count` networks do not fit into it.

    Its first two numbers identify it, so that a copy of the system can replace them.
    """
    if count > 2 ** (SUBNET_PREFIX - COMPOSE_PREFIX):
        return IPv4Network("10.0.0.0/8")
    # No environment has an empty name, so no stack has the same block.
    return next(block(None, project, "").subnets(new_prefix=COMPOSE_PREFIX))


def assign(within: IPv4Network, names: Iterable[str]) -> dict[str, str]:
    """Assign each name its own /26 of a block. BlockError when they do not fit.

    Names whose slot is free are placed before those that collide, so that a collision moves no other name.
    """
    wanted = sorted(set(names))
    slots = 2 ** (SUBNET_PREFIX - within.prefixlen)
    if len(wanted) > slots:
        message = f"{within} has {slots} subnets, but the system needs {len(wanted)}"
        raise BlockError(f"{message}; choose a larger block")
    taken: dict[int, str] = {}
    for name in wanted:
        taken.setdefault(_hash(name) % slots, name)
    placed = set(taken.values())
    for name in wanted:
        if name not in placed:
            slot = _hash(name) % slots
            while slot in taken:
                slot = (slot + 1) % slots
            taken[slot] = name
    subnets = {name: (int(within[0]) + slot * SIZE, SUBNET_PREFIX) for slot, name in taken.items()}
    return {name: str(IPv4Network(subnet)) for name, subnet in subnets.items()}


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
