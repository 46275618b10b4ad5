"""`cn-new`: a whole new repository, from a spec, from flags or from answers."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from generator import progress
from generator.authoring import flags, spec_writer
from generator.authoring.draft import Draft, to_document
from generator.cli.spec_input import read_spec
from generator.errors import UsageError
from generator.progress import Progress
from generator.rendering.file_tree import File
from generator.rendering.template import Template, open_examples, open_template
from generator.repository import (
    existing_files,
    git,
    nested_repository,
    plan_document,
    plan_text,
    summary,
    text_merge,
    three_way,
    worktree,
    writer,
)
from generator.repository.build import Project, build
from generator.repository.existing_files import Overlap
from generator.result import DONE, CommandResult, code_of, printable
from pulumi_stacks.spec.loader import SpecError

# The examples that the wizard offers as a beginning.
_BEGINNINGS = ("hello", "shop")
_FLAGS = ("service", "env", "description", "owner", "registry", "ci")
COMMAND_LINE = "command line"


def run(arguments: argparse.Namespace) -> CommandResult:
    """Make the repository, or say what would be written."""
    try:
        return _run(arguments)
    except SpecError as error:
        # What flags say has no lines.
        lineless = (replace(one, line=0) if one.source == COMMAND_LINE else one for one in error.problems)
        raise SpecError(tuple(lineless)) from None


def _run(arguments: argparse.Namespace) -> CommandResult:
    template = open_template()
    _check_usage(arguments)
    if arguments.into or arguments.name:
        writer.check(_destination(arguments), merge=arguments.merge)  # before anything is asked
    with progress.progress_line(None if arguments.quiet else sys.stderr) as line:
        project, destination = _wanted(arguments, template, line)
        writer.check(destination, merge=arguments.merge)
        found = existing_files.find(destination, project.tree) if arguments.merge else Overlap(project.tree)
        if arguments.plan:
            text = "" if arguments.quiet else _planned(arguments, project, destination, found)
            return CommandResult(text, document=arguments.diff)
        try:
            added = found.added if arguments.merge else None
            writer.create(destination, found.tree, line.counter("writing files"), merge=added)
            return _finish(arguments, project, destination, found, line)
        except KeyboardInterrupt as interrupt:
            interrupt.args = (writer.left(destination),)
            raise


def _planned(arguments: argparse.Namespace, project: Project, destination: Path, found: Overlap) -> str:
    """Say what would be written, as `cn plan` says it of a project that is there."""
    there = worktree.read(destination, project.tree) if arguments.merge else {}
    grown = {path: file for path, file in there.items() if path in found.added and isinstance(file, File)}
    new = dict(project.tree) | {
        path: File(file.mode, file.data + found.added[path]) for path, file in grown.items()
    }
    changed = three_way.compare(grown, new, there, text_merge.merge)
    notes = nested_repository.notes(destination, found.tree) + existing_files.notes(found)
    plan = plan_document.document(project.context.name, changed, (), new, notes, diffs=arguments.diff)
    if arguments.json:
        return json.dumps(plan.model_dump(mode="json"), indent=2)
    return plan_text.text(plan, f"Nothing was written to {printable(str(destination))}.")


def _finish(
    arguments: argparse.Namespace, project: Project, destination: Path, found: Overlap, line: Progress
) -> CommandResult:
    """Make the first commit and say what was made."""
    notes, code = summary.notes(project.context) + existing_files.notes(found), DONE
    try:
        notes += nested_repository.notes(destination, found.tree)
        if not arguments.no_git:
            line.counter("making the first commit")
            written = {path: file for path, file in project.tree.items() if path not in found.kept}
            notes += git.first_commit(destination, written, f"Start {project.context.name} with cn-new")
    except KeyboardInterrupt as interrupt:
        notes.append("interrupted before the first commit: the files are there")
        code = code_of(interrupt)
    if arguments.quiet and code == DONE:
        return CommandResult("")
    return CommandResult(summary.created(project.context, found.tree, destination, notes), code)


def _wanted(arguments: argparse.Namespace, template: Template, line: Progress) -> tuple[Project, Path]:
    """Return the project to make, and its folder."""

    def built(data: bytes, source: str) -> Project:
        return build(data, source, template, line.counter("rendering files"))

    def looked_at(data: bytes, source: str) -> Project:
        try:
            return built(data, source)
        finally:
            line.hide()  # a question follows

    if arguments.spec is not None:
        project = built(*read_spec(arguments.spec))
        return project, _destination(arguments, project.context.name)
    wanted = _draft(arguments)
    if arguments.defaults and not wanted.services:
        wanted = replace(wanted, services=(flags.parse_service(_default_service(template)),))
    if not wanted.services:
        return _ask(arguments, wanted, template, looked_at)
    if not wanted.name:
        raise UsageError("NAME is missing: it names the folder and the system")
    wanted = replace(wanted, environments=wanted.environments or Draft("").environments)
    project = built(spec_writer.write(to_document(wanted)), COMMAND_LINE)
    return project, _destination(arguments, project.context.name)


def _default_service(template: Template) -> str:
    return f"api:{next(iter(template.runtimes))},database=postgres,route=/api"


def _check_usage(arguments: argparse.Namespace) -> None:
    faults = []
    given = [flag for flag in _FLAGS if getattr(arguments, flag) is not None]
    if arguments.spec is not None:
        faults += [f"--{flag} says what --spec says already; use one of them" for flag in given]
    texts = [arguments.description, arguments.owner, arguments.registry]
    texts += [*(arguments.service or ()), *(arguments.env or ())]
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
    taken = {"", ".", "..", ".git"}
    return name not in taken and name.isprintable() and not set(name) & set('/\\<>:"|?*')


def _draft(arguments: argparse.Namespace) -> Draft:
    """Return what the flags say; without --env there is no environment in it."""
    environments, services = flags.parse(arguments.env or [], arguments.service or [])
    return Draft(
        name=arguments.name or (Path(arguments.into).resolve().name if arguments.into else ""),
        description=arguments.description or "",
        owner=arguments.owner or "",
        registry=arguments.registry or "",
        ci=arguments.ci or "",
        environments=environments,
        services=services,
    )


def _ask(
    arguments: argparse.Namespace, given: Draft, template: Template, built: Callable[[bytes, str], Project]
) -> tuple[Project, Path]:
    """Ask for what the flags do not say."""
    if not _is_interactive():
        name = given.name or "myproject"
        raise UsageError(
            "there is no terminal to ask on; say what you want, for example:\n"
            f"  cn-new {name} --defaults\n"
            f"  cn-new {name} --service {_default_service(template)}\n"
            f"  cn-new {name} --spec cn.yaml"
        )
    from generator.wizard.run import WizardRequest, ask

    switches = ("merge", "no-git", "plan", "diff", "json", "quiet")
    options = [
        *(["--into", arguments.into] if arguments.into else []),
        *(f"--{switch}" for switch in switches if getattr(arguments, switch.replace("-", "_"))),
    ]
    wanted = WizardRequest(
        given=given,
        source=COMMAND_LINE,
        destination_of=lambda name: Path(arguments.into or name),
        build=built,
        options=tuple(options),
        writes=not arguments.plan,
        merges=arguments.merge,
    )
    examples = open_examples()
    found = ask(wanted, template, {name: examples[name] for name in _BEGINNINGS if name in examples})
    return found.project, found.destination


def _is_interactive() -> bool:
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


def _destination(arguments: argparse.Namespace, system: str = "") -> Path:
    return writer.plain(Path(arguments.into or arguments.name or system))
