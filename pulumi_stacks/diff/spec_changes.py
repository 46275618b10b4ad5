"""Two deployment plans of one environment to the changes between them, in the words of cn.yaml. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..messages import show
from ..network import proxies
from ..network.caddyfile import BODY, READY
from ..quantities import canonical_cpu, canonical_memory
from ..spec.patterns import address_variable
from .egress_changes import egress_changes
from .model import Finding
from .settings import setting_changed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..plan.model import DeploymentPlan, Service
    from .target_rules import DiffRules

WEIGHTS = ("danger", "attention", "info")
# These are derived from the service and its calls, which are reported instead.
_DERIVED = {"MAX_BODY_BYTES", "PORT", "SERVICE_NAME"}
_ON = ("off", "on")


def findings(before: DeploymentPlan, after: DeploymentPlan, rules: DiffRules) -> tuple[Finding, ...]:
    """Return what changed in an environment that is in both specs, dangerous ones first, then by service."""
    found = (*_gateway(before, after), *rules.findings(before, after), *_services(before, after))
    return tuple(sorted(found, key=lambda finding: WEIGHTS.index(finding.weight)))


def _services(before: DeploymentPlan, after: DeploymentPlan) -> Iterator[Finding]:
    old = {service.key: service for service in before.services}
    new = {service.key: service for service in after.services}
    names = {key: service.name for key, service in (old | new).items()}
    for key in sorted(old.keys() | new.keys(), key=lambda key: names[key]):
        yield from _data(old.get(key), new.get(key))
        yield from _route(old.get(key), new.get(key))
        yield from _existence(old.get(key), new.get(key))
        yield from _edges(old.get(key), new.get(key), names)
        yield from egress_changes(old.get(key), new.get(key))
        if key in old and key in new:
            yield from _settings(old[key], new[key])
            yield from _variables(old[key], new[key], _names(before), _names(after))


def _gateway(before: DeploymentPlan, after: DeploymentPlan) -> Iterator[Finding]:
    if before.diagnostics != after.diagnostics:
        opened = after.diagnostics
        yield Finding(
            area="diagnostics",
            what="added" if opened else "removed",
            weight="attention" if opened else "info",
            service=None,
            subject="diagnostics",
            before=_ON[before.diagnostics],
            after=_ON[after.diagnostics],
            text="health, metrics and peers of every route are public"
            if opened
            else "health, metrics and peers are no longer public",
        )
    if before.url != after.url:
        yield setting_changed(
            "address", before.url, after.url, weight="attention", head="the gateway's address: "
        )


def _data(old: Service | None, new: Service | None) -> Iterator[Finding]:
    had, has = old.database if old else None, new.database if new else None
    was_elsewhere = old is not None and old.given_for
    name = new.name if new else old.name if old else ""
    if had and not has:
        fate = "now has an external database" if new and new.given_for else "loses its database"
        yield Finding(
            area="data",
            what="removed",
            weight="danger",
            service=name,
            subject=had.volume,
            before=had.volume,
            after=None,
            text=f"{name} {fate}: the rows stay in the volume `{had.volume}`, which nothing uses; "
            "a service with this id and a database uses them again",
        )
    elif has and not had:
        yield Finding(
            area="data",
            what="added",
            weight="danger" if was_elsewhere else "info",
            service=name,
            subject=has.volume,
            before=None,
            after=has.volume,
            text=f"{name} gets a database: empty, unless a volume of this id exists"
            + ("; the rows of the external one stay there" if was_elsewhere else ""),
        )


def _route(old: Service | None, new: Service | None) -> Iterator[Finding]:
    was, now = old.route if old else "", new.route if new else ""
    name = new.name if new else old.name if old else ""
    if was == now:
        if old and new and was and _manner(old) != _manner(new):
            yield Finding(
                area="route",
                what="changed",
                weight="attention",
                service=name,
                subject=now,
                before=_manner(old),
                after=_manner(new),
                text=f"{name} at {now}: {_manner(old)} \N{RIGHTWARDS ARROW} {_manner(new)}",
            )
        return
    texts = {
        "added": f"{name} is public at {now}",
        "removed": f"{name} is no longer public (it was at {was})",
        "changed": f"{name} moves from {was} to {now}",
    }
    what = "added" if not was else "removed" if not now else "changed"
    yield Finding(
        area="route",
        what=what,  # type: ignore[arg-type]
        weight="attention" if now else "info",
        service=name,
        subject=now or was,
        before=was or None,
        after=now or None,
        text=texts[what],
    )


def _manner(service: Service) -> str:
    """Return how a route forwards requests."""
    return f"{'without' if service.strip else 'with'} its prefix, bodies up to {service.body or BODY}B"


def _existence(old: Service | None, new: Service | None) -> Iterator[Finding]:
    if old and new and old.name != new.name:
        yield Finding(
            area="service",
            what="renamed",
            weight="info",
            service=new.name,
            subject=new.name,
            before=old.name,
            after=new.name,
            text=f"{old.name} is renamed to {new.name} and keeps its data (id {new.key})",
        )
    elif old is None and new is not None:
        yield Finding(
            area="service",
            what="added",
            weight="info",
            service=new.name,
            subject=new.name,
            before=None,
            after=new.name,
            text=f"{new.name} is new ({_origin(new)}, {_many(len(new.replicas), 'replica')})",
        )
    elif new is None and old is not None:
        yield Finding(
            area="service",
            what="removed",
            weight="info",
            service=old.name,
            subject=old.name,
            before=old.name,
            after=None,
            text=f"{old.name} is removed",
        )


def _edges(old: Service | None, new: Service | None, names: Mapping[str, str]) -> Iterator[Finding]:
    was, now = set(old.calls) if old else set(), set(new.calls) if new else set()
    name = new.name if new else old.name if old else ""
    for key in sorted(was ^ now):
        opened = key in now
        yield Finding(
            area="edge",
            what="added" if opened else "removed",
            weight="attention" if opened else "info",
            service=name,
            subject=names.get(key, key),
            before=None if opened else names.get(key, key),
            after=names.get(key, key) if opened else None,
            text=f"{name} {'calls' if opened else 'no longer calls'} {names.get(key, key)}",
        )


def _settings(old: Service, new: Service) -> Iterator[Finding]:
    before, after = _facts(old), _facts(new)
    for word, was in before.items():
        now = after[word]
        if was != now and not (word == "body" and old.route and new.route):
            yield Finding(
                area="image" if word in {"runtime", "image"} else "setting",
                what="changed",
                weight="info",
                service=new.name,
                subject=word,
                before=was or None,
                after=now or None,
                text=f"{new.name}: {word} {was or 'none'} \N{RIGHTWARDS ARROW} {now or 'none'}",
            )


def _facts(service: Service) -> dict[str, str]:
    """Return what cn.yaml sets for a service's containers, by the names of its fields."""
    container = service.replicas[0]
    memory = canonical_memory(str(container.memory_bytes))
    scaling = service.scaling
    return {
        "runtime": service.runtime,
        "image": service.image.reference,
        "replicas": str(len(service.replicas)),
        "most replicas": str(scaling.most) if scaling else "",
        "busy cpu": f"{scaling.cpu} %" if scaling else "",
        "cpu": canonical_cpu(f"{container.cpu_millis}m"),
        "memory": memory,
        "body": service.body,
        "port": dict(container.variables)["PORT"],
        "ready": (container.probe.path or "none") if container.probe else READY,
        "user": container.user,
        "tmpfs": " ".join(folder for folder, _ in container.tmpfs),
        "command": show(list(container.command), 80) if container.command else "",
    }


def _names(plan: DeploymentPlan) -> dict[str, str]:
    return {service.key: service.name for service in plan.services}


def _variables(
    old: Service, new: Service, old_names: Mapping[str, str], new_names: Mapping[str, str]
) -> Iterator[Finding]:
    before, after = _own_variables(old, old_names), _own_variables(new, new_names)
    for word in sorted(before.keys() | after.keys()):
        was, now = before.get(word), after.get(word)
        if was == now:
            continue
        shown = [show(value, 60) if value is not None else "none" for value in (was, now)]
        yield Finding(
            area="variable",
            what="added" if was is None else "removed" if now is None else "changed",
            weight="info",
            service=new.name,
            subject=word,
            before=was,
            after=now,
            text=f"{new.name}: {word} {shown[0]} \N{RIGHTWARDS ARROW} {shown[1]}",
        )


def _own_variables(service: Service, names: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that cn.yaml sets."""
    callees = [names[key] for key in service.calls]
    addresses = set(map(address_variable, callees))
    found = {
        word: value
        for word, value in service.replicas[0].variables
        if word not in {*_DERIVED, *addresses, *proxies.NAMES}
    }
    hosts = proxies.named(dict(service.replicas[0].variables)[proxies.NAMES[0]], callees)
    return {**found, **({proxies.NAMES[0]: hosts} if hosts else {})}


def _origin(service: Service) -> str:
    return service.runtime or service.image.reference


def _many(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
