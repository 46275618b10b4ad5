"""The values of `egress` in cn.yaml: what a service can reach outside of the system. Pure."""

from __future__ import annotations

import re
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from ..messages import show

INTERNET = "internet"
_LAST_PORT = 65535

SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"type": "string", "enum": ["none", INTERNET]},
        {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "string",
                "pattern": r"^([0-9./]+|\[[0-9a-f:./]+\]):[0-9]{1,5}$",
                "patternErrorMessage": "a network with a port (such as 203.0.113.0/24:443)",
                "examples": ["203.0.113.0/24:443"],
            },
        },
    ],
    "examples": [INTERNET],
}


def read(value: object) -> tuple[str, ...]:
    """Parse `none` (an empty tuple), `internet` or a list of networks with ports. ValueError if invalid."""
    if value == "none":
        return ()
    if value == INTERNET:
        return (INTERNET,)
    if isinstance(value, list) and value:
        return tuple(dict.fromkeys(map(_outside, value)))
    raise ValueError(f"{show(value)} is not none, internet, or a list such as [203.0.113.0/24:443]")


def written(value: tuple[str, ...]) -> str | list[str]:
    """Return the value in cn.yaml."""
    if not value:
        return "none"
    return INTERNET if value == (INTERNET,) else list(value)


def _outside(entry: object) -> str:
    """Return the canonical form of a network with a port."""
    pattern = r"(?:([0-9./]{7,18})|\[([0-9A-Fa-f:./]{2,60})\]):([0-9]{1,5})\Z"
    found = re.match(pattern, entry) if isinstance(entry, str) else None
    wanted = "a network with a port (such as 203.0.113.0/24:443 or [2001:db8::/32]:443)"
    if found is None or not 1 <= int(found[3]) <= _LAST_PORT:
        raise ValueError(f"{show(entry)} is not {wanted}{_instead(entry)}")
    try:
        network: IPv4Network | IPv6Network
        network = IPv4Network(found[1], strict=False) if found[1] else IPv6Network(found[2], strict=False)
    except ValueError as error:
        raise ValueError(f"{show(entry)} is not {wanted}: {error}") from None
    port = int(found[3])
    shortest = f"{_written(network)}:{port}"
    host = ip_address((found[1] or found[2]).partition("/")[0])
    if network.network_address != host:
        address = f"{_written(ip_network(host))}:{port}"
        choice = f"write {address} for this address, or {shortest} for the network"
        raise ValueError(f"{show(entry)} has host bits set; {choice}")
    return shortest


def _instead(entry: object) -> str:
    """Return the end of a message: what to write instead of an invalid network."""
    if entry in ("none", INTERNET):
        return f"; write egress: {entry}, without a list"
    if not isinstance(entry, str):
        return ""
    if re.match(r"([a-z][a-z0-9+.-]*://)?[a-z][a-z0-9.-]*(:[0-9]+)?(/.*)?\Z", entry, re.IGNORECASE):
        return "; host names are not supported: write its addresses, or egress: internet"
    whole, _, port = entry.rpartition(":")
    if ":" in whole.strip("[]") and port.isdigit() and "[" not in entry and (network := _network(whole)):
        return f": IPv6 requires brackets; write {_written(network)}:{port}"
    if network := _network(entry):
        return f": port missing; write {_written(network)}:443 for https"
    network = _network(whole.strip("[]"))
    if network and port.isdigit() and not 1 <= int(port[:9]) <= _LAST_PORT:
        return f": port not between 1 and {_LAST_PORT}"
    return f": IPv6 requires brackets; write {_written(network)}:{port}" if network and port.isdigit() else ""


def _network(text: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def _written(network: IPv4Network | IPv6Network) -> str:
    return f"[{network}]" if network.version == 6 else str(network)
