"""What changed of what a service reaches outside the system. Pure."""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING

from ..plan.egress_networks import PUBLIC
from ..spec.egress import INTERNET
from .model import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..plan.model import EgressNetwork, Service


def egress_changes(old: Service | None, new: Service | None) -> Iterator[Finding]:
    """Yield which networks outside the system a service reaches now, and which no longer."""
    was, now = _networks(old), _networks(new)
    name = new.name if new else old.name if old else ""
    for word in sorted(was.keys() ^ now.keys()):
        opened = word in now
        more = opened and not all(any(map(each.lies_in, old.egress if old else ())) for each in now[word])
        yield Finding(
            area="edge",
            what="added" if opened else "removed",
            weight="attention" if more else "info",
            service=name,
            subject=word,
            before=None if opened else word,
            after=word if opened else None,
            text=f"{name} {'reaches' if opened else 'no longer reaches'} "
            f"{'the internet' if word == INTERNET else f'{word}, outside the system'}",
        )


class _Network:
    """A network outside the system, to be compared with others."""

    def __init__(self, allowed: EgressNetwork) -> None:
        self._allowed = allowed
        self._network = ip_network(allowed.network)

    def lies_in(self, other: EgressNetwork) -> bool:
        """Say whether the other one holds all of this, by its addresses and its port."""
        within = ip_network(other.network)
        if within.version != self._network.version or other.port not in {0, self._allowed.port}:
            return False
        holes = [ip_network(hole) for hole in other.without if hole not in self._allowed.without]
        return self._network.subnet_of(within) and not any(map(self._network.overlaps, holes))  # type: ignore[arg-type]


def _networks(service: Service | None) -> Mapping[str, list[_Network]]:
    """Return what a service may reach, by the words of cn.yaml."""
    if service is None:
        return {}
    if service.egress == PUBLIC:
        return {INTERNET: list(map(_Network, PUBLIC))}
    return {_word(each): [_Network(each)] for each in service.egress}


def _word(allowed: EgressNetwork) -> str:
    network = f"[{allowed.network}]" if ":" in allowed.network else allowed.network
    return f"{network}:{allowed.port}"
