"""Two deployment plans of one environment, or one where there is no other, to all that changed. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from . import container_impact
from .impact_summary import grouped
from .model import EnvironmentDiff, Finding, NetworkChanges
from .moves import moved, volumes
from .spec_changes import findings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..plan.model import DeploymentPlan
    from .target_rules import DiffRules


def compare(
    before: DeploymentPlan | None, after: DeploymentPlan | None, targets: Mapping[str, DiffRules]
) -> EnvironmentDiff:
    """Return what changed in one environment; one of the two may have no plan for it."""
    if after is None:
        assert before is not None  # noqa: S101
        return _removed(before, targets[before.target])
    rules = targets[after.target]
    if before is None:
        return _recreated(_added(after), after, rules, "added")
    if before.project != after.project:
        return _recreated(_renamed(before, after, targets[before.target]), after, rules)
    if found := moved(before, after, targets):
        return _recreated(found, after, rules)
    networks = container_impact.networks(before, after)
    return EnvironmentDiff(
        name=after.environment,
        state="stays",
        findings=findings(before, after, rules),
        containers=grouped(container_impact.containers(before, after, rules)),
        networks=NetworkChanges(
            created=networks.created, replaced=networks.replaced, deleted=networks.deleted
        ),
        notes=tuple(_notes(before, after)),
    )


def _removed(before: DeploymentPlan, rules: DiffRules) -> EnvironmentDiff:
    name = before.environment
    found = Finding(
        area="environment",
        what="removed",
        weight="danger",
        service=None,
        subject=name,
        before=name,
        after=None,
        text=f"{name} is no longer in cn.yaml and keeps running: run `make down ENV={name}` at the revision "
        f"before; {_databases(before, rules)}",
    )
    nothing = NetworkChanges(created=(), replaced=(), deleted=())
    return EnvironmentDiff(
        name=name, state="removed", findings=(found,), containers=(), networks=nothing, notes=()
    )


def _added(after: DeploymentPlan) -> Finding:
    name = after.environment
    first = f"`make push ENV={name}` and " if after.pulls else ""
    return Finding(
        area="environment",
        what="added",
        weight="info",
        service=None,
        subject=name,
        before=None,
        after=name,
        text=f"{name} is new: nothing runs there until {first}`make up ENV={name}`",
    )


def _renamed(before: DeploymentPlan, after: DeploymentPlan, rules: DiffRules) -> Finding:
    held = rules.holds(before.settings)
    return Finding(
        area="system",
        what="renamed",
        weight="danger",
        service=None,
        subject="name",
        before=before.project,
        after=after.project,
        text=f"{before.project} is now named {after.project}, which is another system for Pulumi: all of "
        f"it is created again, with empty databases. {before.project} keeps running and occupies {held} "
        f"until `make down ENV={after.environment}` is run at the revision before; "
        f"{_databases(before, rules)}",
    )


def _recreated(
    found: Finding,
    after: DeploymentPlan,
    rules: DiffRules,
    state: Literal["added", "recreated"] = "recreated",
) -> EnvironmentDiff:
    """Report an environment that is created from nothing, for the reason in `found`."""
    networks = container_impact.networks(None, after)
    return EnvironmentDiff(
        name=after.environment,
        state=state,
        findings=(found,),
        containers=grouped(container_impact.containers(None, after, rules)),
        networks=NetworkChanges(created=networks.created, replaced=(), deleted=()),
        notes=(),
    )


def _databases(plan: DeploymentPlan, rules: DiffRules) -> str:
    stored = volumes(plan, rules)
    return f"its rows stay in {stored}" if stored else "it has no data"


def _notes(before: DeploymentPlan, after: DeploymentPlan) -> Iterator[str]:
    old = {service.key: service for service in before.services}
    new = {service.key: service for service in after.services}
    gone = [service for key, service in sorted(old.items()) if key not in new and service.database]
    come = [service for key, service in sorted(new.items()) if key not in old and service.database]
    for service in gone if come else ():
        yield (
            f"if {service.name} was only renamed, set `id: {service.key}` on the service with the new name, "
            "so that it keeps its data"
        )
