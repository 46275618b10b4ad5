"""All questions, from the first to the last look."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace

from generator.authoring.draft import Draft
from generator.rendering.template import Template
from pulumi_stacks.spec.loader import SpecError

from .menu import Hub
from .preview import Preview
from .prompts import Asker, Back
from .session import Build, Desk, Place, State
from .starting_point import NEW_NAME, Start
from .terminal import is_plain, opened, shows_unicode
from .validation import Rules


@dataclass(frozen=True)
class Wanted:
    """What the command line says: a draft, the folder for a name, how to build, other words of the command.

    `source` is what faults of the draft name as their place.
    """

    said: Draft
    source: str
    place: Place
    build: Build
    options: tuple[str, ...] = ()
    writes: bool = True
    merges: bool = False


def ask(wanted: Wanted, template: Template, examples: Mapping[str, bytes]) -> Preview:
    """Ask for a whole system, and return what is to be written.

    Raises SpecError when the command line says what cannot be, KeyboardInterrupt when the user leaves.
    """
    with opened() as asker:
        return ask_with(asker, wanted, template, examples)


def ask_with(asker: Asker, wanted: Wanted, template: Template, examples: Mapping[str, bytes]) -> Preview:
    """Ask with a given asker."""
    desk = Desk(
        asker=asker,
        rules=Rules(template.runtimes),
        runtimes=template.runtimes,
        place=wanted.place,
        build=wanted.build,
        options=wanted.options,
        writes=wanted.writes,
        merges=wanted.merges,
        unicode=shows_unicode(os.environ, sys.stdout.encoding) and not is_plain(os.environ),
    )
    if problems := desk.rules.problems(_complete(wanted.said), wanted.source):
        raise SpecError(problems)
    asker.forget_typed()
    return _ask(desk, Start(desk, wanted.said, examples))


def _complete(said: Draft) -> Draft:
    usual = Draft(NEW_NAME)
    return replace(said, name=said.name or usual.name, environments=said.environments or usual.environments)


def _ask(desk: Desk, start: Start) -> Preview:
    state: State | None = None
    while True:
        state = start.ask(state)
        named = _named(start, state)
        while named is not None:
            found = Hub(desk).ask(named)
            if isinstance(found, Preview):
                return found
            state = found
            named = _named(start, found, again=True)


def _named(start: Start, state: State, *, again: bool = False) -> State | None:
    """Ask for the name, unless the command line says it; None when the user goes back to the beginning."""
    if start.said.name:
        return None if again else state
    try:
        return start.name(state)
    except Back:
        return None
