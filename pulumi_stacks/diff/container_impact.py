"""Two deployment plans of one environment to what a deployment does to each container. Pure.

This is what Pulumi and the providers do with the resources of the targets, said without them, so that it can
be told offline. Tests hold it against the real registrations of both plans.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ..plan.model import Cluster, Container, DeploymentPlan, Image, Service

Action = Literal["create", "replace", "update", "delete"]
Role = Literal["service", "migration", "database", "gateway", "router"]
_ENTRANCE: tuple[Role, ...] = ("gateway", "router")


def _held(box: Container) -> tuple[Any, ...]:
    """Return the networks that a container cannot change while it lives."""
    return (box.links, tuple(door.network for door in box.doors))


# Each input of a container that the engine cannot change on a living one, by what people call it.
REPLACING: Mapping[str, Callable[[Container], Any]] = {
    "name": lambda box: (box.key if box.fixed_name else None, box.runs_once),
    "command": lambda box: box.command,
    "variables": lambda box: (box.variables, box.secrets),
    "networks": _held,
    "volumes": lambda box: box.volumes if box.configuration is None else (),
    "configuration": lambda box: box.configuration and box.configuration.text,
    "published port": lambda box: box.published,
    "name servers": lambda box: box.resolvers,
    "user": lambda box: box.user,
    "writable folders": lambda box: box.tmpfs,
    "capabilities": lambda box: box.capabilities,
    "cpu": lambda box: box.cpu_millis,
    "health check": lambda box: box.check,
    "labels": lambda box: box.labels,
}
# Those that it changes in place; the engine is told whole mebibytes.
UPDATING: Mapping[str, Callable[[Container], Any]] = {
    "memory": lambda box: box.mebibytes,
    "restart policy": lambda box: (box.restart, box.retries),
    "time of grace": lambda box: box.grace_seconds,
}
# On a cluster whatever of a pod changes makes a new pod.
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
    "health check": lambda box: (box.check, box.probe),
    "memory": UPDATING["memory"],
    "time of grace": UPDATING["time of grace"],
}


@dataclass(frozen=True, kw_only=True)
class Consequence:
    """What happens to one container. `key` has no prefix of the environment.

    When it `interrupts`, the old one is gone before the new one is made, or for good.
    """

    key: str
    service: str
    role: Role
    action: Action
    reasons: tuple[str, ...] = ()
    interrupts: bool = False


@dataclass(frozen=True, kw_only=True)
class Wires:
    """Networks by their keys: made, made anew with all containers on them, and removed."""

    created: tuple[str, ...]
    replaced: tuple[str, ...]
    deleted: tuple[str, ...]


@dataclass(frozen=True)
class _Box:
    container: Container
    identity: str
    service: str
    role: Role
    source: tuple[object, ...]
    storage: str = ""


def containers(before: DeploymentPlan | None, after: DeploymentPlan) -> tuple[Consequence, ...]:
    """Return what happens to every container that does not stay as it is, sorted by key.

    Both plans are of one environment of one system, on one target; there is none before the first deployment.
    """
    old, new = _boxes(before) if before else {}, _boxes(after)
    moved = set(networks(before, after).replaced)
    staying = {service.key for service in after.services}
    found = []
    for key in sorted(old.keys() | new.keys()):
        box = new.get(key) or old[key]
        action, reasons = _action(old.get(key), new.get(key), moved, on_cluster=after.cluster is not None)
        if action is not None:
            # A network that has to be made anew takes its containers along, before there are new ones.
            first = action == "replace" and (box.container.fixed_name or "network moves" in reasons)
            gone = action == "delete" and (box.role == "database" or box.identity not in staying)
            found.append(
                Consequence(
                    key=key,
                    service=box.service,
                    role=box.role,
                    action=action,
                    reasons=reasons,
                    interrupts=(first or gone) and box.role != "migration",
                )
            )
    return tuple(found)


def networks(before: DeploymentPlan | None, after: DeploymentPlan) -> Wires:
    """Return what happens to the networks."""
    old = {wire.key: wire for wire in before.networks} if before else {}
    new = {wire.key: wire for wire in after.networks}
    return Wires(
        created=tuple(sorted(new.keys() - old.keys())),
        replaced=tuple(sorted(key for key in old.keys() & new.keys() if old[key] != new[key])),
        deleted=tuple(sorted(old.keys() - new.keys())),
    )


def _action(
    old: _Box | None, new: _Box | None, moved: set[str], *, on_cluster: bool
) -> tuple[Action | None, tuple[str, ...]]:
    if new is None:
        return "delete", ()
    if old is None:
        return "create", ()
    replacing, updating = (ROLLING, {}) if on_cluster else (REPLACING, UPDATING)
    reasons = [word for word, of in replacing.items() if of(old.container) != of(new.container)]
    if old.source != new.source:
        reasons.insert(0, "image")
    if moved & set(new.container.networks):
        reasons.append("network moves")
    if old.storage != new.storage:
        reasons.append("storage class")
    changed = [word for word, of in updating.items() if of(old.container) != of(new.container)]
    if reasons:
        return "replace", (*reasons, *changed)
    return ("update", tuple(changed)) if changed else (None, ())


def _boxes(plan: DeploymentPlan) -> dict[str, _Box]:
    prefix = f"{plan.project}_{plan.environment}_"
    return {
        box.container.key.removeprefix(prefix): box
        for service in plan.services
        for box in _of_service(service, plan.cluster)
    } | {
        box.key.removeprefix(prefix): _Box(box, "", "", role, _source(box.image))
        for role, box in zip(_ENTRANCE, plan.entrance, strict=False)
    }


def _of_service(service: Service, cluster: Cluster | None) -> Iterator[_Box]:
    if service.database:
        box, storage = service.database.container, cluster.storage_class if cluster else ""
        yield _Box(box, service.key, service.name, "database", _source(box.image), storage)
    # What is built from its folder has another content with another runtime.
    source = (*_source(service.image), service.runtime, service.image.name if cluster else "")
    if service.migration:
        yield _Box(service.migration, service.key, service.name, "migration", source)
    for replica in service.replicas:
        yield _Box(replica, service.key, service.name, "service", source)


def _source(image: Image) -> tuple[object, ...]:
    """Return what decides the content of an image; where one engine builds it, its name does not."""
    return (image.reference, image.folder, image.arguments)
