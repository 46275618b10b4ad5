"""A diff as text for a terminal, and the words shared with Markdown. Pure."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .model import ContainerChange, Diff, EnvironmentDiff, Finding

_MARKS = {"added": "+", "removed": "-", "changed": "~", "renamed": "~"}
_AREAS = {
    "system": "System",
    "environment": "Environment",
    "data": "Data",
    "route": "Public routes",
    "diagnostics": "Public routes",
    "service": "Services",
    "edge": "Connections",
    "image": "Settings",
    "setting": "Settings",
    "variable": "Settings",
}
_ACTIONS = {"create": "created", "replace": "replaced", "update": "updated in place", "delete": "deleted"}
_RISKS = {
    "interrupts": "interrupts",
    "rolls": "rolling",
    "in place": "in place",
    "none": "no impact",
}
LIMITS = "Based on cn.yaml only: changes of code in services/ also replace containers, and are not listed."
SAME = "No changes for a running system."


def text(diff: Diff) -> str:
    """Return a diff for a terminal."""
    head = f"{diff.name}: {diff.before} \N{RIGHTWARDS ARROW} {diff.after}"
    if not diff.changed:
        return f"{head}\n{SAME}"
    parts = [head]
    groups = list(alike(diff))
    for names, environment in groups:
        if not is_empty(environment):
            parts.append("\n".join([", ".join(names), *_body(environment)]))
    quiet = [name for names, environment in groups if is_empty(environment) for name in names]
    parts += [f"{', '.join(quiet)}: nothing changed"] if quiet else []
    return "\n\n".join([*parts, LIMITS])


def alike(diff: Diff) -> Iterator[tuple[list[str], EnvironmentDiff]]:
    """Yield each different environment once, with the names of all with the same changes."""
    found: dict[str, list[str]] = {}
    first: dict[str, EnvironmentDiff] = {}
    for environment in diff.environments:
        # The names of volumes hold that of the environment.
        key = environment.model_copy(update={"name": ""}).model_dump_json()
        key = key.replace(f"{diff.name}_{environment.name}_", f"{diff.name}_\0_")
        found.setdefault(key, []).append(environment.name)
        first.setdefault(key, environment)
    for key, names in found.items():
        if len(names) > 1:
            many = key.replace("\0", "{" + ",".join(names) + "}")
            yield names, first[key].model_validate_json(many)
        else:
            yield names, first[key]


def is_empty(environment: EnvironmentDiff) -> bool:
    """Return whether nothing changed there."""
    return not (environment.findings or environment.containers or networks(environment))


def _body(environment: EnvironmentDiff) -> Iterator[str]:
    for title, findings in sections(environment.findings):
        yield f"  {title}"
        yield from (f"    {_mark(finding)} {finding.text}" for finding in findings)
    if environment.containers:
        yield "  Containers"
        rows = [row(change) for change in environment.containers]
        widths = [max(len(cells[column]) for cells in rows) for column in range(3)]
        for cells in rows:
            padded = [cell.ljust(width) for cell, width in zip(cells, widths, strict=False)]
            yield "    " + "  ".join([*padded, cells[3]]).rstrip()
    if counts := networks(environment):
        yield f"  Networks: {counts}"
    yield from (f"  Note: {note}" for note in environment.notes)


def sections(findings: Iterable[Finding]) -> Iterator[tuple[str, list[Finding]]]:
    """Yield findings by what they are about, under a title."""
    order = list(dict.fromkeys(_AREAS.values()))
    ranked = sorted(findings, key=lambda finding: order.index(_AREAS[finding.area]))
    for title, group in groupby(ranked, key=lambda finding: _AREAS[finding.area]):
        yield title, list(group)


def _mark(finding: Finding) -> str:
    return "!" if finding.weight == "danger" else _MARKS[finding.what]


def row(change: ContainerChange) -> tuple[str, str, str, str]:
    """Return risk, containers, action and reasons."""
    again = change.role == "migration" and change.action == "replace"
    action = "runs again" if again else _ACTIONS[change.action]
    return _RISKS[change.risk], _who(change), action, ", ".join(change.reasons)


def _who(change: ContainerChange) -> str:
    who = {
        "gateway": "gateway",
        "router": "router of the gateway",
        "database": f"database of {change.service}",
        "migration": f"migration of {change.service}",
        "service": change.service or "",
    }[change.role]
    return f"{who} ({change.count})" if change.count > 1 else who


def networks(environment: EnvironmentDiff) -> str:
    """Count the changes of networks."""
    changes = environment.networks
    counts = [
        f"{len(names)} {word}"
        for word, names in (
            ("created", changes.created),
            ("recreated with all containers on them", changes.replaced),
            ("deleted", changes.deleted),
        )
        if names
    ]
    return ", ".join(counts)
