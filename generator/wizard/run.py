"""Runs the wizard: all questions from the starting point to the preview."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from generator.authoring.draft import Draft
from generator.rendering.template import Template, open_examples
from pulumi_stacks.spec.loader import SpecError

from .menu import Menu
from .preview import Preview
from .prompts import Back, Prompter
from .session import BuildProject, DestinationOf, Session, State
from .starting_point import NEW_NAME, StartingPoint
from .terminal import is_dumb, open_prompter, shows_unicode
from .validation import Validator

_OFFERED_EXAMPLES = ("hello", "shop")
_SWITCHES = ("merge", "no-git", "plan", "diff", "json", "quiet")


@dataclass(frozen=True)
class WizardRequest:
    """What the command line specifies: a draft, the folder for a name, how to build, further options.

    `source` is the place that problems of the draft are reported for.
    """

    given: Draft
    source: str
    destination_of: DestinationOf
    build: BuildProject
    options: tuple[str, ...] = ()
    writes: bool = True
    merges: bool = False


def request(arguments: argparse.Namespace, given: Draft, source: str, build: BuildProject) -> WizardRequest:
    """Return the request of the arguments of `cn-new`."""
    into = ["--into", arguments.into] if arguments.into else []
    switches = [f"--{name}" for name in _SWITCHES if getattr(arguments, name.replace("-", "_"))]
    return WizardRequest(
        given=given,
        source=source,
        destination_of=lambda name: Path(arguments.into or name),
        build=build,
        options=(*into, *switches),
        writes=not arguments.plan,
        merges=arguments.merge,
    )


def ask(request: WizardRequest, template: Template) -> Preview:
    """Ask for a whole system, and return the approved preview.

    Raises SpecError if the command line is invalid, KeyboardInterrupt if the user quits.
    """
    examples = open_examples()
    offered = {name: examples[name] for name in _OFFERED_EXAMPLES if name in examples}
    with open_prompter() as prompter:
        return ask_with(prompter, request, template, offered)


def ask_with(
    prompter: Prompter, request: WizardRequest, template: Template, examples: Mapping[str, bytes]
) -> Preview:
    """Ask with a given prompter."""
    session = Session(
        prompter=prompter,
        validator=Validator(template.runtimes),
        runtimes=template.runtimes,
        destination_of=request.destination_of,
        build=request.build,
        options=request.options,
        writes=request.writes,
        merges=request.merges,
        unicode=shows_unicode(os.environ, sys.stdout.encoding) and not is_dumb(os.environ),
    )
    if problems := session.validator.problems(_complete(request.given), request.source):
        raise SpecError(problems)
    prompter.discard_typeahead()
    return _ask(session, StartingPoint(session, request.given, examples))


def _complete(given: Draft) -> Draft:
    usual = Draft(NEW_NAME)
    return replace(
        given, name=given.name or usual.name, environments=given.environments or usual.environments
    )


def _ask(session: Session, start: StartingPoint) -> Preview:
    state: State | None = None
    while True:
        state = start.ask(state)
        named = _named(start, state)
        while named is not None:
            found = Menu(session).ask(named)
            if isinstance(found, Preview):
                return found
            state = found
            named = _named(start, found, again=True)


def _named(start: StartingPoint, state: State, *, again: bool = False) -> State | None:
    """Ask for the name unless the command line has it; None if the user goes back to the starting point."""
    if start.given.name:
        return None if again else state
    try:
        return start.name(state)
    except Back:
        return None
