"""What changes on a cluster between two deployment plans. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ....diff.settings import setting_changed
from ....diff.target_rules import REPLACING, UPDATING, DiffRules
from ....messages import show

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ....context.model import Settings
    from ....diff.model import Finding
    from ....plan.model import Container, DeploymentPlan

_EVERYWHERE = "everywhere"
_SHOWN = 60  # characters of a value
# Whatever changes of a pod creates a new pod.
ROLLING: Mapping[str, Callable[[Container], Any]] = {
    **{
        word: REPLACING[word]
        for word in (
            "command",
            "variables",
            "configuration",
            "user",
            "writable folders",
            "capabilities",
            "cpu",
        )
    },
    "health check": lambda container: (container.check, container.probe),
    "memory": UPDATING["memory"],
    "time of grace": UPDATING["time of grace"],
}


def findings(old: DeploymentPlan, new: DeploymentPlan) -> Iterator[Finding]:
    """Yield what changed of how clients reach the gateway, of databases' volumes, and of the stack itself."""
    before, after = old.settings, new.settings
    yield from _stack(before, after)
    yield from _readers(before, after)
    yield from _balancer(before, after)
    if before.pull_secret != after.pull_secret:
        yield setting_changed(
            "pull secret",
            before.pull_secret,
            after.pull_secret,
            weight="attention",
            head="pull secret ",
            tail=": it must exist in the namespace to pull images" if after.pull_secret else "",
        )
    if before.gateway != after.gateway:
        head = "clients reach the gateway by another kind: "
        yield setting_changed("gateway", before.gateway, after.gateway, weight="attention", head=head)
    was, now = before.storage_class, after.storage_class
    if was != now:
        yield setting_changed(
            "storage class",
            was,
            now,
            weight="info",
            head="storage class ",
            tail=": volumes that are there keep theirs",
        )


def _readers(before: Settings, after: Settings) -> Iterator[Finding]:
    was, now = before.metrics_from, after.metrics_from
    if was != now:
        yield setting_changed(
            "metrics from",
            ", ".join(was),
            ", ".join(now),
            weight="attention" if set(now) - set(was) else "info",
            head="the port of every service, for metrics, is open to pods of ",
        )


def _balancer(before: Settings, after: Settings) -> Iterator[Finding]:
    """Yield what changed of what makes the load balancer, the Ingress or the Gateway."""
    old, new = dict(before.annotations), dict(after.annotations)
    for key in sorted(old.keys() | new.keys()):
        was, now = (show(found[key], _SHOWN) if key in found else "" for found in (old, new))
        if old.get(key) != new.get(key):
            yield setting_changed(
                "annotation", was, now, weight="attention", head=f"annotation {key} of the gateway: "
            )
    if before.sources != after.sources:
        were, are = (", ".join(one.sources) or _EVERYWHERE for one in (before, after))
        yield setting_changed("sources", were, are, weight="attention", head="clients may come from ")
    if before.client_address != after.client_address:
        were, are = (str(one.client_address).lower() for one in (before, after))
        yield setting_changed(
            "client address", were, are, weight="info", head="the gateway learns clients' addresses: "
        )


def _stack(before: Settings, after: Settings) -> Iterator[Finding]:
    if before.state != after.state:
        yield setting_changed(
            "state",
            before.state,
            after.state,
            weight="attention",
            head="the state of its stack is kept elsewhere: ",
            tail=": a stack that is there does not move by itself; `pulumi stack export` and `pulumi stack "
            "import` take it along",
        )
    if before.protected != after.protected:
        yield setting_changed(
            "protected",
            str(before.protected).lower(),
            str(after.protected).lower(),
            weight="info" if after.protected else "attention",
            head="protected ",
            tail=": `make down` asks for its name" if after.protected else ": `make down` asks nothing",
        )


def _place(settings: Settings) -> dict[str, str]:
    return {"kube_context": settings.kube_context, "namespace": settings.namespace}


RULES = DiffRules(
    replacing=ROLLING,
    updating={},
    findings=findings,
    place=_place,
    holds=lambda settings: f"the namespace `{settings.namespace}`",
    volumes=lambda settings: f" of the namespace `{settings.namespace}`",
)
