"""What is installed of all that a system needs, what is missing or too old, and how to get it."""

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

from .version_probe import Found, ask

TOOLS = Path(__file__).parent / "tools.yml"
OK, OLD, BROKEN, MISSING = "ok", "old", "broken", "missing"
_MANAGERS = {"apt": "apt-get install", "dnf": "dnf install", "brew": "brew install"}


@dataclass(frozen=True)
class Tool:
    """A program to look for. It is needed, or it serves to work on `services` outside of their images."""

    title: str
    command: tuple[str, ...]
    least: str
    get: Mapping[str, str]
    needed: bool
    services: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """A tool and how it is."""

    tool: Tool
    state: str
    version: str
    problem: str


@dataclass(frozen=True)
class Limits:
    """What is wrong with limits of services on this machine: what the engine refuses, and takes."""

    faults: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def wanted(runtimes: Mapping[str, Mapping[str, Any]], context: Context | None) -> list[Tool]:
    """Return the tools that a system asks for; without one, all that any system may."""
    known = context.services if context else ()
    entries = yaml.safe_load(TOOLS.read_text(encoding="utf-8"))
    tools = [_tool(entry, needed=True) for entry in entries if not _spared(entry, context)]
    for name, runtime in runtimes.items():
        services = tuple(service.name for service in known if service.runtime == name)
        if services or context is None:
            tools += [_tool(entry, needed=False, services=services) for entry in runtime.get("tools", ())]
    return tools


def _spared(entry: Mapping[str, Any], context: Context | None) -> bool:
    """Say whether a system does without a tool; of any system one knows only how a new one begins."""
    uses = {"built", "docker"}
    if context is not None:
        uses = {*context.targets, *(["built"] if any(service.folder for service in context.services) else [])}
    wanted = set(entry.get("wanted", ()))
    return bool(wanted) and not wanted & uses


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
    """Ask all tools at once for their versions, which takes as long as the slowest of them."""
    with ThreadPoolExecutor(max_workers=max(1, len(tools))) as pool:
        answers = pool.map(lambda tool: ask(tool.command, environment), tools)
        return [_judge(tool, found) for tool, found in zip(tools, answers, strict=True)]


def _judge(tool: Tool, found: Found) -> Finding:
    if found.problem:
        return Finding(tool, BROKEN if found.there else MISSING, "", found.problem)
    if _numbers(found.version) < _numbers(tool.least):
        problem = f"{found.version} is too old ({tool.least} or newer is needed)"
        return Finding(tool, OLD, found.version, problem)
    return Finding(tool, OK, found.version, "")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part)


def healthy(findings: Iterable[Finding]) -> bool:
    """Say whether all that is needed is there."""
    return all(finding.state == OK for finding in findings if finding.tool.needed)


def remedy(finding: Finding) -> str:
    """Say in one line how to get a tool that is not right, on a machine with this package manager."""
    get = finding.tool.get
    ways = [get["start"]] if finding.state == BROKEN and "start" in get else []
    manager = next((name for name in _MANAGERS if name in get and shutil.which(name)), "")
    ways += [f"{_MANAGERS[manager]} {get[manager]}"] if manager and finding.state != BROKEN else []
    return ", or ".join([*ways, get["link"]])


def as_text(findings: Sequence[Finding], system: str, limits: Limits) -> str:
    """Write findings for a person."""
    needed = [finding for finding in findings if finding.tool.needed]
    useful = [finding for finding in findings if not finding.tool.needed]
    lines = [f"Needed{f' by {system}' if system else ''}:", *_rows(needed)]
    if useful:
        lines += ["", "To work on services outside of their images:", *_rows(useful)]
    if limits.faults or limits.warnings:
        told = [*limits.faults, *(f"warning: {text}" for text in limits.warnings)]
        lines += ["", "On this machine:", *(f"  {text}" for text in told)]
    count = sum(finding.state != OK for finding in needed)
    wrong = f"Missing or not right: {count} of {len(needed)}."
    there = "Everything that is needed is there."
    if limits.faults:
        there = f"Everything that is needed is there, and cn.yaml asks for more: {len(limits.faults)}."
    return "\n".join([*lines, "", wrong if count else there])


def _rows(findings: Iterable[Finding]) -> list[str]:
    lines = []
    for finding in findings:
        tool = finding.tool
        serves = f" ({', '.join(tool.services)})" if tool.services else ""
        if finding.state == OK:
            lines.append(f"  {OK:<8} {tool.title} {finding.version}{serves}")
        else:
            lines.append(f"  {finding.state:<8} {tool.title}{serves}: {finding.problem}")
            lines.append(f"  {'':<8} get it: {remedy(finding)}")
    return lines


def as_json(findings: Sequence[Finding], system: str, limits: Limits) -> str:
    """Write findings for a program."""
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
