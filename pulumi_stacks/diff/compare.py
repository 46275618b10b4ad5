"""Two deployment plans of one environment, or one where there is no other, to all that changed. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from . import container_impact
from .cluster_changes import moved, volumes
from .impact_summary import grouped
from .model import EnvironmentDiff, Finding, NetworkChanges
from .spec_changes import findings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..plan.model import DeploymentPlan


def compare(before: DeploymentPlan | None, after: DeploymentPlan | None) -> EnvironmentDiff:
    """Return what changed in one environment; one of the two may have no plan for it."""
    if after is None:
        assert before is not None  # noqa: S101
        return _removed(before)
    if before is None:
        return _anew(_added(after), after, "added")
    if before.project != after.project:
        return _anew(_renamed(before, after), after, "anew")
    if found := moved(before, after):
        return _anew(found, after, "anew")
    wires = container_impact.networks(before, after)
    return EnvironmentDiff(
        name=after.environment,
        state="stays",
        findings=findings(before, after),
        containers=grouped(container_impact.containers(before, after)),
        networks=NetworkChanges(created=wires.created, replaced=wires.replaced, deleted=wires.deleted),
        notes=tuple(_notes(before, after)),
    )


def _removed(before: DeploymentPlan) -> EnvironmentDiff:
    name = before.environment
    found = Finding(
        area="environment",
        what="removed",
        weight="danger",
        service=None,
        subject=name,
        before=name,
        after=None,
        text=f"{name} is no longer in cn.yaml, and nothing takes it down: it runs on, out of reach of make: "
        f"`make down ENV={name}` has to be run at the revision before; {_databases(before)}",
    )
    nothing = NetworkChanges(created=(), replaced=(), deleted=())
    return EnvironmentDiff(
        name=name, state="removed", findings=(found,), containers=(), networks=nothing, notes=()
    )


def _added(after: DeploymentPlan) -> Finding:
    name = after.environment
    first = f"`make push ENV={name}` and " if after.cluster else ""
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


def _renamed(before: DeploymentPlan, after: DeploymentPlan) -> Finding:
    held = "the gateway's port"
    if before.cluster:
        held = f"the namespace `{before.cluster.namespace}`"
    return Finding(
        area="system",
        what="renamed",
        weight="danger",
        service=None,
        subject="name",
        before=before.project,
        after=after.project,
        text=f"{before.project} is called {after.project} now, which to Pulumi is another system: all of "
        f"it is made anew, with empty databases. {before.project} runs on and holds {held} "
        f"until `make down ENV={after.environment}` is run at the revision before; {_databases(before)}",
    )


def _anew(found: Finding, after: DeploymentPlan, state: Literal["added", "anew"]) -> EnvironmentDiff:
    """Tell of an environment that is made from nothing, for the reason that is found."""
    wires = container_impact.networks(None, after)
    return EnvironmentDiff(
        name=after.environment,
        state=state,
        findings=(found,),
        containers=grouped(container_impact.containers(None, after)),
        networks=NetworkChanges(created=wires.created, replaced=(), deleted=()),
        notes=(),
    )


def _databases(plan: DeploymentPlan) -> str:
    return f"its rows stay in {volumes(plan)}" if volumes(plan) else "it has no data"


def _notes(before: DeploymentPlan, after: DeploymentPlan) -> Iterator[str]:
    old = {service.key: service for service in before.services}
    new = {service.key: service for service in after.services}
    gone = [service for key, service in sorted(old.items()) if key not in new and service.database]
    come = [service for key, service in sorted(new.items()) if key not in old and service.database]
    for service in gone if come else ():
        yield (
            f"if {service.name} was only renamed, give the service of the new name `id: {service.key}`: then "
            "it keeps its data"
        )
