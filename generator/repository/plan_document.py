"""A plan as a document: the output of `cn plan --json` and `cn-new --plan --json`. Pure.

The document is a versioned interface; its JSON schema is generated from these models.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any, Literal

from pydantic import Field

from pulumi_stacks.documents import Document

from .git.patch import hunks, patch
from .three_way import KINDS, REASONS, SYSTEM, Change, Changes, Kind, services_of

ServiceState = Literal["new", "stays", "goes"]


class Counts(Document):
    """The number of files of each kind."""

    create: int = Field(description="Does not exist; would be created.")
    update: int = Field(description="Not edited; would be replaced by the new version.")
    merge: int = Field(description="Changed on both sides, in different lines; would contain both.")
    delete: int = Field(description="Not edited and no longer generated; would be deleted.")
    conflict: int = Field(description="Requires a decision; the user's file would not be changed.")
    keep: int = Field(description="Differs from the generated version; would not be changed.")
    same: int = Field(description="Equal to the generated version.")
    added: int = Field(
        description="The user's own files, which cn-new does not generate, at most 10000; those of a removed "
        "service also count as kept."
    )


class PlannedService(Document):
    """One service with a folder, now or after an apply."""

    name: str = Field(description="Name of the service and of its folder below services/.")
    state: ServiceState = Field(description="Whether it is new in cn.yaml, stays, or was removed.")
    added: int = Field(description="The user's own files in its folder.")


class PlannedChange(Document):
    """The change of one file that differs from the generated version."""

    path: str = Field(description="Path below the project's folder, with `/`.")
    service: str | None = Field(description="The service that the file belongs to, or null.")
    kind: Kind = Field(description="The kind of change.")
    reason: str = Field(description="The reason, as a keyword.", json_schema_extra={"enum": list(REASONS)})
    text: str = Field(description="The reason, as text.")
    conflicts: int = Field(description="Number of conflicts: places where both sides changed the same lines.")
    diff: str | None = Field(
        description="With --diff: the patch of the file; for a conflict, the new lines that would not be "
        "written. Otherwise null."
    )


class Plan(Document):
    """The changes that an apply would make to a project's folder. Nothing is written."""

    plan: Literal[1] = Field(default=1, description="Version of this document.")
    name: str = Field(description="Name of the system.")
    something_to_do: bool = Field(
        description="Whether any file is to be created, updated, merged or deleted, or is in conflict."
    )
    counts: Counts = Field(description="The number of files of each kind.")
    services: tuple[PlannedService, ...] = Field(description="Services, sorted by name.")
    changes: tuple[PlannedChange, ...] = Field(description="Files, sorted by path.")
    notes: tuple[str, ...] = Field(description="Further notes, one sentence each.")


def schema() -> dict[str, Any]:
    """Return the JSON schema of a plan (draft 2020-12)."""
    return Plan.schema_of_output()


def to_json(plan: Plan) -> str:
    """Return a plan as JSON."""
    return json.dumps(plan.model_dump(mode="json"), indent=2)


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
    """Return the reason of a change as text."""
    text = REASONS[change.reason]
    if change.obstacle:
        text = f"blocked by {change.obstacle}"
    if change.conflicts:
        places = "1 place" if change.conflicts == 1 else f"{change.conflicts} places"
        text += f", in {places}"
    return text


def difference(change: Change) -> str:
    """Return the patch of a change; for a conflict, the new lines."""
    if change.kind == "conflict":
        return hunks(*change.rendered)
    return patch(change.path, change.before, change.after)
