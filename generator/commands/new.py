"""`cn-new`: a new repository from a spec, from flags or from the wizard."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from generator.authoring import flags, spec_writer
from generator.authoring.draft import Draft, to_document
from generator.cli import new_usage
from generator.cli.spec_input import read_spec
from generator.errors import UsageError
from generator.progress import Progress, progress_line
from generator.rendering.template import Template, open_template
from generator.repository import create, plan_document, plan_text, summary, writer
from generator.repository.build import Project, build
from generator.result import DONE, CommandResult, printable
from pulumi_stacks.spec.loader import SpecError

COMMAND_LINE = "command line"
_Build = Callable[[bytes, str], Project]


def run(arguments: argparse.Namespace) -> CommandResult:
    """Create the repository, or return the plan."""
    template = open_template()
    new_usage.check(arguments)
    if arguments.into or arguments.name:
        writer.check(_destination(arguments), merge=arguments.merge)  # before the first question
    with progress_line(None if arguments.quiet else sys.stderr) as line:
        try:
            project, destination = _project(arguments, template, line)
        except SpecError as error:
            # Flags have no line numbers.
            lineless = (replace(one, line=0) if one.source == COMMAND_LINE else one for one in error.problems)
            raise SpecError(tuple(lineless)) from None
        creation = create.prepare(project, destination, merge=arguments.merge)
        if arguments.plan:
            return _plan(arguments, creation)
        with create.described_interrupts(creation):
            created = create.create(creation, line, commit=not arguments.no_git)
            if arguments.quiet and created.code == DONE:
                return CommandResult("")
            text = summary.created(project.context, creation.overlap.tree, destination, created.notes)
            return CommandResult(text, created.code)


def _plan(arguments: argparse.Namespace, creation: create.Creation) -> CommandResult:
    if arguments.quiet:
        return CommandResult("", document=arguments.diff)
    plan = create.make_plan(creation, diffs=arguments.diff)
    if arguments.json:
        return CommandResult(plan_document.to_json(plan), document=arguments.diff)
    ending = f"Nothing was written to {printable(str(creation.destination))}."
    return CommandResult(plan_text.text(plan, ending), document=arguments.diff)


def _project(arguments: argparse.Namespace, template: Template, line: Progress) -> tuple[Project, Path]:
    """Return the rendered project and its folder."""

    def render(data: bytes, source: str) -> Project:
        return build(data, source, template, line.counter("rendering files"))

    def render_for_wizard(data: bytes, source: str) -> Project:
        try:
            return render(data, source)
        finally:
            line.hide()  # a question follows

    if arguments.spec is not None:
        project = render(*read_spec(arguments.spec))
        return project, _destination(arguments, project.context.name)
    draft = _draft(arguments)
    if arguments.defaults and not draft.services:
        draft = replace(draft, services=(flags.parse_service(flags.example(template.runtimes)),))
    if not draft.services:
        return _ask(arguments, draft, template, render_for_wizard)
    if not draft.name:
        raise UsageError("NAME is missing; it is the name of the folder and of the system")
    draft = replace(draft, environments=draft.environments or Draft("").environments)
    project = render(spec_writer.write(to_document(draft)), COMMAND_LINE)
    return project, _destination(arguments, project.context.name)


def _draft(arguments: argparse.Namespace) -> Draft:
    name = arguments.name or (Path(arguments.into).resolve().name if arguments.into else "")
    return flags.draft(name, vars(arguments))


def _ask(
    arguments: argparse.Namespace, draft: Draft, template: Template, render: _Build
) -> tuple[Project, Path]:
    """Run the wizard for everything that the flags do not specify."""
    if not _is_interactive():
        raise new_usage.no_terminal(draft.name or "myproject", flags.example(template.runtimes))
    from generator.wizard.run import ask, request

    found = ask(request(arguments, draft, COMMAND_LINE, render), template)
    return found.project, found.destination


def _is_interactive() -> bool:
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


def _destination(arguments: argparse.Namespace, system: str = "") -> Path:
    return writer.plain(Path(arguments.into or arguments.name or system))
