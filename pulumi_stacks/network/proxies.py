"""The NO_PROXY of containers: calls inside a system never use a proxy. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NAMES = ("NO_PROXY", "no_proxy")
_HERE = ("localhost", "127.0.0.1", "::1")
_EVERYTHING = "*"
# For containers without external calls: some programs ignore NO_PROXY, and all accept an empty proxy as none.
NONE = (("HTTP_PROXY", ""), ("http_proxy", ""))


def named(hosts: str, callees: Iterable[str]) -> str:
    """Return the hosts of config in the value that `direct` returned."""
    return ",".join(entry for entry in hosts.split(",") if entry not in {*_HERE, *callees})


def direct(callees: Iterable[str], config: Mapping[str, str]) -> dict[str, str]:
    """Return the variables with the hosts to call without a proxy: those of config, and the callees.

    Databases are not included: their clients do not use HTTP.
    """
    named = [entry.strip() for name in NAMES for entry in config.get(name, "").split(",")]
    entries = [entry for entry in dict.fromkeys((*named, *_HERE, *sorted(callees))) if entry]
    # Some programs accept * only as the whole value.
    return dict.fromkeys(NAMES, _EVERYTHING if _EVERYTHING in entries else ",".join(entries))
