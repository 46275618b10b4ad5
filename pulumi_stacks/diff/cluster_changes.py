"""What changed between two deployment plans that only a cluster honours. Pure."""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING

from ..messages import show
from ..plan.egress_networks import PUBLIC
from ..spec.egress import INTERNET
from .model import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..plan.model import Cluster, DeploymentPlan, Outside, Service
    from .model import Weight

_EVERYWHERE = "everywhere"
_SHOWN = 60  # characters of a value
_ARROW = "\N{RIGHTWARDS ARROW}"


def moved(before: DeploymentPlan, after: DeploymentPlan) -> Finding | None:
    """Return what says that an environment runs elsewhere from now on, or nothing."""
    old, new = _place(before), _place(after)
    for word, was in old.items():
        now = new[word]
        if was != now:
            kept = f"; its rows stay there, in {stored}" if (stored := volumes(before)) else ""
            return Finding(
                area="environment",
                what="changed",
                weight="danger",
                service=None,
                subject=word,
                before=was or None,
                after=now or None,
                text=f"{after.environment} moves ({word} {was or 'none'} {_ARROW} {now or 'none'}): all "
                f"of it is made anew there, with empty databases, and removed where it was{kept}",
            )
    return None


def _place(plan: DeploymentPlan) -> dict[str, str]:
    cluster = plan.cluster
    return {
        "target": plan.target,
        "kube_context": cluster.context if cluster else "",
        "namespace": cluster.namespace if cluster else "",
    }


def volumes(plan: DeploymentPlan) -> str:
    """Name the volumes of a plan's databases, and where they are; nothing when there are none."""
    names = [f"`{service.database.volume}`" for service in plan.services if service.database]
    where = f" of the namespace `{plan.cluster.namespace}`" if plan.cluster and names else ""
    return ", ".join(names) + where


def entry(before: Cluster | None, after: Cluster | None) -> Iterator[Finding]:
    """Yield what changed of the way to the gateway, of where databases write, and of the stack itself."""
    if before is None or after is None:
        return
    yield from _stack(before, after)
    yield from _readers(before, after)
    yield from _balancer(before, after)
    if before.pull_secret != after.pull_secret:
        yield setting(
            "pull secret",
            before.pull_secret,
            after.pull_secret,
            weight="attention",
            head="pull secret ",
            tail=": it has to be in the namespace, or images cannot be had" if after.pull_secret else "",
        )
    if before.entry != after.entry:
        head = "people come to the gateway another way: "
        yield setting("gateway", before.entry, after.entry, weight="attention", head=head)
    was, now = before.storage_class, after.storage_class
    if was != now:
        yield setting(
            "storage class",
            was,
            now,
            weight="info",
            head="storage class ",
            tail=": volumes that are there keep theirs",
        )


def _readers(before: Cluster, after: Cluster) -> Iterator[Finding]:
    was, now = before.metrics_from, after.metrics_from
    if was != now:
        yield setting(
            "metrics from",
            ", ".join(was),
            ", ".join(now),
            weight="attention" if set(now) - set(was) else "info",
            head="the port of every service, for metrics, is open to pods of ",
        )


def _balancer(before: Cluster, after: Cluster) -> Iterator[Finding]:
    """Yield what changed of what makes the load balancer, the Ingress or the Gateway."""
    old, new = dict(before.annotations), dict(after.annotations)
    for key in sorted(old.keys() | new.keys()):
        was, now = (show(found[key], _SHOWN) if key in found else "" for found in (old, new))
        if old.get(key) != new.get(key):
            yield setting(
                "annotation", was, now, weight="attention", head=f"annotation {key} of the way in: "
            )
    if before.sources != after.sources:
        were, are = (", ".join(one.sources) or _EVERYWHERE for one in (before, after))
        yield setting("sources", were, are, weight="attention", head="people may come from ")
    if before.client_address != after.client_address:
        were, are = (str(one.client_address).lower() for one in (before, after))
        yield setting(
            "client address", were, are, weight="info", head="the gateway learns clients' addresses: "
        )


def _stack(before: Cluster, after: Cluster) -> Iterator[Finding]:
    if before.state != after.state:
        yield setting(
            "state",
            before.state,
            after.state,
            weight="attention",
            head="the state of its stack is kept elsewhere: ",
            tail=": a stack that is there does not move by itself; `pulumi stack export` and `pulumi stack "
            "import` take it along",
        )
    if before.protected != after.protected:
        yield setting(
            "protected",
            str(before.protected).lower(),
            str(after.protected).lower(),
            weight="info" if after.protected else "attention",
            head="protected ",
            tail=": `make down` asks for its name" if after.protected else ": `make down` asks nothing",
        )


def setting(subject: str, was: str, now: str, *, weight: Weight, head: str, tail: str = "") -> Finding:
    """Return that a setting of an environment changed, told between `head` and `tail`."""
    return Finding(
        area="setting",
        what="changed",
        weight=weight,
        service=None,
        subject=subject,
        before=was or None,
        after=now or None,
        text=f"{head}{was or 'none'} {_ARROW} {now or 'none'}{tail}",
    )


def outside(old: Service | None, new: Service | None) -> Iterator[Finding]:
    """Yield which networks outside the system a service reaches now, and which no longer."""
    was, now = _networks(old), _networks(new)
    name = new.name if new else old.name if old else ""
    for word in sorted(was.keys() ^ now.keys()):
        opened = word in now
        more = opened and not all(any(map(each.lies_in, old.outside if old else ())) for each in now[word])
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

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._network = ip_network(outside.network)

    def lies_in(self, other: Outside) -> bool:
        """Say whether the other one holds all of this, by its addresses and its port."""
        within = ip_network(other.network)
        if within.version != self._network.version or other.port not in {0, self._outside.port}:
            return False
        holes = [ip_network(hole) for hole in other.without if hole not in self._outside.without]
        return self._network.subnet_of(within) and not any(map(self._network.overlaps, holes))  # type: ignore[arg-type]


def _networks(service: Service | None) -> Mapping[str, list[_Network]]:
    """Return what a service may reach, by the words of cn.yaml."""
    if service is None:
        return {}
    if service.outside == PUBLIC:
        return {INTERNET: list(map(_Network, PUBLIC))}
    return {_word(each): [_Network(each)] for each in service.outside}


def _word(outside: Outside) -> str:
    network = f"[{outside.network}]" if ":" in outside.network else outside.network
    return f"{network}:{outside.port}"
