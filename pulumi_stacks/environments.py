"""Two deployment plans of one environment, or one where there is no other, to all that changed. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import consequences
from .changed import EnvironmentDiff, Finding, NetworkChanges
from .findings import findings
from .risks import grouped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .deployment import DeploymentPlan


def compare(before: DeploymentPlan | None, after: DeploymentPlan | None) -> EnvironmentDiff:
    """Return what changed in one environment; one of the two may have no plan for it."""
    if after is None:
        assert before is not None  # noqa: S101
        return _removed(before)
    if before is None or before.project != after.project:
        return _anew(before, after)
    wires = consequences.networks(before, after)
    return EnvironmentDiff(
        name=after.environment,
        state="stays",
        findings=findings(before, after),
        containers=grouped(consequences.containers(before, after)),
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


def _anew(before: DeploymentPlan | None, after: DeploymentPlan) -> EnvironmentDiff:
    """Tell of an environment that is made from nothing: it is new, or its system has another name."""
    name = after.environment
    wires = consequences.networks(None, after)
    if before is None:
        found = Finding(
            area="environment",
            what="added",
            weight="info",
            service=None,
            subject=name,
            before=None,
            after=name,
            text=f"{name} is new: nothing runs there until `make up ENV={name}`",
        )
    else:
        found = Finding(
            area="system",
            what="renamed",
            weight="danger",
            service=None,
            subject="name",
            before=before.project,
            after=after.project,
            text=f"{before.project} is called {after.project} now, which to Pulumi is another system: all of "
            f"it is made anew, with empty databases. {before.project} runs on and holds the gateway's port "
            f"until `make down ENV={name}` is run at the revision before; {_databases(before)}",
        )
    return EnvironmentDiff(
        name=name,
        state="added" if before is None else "anew",
        findings=(found,),
        containers=grouped(consequences.containers(None, after)),
        networks=NetworkChanges(created=wires.created, replaced=(), deleted=()),
        notes=(),
    )


def _databases(plan: DeploymentPlan) -> str:
    volumes = [f"`{service.database.volume}`" for service in plan.services if service.database]
    return f"its rows stay in {', '.join(volumes)}" if volumes else "it has no data"


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
