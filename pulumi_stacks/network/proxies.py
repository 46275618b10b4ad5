"""What is inside a system is called directly, whatever proxy its containers are given. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NAMES = ("NO_PROXY", "no_proxy")
_HERE = ("localhost", "127.0.0.1", "::1")
_EVERYTHING = "*"
# For what calls nobody outside: some programs do not know NO_PROXY, and all take an empty proxy for none.
NONE = (("HTTP_PROXY", ""), ("http_proxy", ""))


def named(hosts: str, callees: Iterable[str]) -> str:
    """Return what config names of the hosts that `direct` has put together."""
    return ",".join(entry for entry in hosts.split(",") if entry not in {*_HERE, *callees})


def direct(callees: Iterable[str], config: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that name who is called without a proxy: what config names, and what is inside.

    A database is not in it: its clients do not speak HTTP.
    """
    named = [entry.strip() for name in NAMES for entry in config.get(name, "").split(",")]
    entries = [entry for entry in dict.fromkeys((*named, *_HERE, *sorted(callees))) if entry]
    # Some programs take it for everything only where it is alone.
    return dict.fromkeys(NAMES, _EVERYTHING if _EVERYTHING in entries else ",".join(entries))
