"""`cn-new`: a whole new repository, from a spec, from flags or from answers."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

from generator import changes, disk, draft, git, merge, planned, plantext, report
from generator.draft import Draft
from generator.outcome import DONE, INTERRUPTED, Outcome, UsageError
from generator.project import Project, build
from generator.source import read_spec
from generator.template import Template, open_template

_FLAGS = ("service", "env", "description", "owner", "registry", "ci")
COMMAND_LINE = "command line"


def run(arguments: argparse.Namespace) -> Outcome:
    """Make the repository, or say what would be written."""
    template = open_template()
    _check_usage(arguments)
    if arguments.into or arguments.name:
        disk.check(_destination(arguments))  # before anything is asked
    data, source = _wanted_spec(arguments, template)
    project = build(data, source, template)
    destination = _destination(arguments, project.context.name)
    disk.check(destination)
    if arguments.plan:
        return Outcome("" if arguments.quiet else _planned(arguments, project, destination))
    disk.create(destination, project.tree)
    return _finish(arguments, project, destination)


def _planned(arguments: argparse.Namespace, project: Project, destination: Path) -> str:
    """Say what would be written, as `cn plan` says it of a project that is there."""
    new = project.tree
    found = changes.compare({}, new, {}, merge.merge)
    plan = planned.document(project.context.name, found, (), new, (), diffs=arguments.diff)
    if arguments.json:
        return json.dumps(plan.model_dump(mode="json"), indent=2)
    return plantext.text(plan, f"Nothing was written to {destination}.")


def _finish(arguments: argparse.Namespace, project: Project, destination: Path) -> Outcome:
    """Make the first commit and say what was made."""
    notes, code = report.notes(project.context), DONE
    try:
        note = (
            None
            if arguments.no_git
            else git.first_commit(destination, f"Start {project.context.name} with cn-new")
        )
    except KeyboardInterrupt:
        note, code = "interrupted before the first commit: the files are there", INTERRUPTED
    notes += [note] if note else []
    if arguments.quiet and code == DONE:
        return Outcome("")
    return Outcome(report.created(project.context, project.tree, destination, notes), code)


def _wanted_spec(arguments: argparse.Namespace, template: Template) -> tuple[bytes, str]:
    """Return the bytes of the cn.yaml to use, and the name of where they come from."""
    if arguments.spec is not None:
        return read_spec(arguments.spec)
    wanted = _draft(arguments)
    if arguments.defaults and not wanted.services:
        first = draft.parse_service(_default_service(template))
        wanted = replace(wanted, services=(first,))
    if not wanted.services:
        wanted = _ask(wanted, template)
    elif not wanted.name:
        raise UsageError("NAME is missing: it names the folder and the system")
    return draft.write(wanted), COMMAND_LINE


def _default_service(template: Template) -> str:
    return f"api:{next(iter(template.runtimes))},database=postgres,route=/api"


def _check_usage(arguments: argparse.Namespace) -> None:
    faults = []
    given = [flag for flag in _FLAGS if getattr(arguments, flag) is not None]
    if arguments.spec is not None:
        faults += [f"--{flag} says what --spec says already; use one of them" for flag in given]
    texts = [arguments.description, arguments.owner, arguments.registry, *(arguments.service or ())]
    if any("\udc80" <= char <= "\udcff" for text in texts if text for char in text):
        faults.append("a text on the command line is not UTF-8")
    faults += [
        f"--{flag} tells how --plan prints; add --plan"
        for flag in ("diff", "json")
        if getattr(arguments, flag) and not arguments.plan
    ]
    if arguments.into == "" or arguments.spec == "":
        faults.append("--into and --spec take a path, not an empty text")
    if arguments.name is not None and not _is_folder_name(arguments.name):
        faults.append(f"{json.dumps(arguments.name)[:60]} is not a folder's name; --into DIR takes a path")
    if faults:
        raise UsageError("\n".join(faults))


def _is_folder_name(name: str) -> bool:
    return bool(name) and name.isprintable() and not set(name) & set('/\\<>:"|?*') and name not in {".", ".."}


def _draft(arguments: argparse.Namespace) -> Draft:
    environments, services = draft.parse(arguments.env or ["dev=docker"], arguments.service or [])
    return Draft(
        name=arguments.name or (Path(arguments.into).resolve().name if arguments.into else ""),
        description=arguments.description or "",
        owner=arguments.owner or "",
        registry=arguments.registry or "",
        ci=arguments.ci or "",
        environments=environments,
        services=services,
    )


def _ask(wanted: Draft, template: Template) -> Draft:
    if not all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout)):
        name = wanted.name or "myproject"
        raise UsageError(
            "there is no terminal to ask on; say what you want, for example:\n"
            f"  cn-new {name} --defaults\n"
            f"  cn-new {name} --service {_default_service(template)}\n"
            f"  cn-new {name} --spec cn.yaml"
        )
    from generator.ask import ask

    return ask(wanted, template.runtimes)


def _destination(arguments: argparse.Namespace, system: str = "") -> Path:
    return Path(arguments.into or arguments.name or system)
