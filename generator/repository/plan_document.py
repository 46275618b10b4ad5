"""A plan as a document: what `cn plan --json` and `cn-new --plan --json` print. Pure.

The document is an interface with a version of its own; its JSON schema comes from these models.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Literal

from pydantic import Field

from pulumi_stacks.documents import Document

from .git_patch import hunks, patch
from .three_way import KINDS, REASONS, SYSTEM, Change, Changes, Kind, services_of

ServiceState = Literal["new", "stays", "goes"]


class Counts(Document):
    """How many files there are of each kind."""

    create: int = Field(description="Not there yet; would be written.")
    update: int = Field(description="Not changed by the user; would be replaced by the new one.")
    merge: int = Field(description="Changed on both sides, in different places; would hold both.")
    delete: int = Field(
        description="Not changed by the user and no longer part of the system; would be deleted."
    )
    conflict: int = Field(description="Waits for a decision: the user's file would stay as it is.")
    keep: int = Field(description="Differs from what cn.yaml renders, and stays as it is.")
    same: int = Field(description="Is as cn.yaml renders it.")
    added: int = Field(
        description="The user's own files beside those that cn-new wrote, at most 10000; of a service that "
        "goes they are among the kept too."
    )


class PlannedService(Document):
    """One service that has a folder now or would have one."""

    name: str = Field(description="Name, and folder below services/.")
    state: ServiceState = Field(description="Whether it is new in cn.yaml, stays, or is no longer there.")
    added: int = Field(description="The user's own files in its folder.")


class PlannedChange(Document):
    """What would happen to one file that is not as cn.yaml renders it."""

    path: str = Field(description="Path below the project's folder, with `/`.")
    service: str | None = Field(description="The service in whose folder it lies, or null.")
    kind: Kind = Field(description="What would happen.")
    reason: str = Field(description="Why, as a word.", json_schema_extra={"enum": list(REASONS)})
    text: str = Field(description="Why, in words.")
    conflicts: int = Field(description="Places where both sides changed the same lines; else 0.")
    diff: str | None = Field(
        description="With --diff: a patch of the file; of a conflict, the lines that are due and would not "
        "be written. Else null."
    )


class Plan(Document):
    """What an apply would do to a project's folder. Nothing is written."""

    plan: Literal[1] = Field(default=1, description="Version of this document.")
    name: str = Field(description="Name of the system.")
    something_to_do: bool = Field(
        description="Whether anything is to be created, updated, merged or deleted, or in conflict."
    )
    counts: Counts = Field(description="How many files there are of each kind.")
    services: tuple[PlannedService, ...] = Field(description="Services, sorted by name.")
    changes: tuple[PlannedChange, ...] = Field(description="Files, sorted by path.")
    notes: tuple[str, ...] = Field(description="What else is to know, one sentence each.")


def schema() -> dict[str, Any]:
    """Return the JSON schema of a plan (draft 2020-12)."""
    return Plan.schema_of_output()


def document(
    name: str,
    changes: Changes,
    before: Collection[str],
    after: Collection[str],
    notes: Collection[str],
    *,
    diffs: bool,
) -> Plan:
    """Return the plan of a system; `before` and `after` are the paths rendered last and now."""
    added = changes.added or {}
    old, new = services_of(before), services_of(after)
    return Plan(
        name=name,
        something_to_do=changes.something_to_do,
        counts=Counts(
            same=changes.same, added=sum(added.values()), **{kind: changes.count(kind) for kind in KINDS}
        ),
        services=tuple(
            PlannedService(
                name=service,
                state="goes" if service not in new else "stays" if service in old else "new",
                added=added.get(service, 0),
            )
            for service in sorted(old | new)
        ),
        changes=tuple(_planned(change, diffs) for change in changes.changes),
        notes=tuple(notes),
    )


def _planned(change: Change, diffs: bool) -> PlannedChange:
    return PlannedChange(
        path=change.path,
        service=change.service if change.service != SYSTEM else None,
        kind=change.kind,
        reason=change.reason,
        text=explained(change),
        conflicts=change.conflicts,
        diff=difference(change) if diffs and change.kind != "keep" else None,
    )


def explained(change: Change) -> str:
    """Say in words why a change is what it is."""
    text = REASONS[change.reason]
    if change.obstacle:
        text = f"{change.obstacle} stands there"
    if change.conflicts:
        places = "1 place" if change.conflicts == 1 else f"{change.conflicts} places"
        text += f", in {places}"
    return text


def difference(change: Change) -> str:
    """Return the patch of what would be written; of a conflict the lines that are due."""
    if change.kind == "conflict":
        return hunks(*change.rendered)
    return patch(change.path, change.before, change.after)
