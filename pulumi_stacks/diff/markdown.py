"""A diff as Markdown for a comment on a pull request. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..messages import show
from .text import LIMITS, SAME, alike, is_empty, networks, row, sections

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .model import Diff, EnvironmentDiff, Finding

# GitHub takes 65,536 characters in a comment; one beyond ASCII may count as more.
MARKDOWN_BYTES = 65_536


def markdown(diff: Diff, limit: int = MARKDOWN_BYTES) -> str:
    """Return a diff as a comment of at most `limit` bytes; what does not fit is cut, with a note."""
    lines = list(_markdown(diff))
    if len("\n".join(lines).encode()) <= limit:
        return "\n".join(lines)
    for kept in _fitting(lines, limit):
        return kept
    return ""


def _fitting(lines: list[str], limit: int) -> Iterator[str]:
    """Yield the longest beginning that fits together with the note about the cut."""
    low, high = 0, len(lines)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if len(_cut(lines, middle).encode()) <= limit else (low, middle - 1)
    yield _cut(lines, low)


def _cut(lines: list[str], kept: int) -> str:
    end = (
        f"**Cut here:** {len(lines) - kept} of {len(lines)} lines do not fit. "
        "`python -m pulumi_stacks.diff` in `infra/`, or `cn diff`, shows them all."
    )
    return "\n".join([*lines[:kept], "", end])


def _markdown(diff: Diff) -> Iterator[str]:
    yield f"## {_plain(diff.name)}: changes when this is deployed"
    yield ""
    yield f"`cn.yaml` from {_code(diff.before)} to {_code(diff.after)}"
    if not diff.changed:
        yield from ("", SAME)
        return
    groups = list(alike(diff))
    yield from _alarms(groups)
    for names, environment in groups:
        yield ""
        yield f"### {', '.join(names)}"
        yield ""
        yield from ["Nothing changed."] if is_empty(environment) else _environment(environment)
    yield from ("", f"<sub>{LIMITS}</sub>")


def _alarms(groups: list[tuple[list[str], EnvironmentDiff]]) -> Iterator[str]:
    """Yield the most important findings of all environments first."""
    for weight, kind in (("danger", "CAUTION"), ("attention", "WARNING")):
        lines = [
            f"> - {', '.join(names)}: {_finding_text(finding)}"
            for names, environment in groups
            for finding in environment.findings
            if finding.weight == weight
        ]
        if lines:
            yield from ("", f"> [!{kind}]", *lines)


def _environment(environment: EnvironmentDiff) -> Iterator[str]:
    for title, findings in sections(environment.findings):
        yield f"**{title}**"
        yield ""
        for finding in findings:
            shown = _finding_text(finding)
            yield f"- {f'**{shown}**' if finding.weight == 'danger' else shown}"
        yield ""
    if environment.containers:
        yield "| containers | action | risk | reasons |"
        yield "|---|---|---|---|"
        for change in environment.containers:
            risk, who, action, why = row(change)
            risk = f"**{risk}**" if change.risk == "interrupts" else risk
            yield f"| {_plain(who)} | {action} | {risk} | {why} |"
        yield ""
    if counts := networks(environment):
        yield f"Networks: {counts}."
        yield ""
    for note in environment.notes:
        yield f"> [!TIP]\n> {_plain(note)}\n"


def _finding_text(finding: Finding) -> str:
    """Return a finding with the values of the spec as code, so that they cannot be markup or links."""
    if finding.area not in {"setting", "image", "variable"}:
        return _plain(finding.text)
    before, after = (
        _code(show(value, 60) if finding.area == "variable" else value) if value is not None else "none"
        for value in (finding.before, finding.after)
    )
    where = f"{_plain(finding.service)}: " if finding.service else ""
    return f"{where}{_plain(finding.subject)} {before} \N{RIGHTWARDS ARROW} {after}"


def _plain(value: str) -> str:
    """Escape what Markdown would read as more than text; our own code spans stay."""
    parts = re.split("(`[^`]*`)", value)
    return "".join(
        part if part[:1] == "`" else re.sub(r"([\\*_\[\]<>|~&#])", r"\\\1", part) for part in parts
    )


def _code(value: str) -> str:
    ticks = "`" * (max(map(len, re.findall("`+", value)), default=0) + 1)
    pad = " " if value[:1] == "`" or value[-1:] == "`" else ""
    return f"{ticks}{pad}{value}{pad}{ticks}"
