"""What a service may reach outside the system, as networks that a cluster's policies can name. Pure."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Address, IPv6Network
from typing import TYPE_CHECKING

from ..spec.egress import INTERNET
from .model import EgressNetwork

if TYPE_CHECKING:
    from collections.abc import Iterator

# Addresses that are not public; at some of them a cloud serves the credentials of its machines.
_PRIVATE = (
    "10.0.0.0/8",
    "100.64.0.0/10",
    "168.63.129.16/32",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "240.0.0.0/4",
)
# Where a gateway between both kinds of addresses (NAT64) shows all of IPv4 to those that have only IPv6.
_TRANSLATED = IPv6Network("64:ff9b::/96")
# Where a network may map any part of IPv4: private addresses cannot be distinguished there.
_TRANSLATED_LOCALLY = "64:ff9b:1::/48"


def _translated(network: str) -> str:
    """Return the IPv6 network by which NAT64 reaches an IPv4 network."""
    private = IPv4Network(network)
    first = IPv6Address(int(_TRANSLATED.network_address) + int(private.network_address))
    return f"{first}/{_TRANSLATED.prefixlen + private.prefixlen}"


PUBLIC = (
    EgressNetwork(network="0.0.0.0/0", without=_PRIVATE),
    EgressNetwork(
        network="::/0",
        without=("fc00::/7", "fe80::/10", _TRANSLATED_LOCALLY, *map(_translated, _PRIVATE)),
    ),
)


def egress_networks(entries: tuple[str, ...]) -> Iterator[EgressNetwork]:
    """Read what a service may reach, as the context writes it."""
    for entry in entries:
        if entry == INTERNET:
            yield from PUBLIC
        else:
            network, _, port = entry.rpartition(":")
            yield EgressNetwork(network=network.strip("[]"), port=int(port))
