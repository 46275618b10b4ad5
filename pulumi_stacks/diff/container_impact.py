"""Two deployment plans of one environment to what a deployment does to each container. Pure.

This is what Pulumi and the providers do with the resources of the targets, computed without them, so that it
is known offline. Tests compare it with the real registrations of both plans.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..plan.model import Container, DeploymentPlan, Image, Service
    from .target_rules import DiffRules

Action = Literal["create", "replace", "update", "delete"]
Role = Literal["service", "migration", "database", "gateway", "router"]
_ENTRANCE: tuple[Role, ...] = ("gateway", "router")


@dataclass(frozen=True, kw_only=True)
class Consequence:
    """What happens to one container. `key` has no prefix of the environment.

    When it `interrupts`, the old one is deleted before the new one is created, or permanently.
    """

    key: str
    service: str
    role: Role
    action: Action
    reasons: tuple[str, ...] = ()
    interrupts: bool = False


@dataclass(frozen=True, kw_only=True)
class NetworkImpact:
    """Networks by their keys: created, recreated with all containers on them, and deleted."""

    created: tuple[str, ...]
    replaced: tuple[str, ...]
    deleted: tuple[str, ...]


@dataclass(frozen=True)
class _Part:
    container: Container
    identity: str
    service: str
    role: Role
    source: tuple[object, ...]
    storage: str = ""


def containers(
    before: DeploymentPlan | None, after: DeploymentPlan, rules: DiffRules
) -> tuple[Consequence, ...]:
    """Return what happens to every container that does not stay as it is, sorted by key.

    Both plans are of one environment of one system, on one target; there is none before the first deployment.
    """
    old, new = _parts(before) if before else {}, _parts(after)
    moved = set(networks(before, after).replaced)
    staying = {service.key for service in after.services}
    found = []
    for key in sorted(old.keys() | new.keys()):
        part = new.get(key) or old[key]
        action, reasons = _action(old.get(key), new.get(key), moved, rules)
        if action is not None:
            # A network that is recreated takes its containers along, before there are new ones.
            first = action == "replace" and (part.container.fixed_name or "network moves" in reasons)
            gone = action == "delete" and (part.role == "database" or part.identity not in staying)
            found.append(
                Consequence(
                    key=key,
                    service=part.service,
                    role=part.role,
                    action=action,
                    reasons=reasons,
                    interrupts=(first or gone) and part.role != "migration",
                )
            )
    return tuple(found)


def networks(before: DeploymentPlan | None, after: DeploymentPlan) -> NetworkImpact:
    """Return what happens to the networks."""
    old = {network.key: network for network in before.networks} if before else {}
    new = {network.key: network for network in after.networks}
    return NetworkImpact(
        created=tuple(sorted(new.keys() - old.keys())),
        replaced=tuple(sorted(key for key in old.keys() & new.keys() if old[key] != new[key])),
        deleted=tuple(sorted(old.keys() - new.keys())),
    )


def _action(
    old: _Part | None, new: _Part | None, moved: set[str], rules: DiffRules
) -> tuple[Action | None, tuple[str, ...]]:
    if new is None:
        return "delete", ()
    if old is None:
        return "create", ()
    reasons = [word for word, of in rules.replacing.items() if of(old.container) != of(new.container)]
    if old.source != new.source:
        reasons.insert(0, "image")
    if moved & set(new.container.networks):
        reasons.append("network moves")
    if old.storage != new.storage:
        reasons.append("storage class")
    changed = [word for word, of in rules.updating.items() if of(old.container) != of(new.container)]
    if reasons:
        return "replace", (*reasons, *changed)
    return ("update", tuple(changed)) if changed else (None, ())


def _parts(plan: DeploymentPlan) -> dict[str, _Part]:
    prefix = f"{plan.project}_{plan.environment}_"
    return {
        part.container.key.removeprefix(prefix): part
        for service in plan.services
        for part in _of_service(service, plan)
    } | {
        part.key.removeprefix(prefix): _Part(part, "", "", role, _source(part.image))
        for role, part in zip(_ENTRANCE, plan.entrance, strict=False)
    }


def _of_service(service: Service, plan: DeploymentPlan) -> Iterator[_Part]:
    if service.database:
        part, storage = service.database.container, plan.settings.storage_class
        yield _Part(part, service.key, service.name, "database", _source(part.image), storage)
    # What is built from its folder has another content with another runtime.
    source = (*_source(service.image), service.runtime, service.image.name if plan.pulls else "")
    if service.migration:
        yield _Part(service.migration, service.key, service.name, "migration", source)
    for replica in service.replicas:
        yield _Part(replica, service.key, service.name, "service", source)


def _source(image: Image) -> tuple[object, ...]:
    """Return what decides the content of an image; where one engine builds it, its name does not."""
    return (image.reference, image.folder, image.arguments)
