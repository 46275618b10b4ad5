"""Checks which tools of a system are installed, missing or too old, and how to install them."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from pulumi_stacks.context.model import Context
from pulumi_stacks.spec.model import DEFAULT_TARGET

from .version_probe import Found, ask

TOOLS = Path(__file__).parent / "tools.yml"
OK, OLD, BROKEN, MISSING = "ok", "old", "broken", "missing"
_MANAGERS = {"apt": "apt-get install", "dnf": "dnf install", "brew": "brew install"}


@dataclass(frozen=True)
class Tool:
    """A program to check. It is required, or useful to develop `services` outside of their images."""

    title: str
    command: tuple[str, ...]
    least: str
    get: Mapping[str, str]
    needed: bool
    services: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """A tool and its state."""

    tool: Tool
    state: str
    version: str
    problem: str


@dataclass(frozen=True)
class Limits:
    """The limits of services that exceed this machine: faults that Docker rejects, and warnings."""

    faults: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def required_tools(runtimes: Mapping[str, Mapping[str, Any]], context: Context | None) -> list[Tool]:
    """Return the tools of a system; without one, those of a new system and of all runtimes."""
    known = context.services if context else ()
    entries = yaml.safe_load(TOOLS.read_text(encoding="utf-8"))
    tools = [_tool(entry, needed=True) for entry in entries if not _is_unused(entry, context)]
    for name, runtime in runtimes.items():
        services = tuple(service.name for service in known if service.runtime == name)
        if services or context is None:
            tools += [_tool(entry, needed=False, services=services) for entry in runtime.get("tools", ())]
    return tools


def _is_unused(entry: Mapping[str, Any], context: Context | None) -> bool:
    """Return whether a system does not use a tool; a new system runs on the default target."""
    uses = {"built", DEFAULT_TARGET}
    if context is not None:
        uses = {*context.targets, *(["built"] if any(service.folder for service in context.services) else [])}
    targets = set(entry.get("wanted", ()))
    return bool(targets) and not targets & uses


def _tool(entry: Mapping[str, Any], *, needed: bool, services: tuple[str, ...] = ()) -> Tool:
    return Tool(
        title=entry["title"],
        command=tuple(entry["command"]),
        least=entry.get("least", ""),
        get=entry["get"],
        needed=needed,
        services=services,
    )


def examine(tools: Sequence[Tool], environment: Mapping[str, str] = os.environ) -> list[Finding]:
    """Get the versions of all tools in parallel."""
    with ThreadPoolExecutor(max_workers=max(1, len(tools))) as pool:
        answers = pool.map(lambda tool: ask(tool.command, environment), tools)
        return [_evaluate(tool, found) for tool, found in zip(tools, answers, strict=True)]


def _evaluate(tool: Tool, found: Found) -> Finding:
    if found.problem:
        return Finding(tool, BROKEN if found.there else MISSING, "", found.problem)
    if _numbers(found.version) < _numbers(tool.least):
        problem = f"{found.version} is too old; {tool.least} or newer is required"
        return Finding(tool, OLD, found.version, problem)
    return Finding(tool, OK, found.version, "")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part)


def healthy(findings: Iterable[Finding]) -> bool:
    """Return whether all required tools are usable."""
    return all(finding.state == OK for finding in findings if finding.tool.needed)


def remedy(finding: Finding) -> str:
    """Return in one line how to install or start a tool, with the package manager of this machine."""
    get = finding.tool.get
    ways = [get["start"]] if finding.state == BROKEN and "start" in get else []
    manager = next((name for name in _MANAGERS if name in get and shutil.which(name)), "")
    ways += [f"{_MANAGERS[manager]} {get[manager]}"] if manager and finding.state != BROKEN else []
    return ", or ".join([*ways, get["link"]])


def as_text(findings: Sequence[Finding], system: str, limits: Limits) -> str:
    """Return findings as text."""
    required = [finding for finding in findings if finding.tool.needed]
    useful = [finding for finding in findings if not finding.tool.needed]
    lines = [f"Required{f' by {system}' if system else ''}:", *_rows(required)]
    if useful:
        lines += ["", "To develop services outside of their images:", *_rows(useful)]
    if limits.faults or limits.warnings:
        messages = [*limits.faults, *(f"warning: {text}" for text in limits.warnings)]
        lines += ["", "Limits on this machine:", *(f"  {text}" for text in messages)]
    count = sum(finding.state != OK for finding in required)
    if count:
        result = f"{count} of {len(required)} required tools are missing or not usable."
    elif limits.faults:
        result = f"All required tools are installed; limits that exceed this machine: {len(limits.faults)}."
    else:
        result = "All required tools are installed."
    return "\n".join([*lines, "", result])


def _rows(findings: Iterable[Finding]) -> list[str]:
    lines = []
    for finding in findings:
        tool = finding.tool
        serves = f" ({', '.join(tool.services)})" if tool.services else ""
        if finding.state == OK:
            lines.append(f"  {OK:<8} {tool.title} {finding.version}{serves}")
        else:
            lines.append(f"  {finding.state:<8} {tool.title}{serves}: {finding.problem}")
            lines.append(f"  {'':<8} to fix: {remedy(finding)}")
    return lines


def as_json(findings: Sequence[Finding], system: str, limits: Limits) -> str:
    """Return findings as JSON."""
    tools = [
        {
            "title": finding.tool.title,
            "command": finding.tool.command,
            "needed": finding.tool.needed,
            "services": finding.tool.services,
            "state": finding.state,
            "version": finding.version,
            "least": finding.tool.least,
            "problem": finding.problem,
            "get": "" if finding.state == OK else remedy(finding),
        }
        for finding in findings
    ]
    document = {
        "doctor": 1,
        "system": system,
        "healthy": healthy(findings) and not limits.faults,
        "tools": tools,
        "faults": limits.faults,
        "warnings": limits.warnings,
    }
    return json.dumps(document, indent=2)
