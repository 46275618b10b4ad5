"""A plan as text: by service, one line per file, counts at the end. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from generator.columns import padded, width

from .plan_document import Plan, PlannedChange
from .three_way import KINDS, LISTED

# The kinds whose reason is printed; the reason of the others is obvious.
_EXPLAINED = {"merge", "conflict", "keep"}
_WIDEST = 48
_WORDS = {
    "create": "to create",
    "update": "to update",
    "merge": "to merge",
    "delete": "to delete",
    "keep": "kept",
}
_STATES = {"new": " (new)", "goes": " (removed from cn.yaml)", "stays": ""}


def text(plan: Plan, ending: str) -> str:
    """Return the plan as text; `ending` follows the counts if there are changes."""
    shown = [change for change in plan.changes if change.kind != "keep" or change.reason in LISTED]
    parts = list(_groups(plan, shown))
    counts = _counts(plan)
    if plan.something_to_do:
        parts.append(f"Plan: {counts}.\n{ending}".rstrip("\n"))
    else:
        uncounted = "cn.yaml and .cn-new/ are not counted"
        parts.append(f"No changes. {plan.name} matches cn.yaml ({counts}; {uncounted}).")
    parts += ["\n".join(f"Note: {note}" for note in plan.notes)] if plan.notes else []
    parts += list(_differences(plan))
    return "\n\n".join(parts)


def escaped(name: str) -> str:
    """Return the name of a file in one line, without control characters."""
    return name if name.isprintable() else json.dumps(name)[1:-1].replace("\x7f", "\\u007f")


def _groups(plan: Plan, shown: Iterable[PlannedChange]) -> Iterator[str]:
    """Yield a block for each service with changes, then one for the other files."""
    states = {service.name: service.state for service in plan.services}
    groups: dict[str, list[PlannedChange]] = {}
    for change in shown:
        groups.setdefault(change.service or "", []).append(change)
    for service in sorted(groups, key=lambda name: (name == "", name)):
        head = f"services/{service}{_STATES[states.get(service, 'stays')]}" if service else "system"
        prefix = f"services/{service}/" if service else ""
        lines = list(_lines(groups[service], prefix))
        plain = sum(
            change.kind == "keep" and change.reason not in LISTED and (change.service or "") == service
            for change in plan.changes
        )
        if plain:
            lines.append(
                f"  {'keep':8}  {_files(plain)} that you edited or deleted; cn-new has no changes for them"
            )
        yield "\n".join([head, *lines])


def _lines(changes: list[PlannedChange], prefix: str) -> Iterator[str]:
    names = [escaped(change.path.removeprefix(prefix)) for change in changes]
    explained = [name for name, change in zip(names, changes, strict=True) if change.kind in _EXPLAINED]
    widest = min(max(map(width, explained), default=0), _WIDEST)
    for name, change in zip(names, changes, strict=True):
        why = f"  {change.text}" if change.kind in _EXPLAINED else ""
        yield f"  {change.kind:8}  {padded(name, widest) if why else name}{why}"


def _counts(plan: Plan) -> str:
    counts = plan.counts
    parts = [
        f"{getattr(counts, kind)} {_WORDS[kind]}"
        for kind in KINDS
        if kind in _WORDS and getattr(counts, kind)
    ]
    if counts.conflict:
        parts.insert(
            len(parts) - bool(counts.keep),
            "1 conflict" if counts.conflict == 1 else f"{counts.conflict} conflicts",
        )
    if not plan.something_to_do:
        parts.insert(0, f"{_files(counts.same)} unchanged")
    if counts.added:
        parts.append(f"{_files(counts.added)} of your own")
    return ", ".join(parts)


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"


def _differences(plan: Plan) -> Iterator[str]:
    """Yield the conflicts, indented so that `git apply` skips them, and then the patch."""
    conflicts = [change for change in plan.changes if change.kind == "conflict" and change.diff]
    if conflicts:
        blocks = ["Conflicts, not part of the patch; the new lines are:"]
        for change in conflicts:
            lines = (change.diff or "").rstrip("\n").split("\n")
            blocks += [f"  {change.path}", *(f"  | {line}" for line in lines)]
        yield "\n".join(blocks)
    patches = "".join(change.diff for change in plan.changes if change.diff and change.kind != "conflict")
    if patches:
        yield patches.removesuffix("\n")
