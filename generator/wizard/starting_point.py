"""The first questions: the starting point and the name of the system."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path

from generator.authoring.draft import Draft, from_spec, without_environment
from pulumi_stacks.spec.loader import SpecError, read_file
from pulumi_stacks.spec.model import Spec
from pulumi_stacks.system import load

from .prompts import Back, Choice, Group, Question, group
from .session import Origin, Session, State

_EMPTY, _FILE, _CURRENT = "empty", "file", "current"
NEW_NAME = "myproject"
_FILE_NAME = "cn.yaml"


@dataclass(frozen=True)
class StartingPoint:
    """Asks for the starting point. `given` holds the values of the command line, which take precedence."""

    session: Session
    given: Draft
    examples: Mapping[str, bytes]

    def ask(self, state: State | None) -> State:
        """Ask for the starting point; the user can also continue with an edited `state`."""
        current = state is not None and state.draft != state.initial
        question = Question("A new cloud-native system", "Start from", first=True)
        default = _CURRENT if current else next(iter(self.examples), _EMPTY)
        groups = self._groups(state if current else None)
        while True:
            found = self.session.prompter.select(question, groups, default)
            if found == _CURRENT and state is not None:
                return state
            if found == _EMPTY:
                return self._state(Draft(""), None, NEW_NAME)
            if found != _FILE:
                return self._state(_example(self.examples[found]), None, found)
            try:
                return self._file()
            except Back:
                default = _FILE

    def name(self, state: State) -> State:
        """Ask for the system's name."""
        question = Question(
            "A new cloud-native system",
            "Name of the system",
            "Also the name of the folder, images and stacks: a-z, 0-9 and -.",
        )

        def fault(text: str) -> str | None:
            return self.session.name_fault(replace(state.draft, name=text))

        name = self.session.prompter.text(question, state.draft.name, fault)
        initial = state.initial if state.draft != state.initial else replace(state.initial, name=name)
        return replace(state, draft=replace(state.draft, name=name), initial=initial)

    def _groups(self, current: State | None) -> list[Group[str]]:
        names = [service.name for service in current.draft.services] if current else []
        first = Choice(_CURRENT, ("current", ", ".join(names) or "no services"), "Continue with your edits.")
        return [
            *([group(first)] if current else []),
            group(
                *(_example_choice(name, load(data)) for name, data in self.examples.items()),
                Choice(_EMPTY, (_EMPTY, "no services"), "Add all services yourself."),
                Choice(_FILE, ("a file", "your cn.yaml"), "Comments and layout are kept."),
            ),
        ]

    def _file(self) -> State:
        question = Question(
            "A new cloud-native system", "Path of the file", "A cn.yaml; the file is not changed."
        )
        path = _path(self.session.prompter.text(question, _FILE_NAME, self._file_fault))
        data = read_file(path)
        draft = from_spec(load(data, str(path), self.session.validator.runtimes))
        return self._state(draft, Origin(path, data), draft.name)

    def _file_fault(self, text: str) -> str | None:
        path = _path(text)
        try:
            load(read_file(path), text, self.session.validator.runtimes)
        except SpecError as error:
            more = len(error.problems) - 1
            return f"{error.problems[0]}{f' (and {more} more)' if more else ''}"
        return None

    def _state(self, draft: Draft, origin: Origin | None, name: str) -> State:
        given = {key: value for key, value in vars(self.given).items() if value and key != "kept"}
        numbered = (name, *(f"{name}-{number}" for number in range(2, 10)))
        untaken = (one for one in numbered if not self.session.destination_fault(one))
        if self.given.environments:
            kept = {entry.name for entry in self.given.environments}
            gone = (entry.name for entry in draft.environments if entry.name not in kept)
            draft = reduce(without_environment, gone, draft)
        draft = replace(draft, **{"name": next(untaken, name), **given})
        return State(draft, draft, origin)


def _path(text: str) -> Path:
    """Return a path with `~` expanded for an existing user."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)


def _example(data: bytes) -> Draft:
    """Return an example as a starting point, without its fictional owner, registry and clusters."""
    draft = from_spec(load(data), new=True)
    clusters = [entry.name for entry in draft.environments if entry.pulls]
    draft = reduce(without_environment, clusters, draft)
    draft = replace(draft, environments=draft.environments or Draft("").environments)
    kept = {key: value for key, value in draft.kept.items() if key not in {"owner", "registry"}}
    services = tuple(replace(service, was="") for service in draft.services)
    return replace(draft, owner="", registry="", kept=kept, services=services)


def _example_choice(name: str, spec: Spec) -> Choice[str]:
    databases = sum(bool(service.database) for service in spec.services.values())
    calls = sum(len(service.calls) for service in spec.services.values())
    counts = ((len(spec.services), "service"), (databases, "database"), (calls, "call"))
    about = ", ".join(f"{n} {word}{'' if n == 1 else 's'}" for n, word in counts if n)
    names = ", ".join(spec.services)
    return Choice(name, (name, about), f"{spec.description}: {names}." if spec.description else f"{names}.")
