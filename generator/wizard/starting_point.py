"""The first questions: what to begin with, and the system's name."""

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
from .session import Desk, Origin, State

_EMPTY, _FILE, _GOING = "empty", "file", "going"
NEW_NAME = "myproject"
_FILE_NAME = "cn.yaml"


@dataclass(frozen=True)
class Start:
    """Asks what to begin with. `said` is what the command line says, which wins over any beginning."""

    desk: Desk
    said: Draft
    examples: Mapping[str, bytes]

    def ask(self, state: State | None) -> State:
        """Ask for a beginning; without a change `state` goes on as it is."""
        going = state is not None and state.draft != state.begun
        question = Question("A new cloud-native system", "Begin with", first=True)
        default = _GOING if going else next(iter(self.examples), _EMPTY)
        groups = self._groups(state if going else None)
        while True:
            found = self.desk.asker.select(question, groups, default)
            if found == _GOING and state is not None:
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
            "It names the folder, the images and the stacks: a-z, 0-9 and -.",
        )

        def fault(text: str) -> str | None:
            return self.desk.name_fault(replace(state.draft, name=text))

        name = self.desk.asker.text(question, state.draft.name, fault)
        begun = state.begun if state.draft != state.begun else replace(state.begun, name=name)
        return replace(state, draft=replace(state.draft, name=name), begun=begun)

    def _groups(self, going: State | None) -> list[Group[str]]:
        names = [service.name for service in going.draft.services] if going else []
        first = Choice(_GOING, ("as it is", ", ".join(names) or "no service yet"), "Goes on where you were.")
        return [
            *([group(first)] if going else []),
            group(
                *(_example_choice(name, load(data)) for name, data in self.examples.items()),
                Choice(_EMPTY, (_EMPTY, "no service yet"), "You say all of it."),
                Choice(_FILE, ("a file", "a cn.yaml of yours"), "It is kept, comments and all."),
            ),
        ]

    def _file(self) -> State:
        question = Question("A new cloud-native system", "Path of the file", "A cn.yaml; it is only read.")
        path = _path(self.desk.asker.text(question, _FILE_NAME, self._file_fault))
        data = read_file(path)
        draft = from_spec(load(data, str(path), self.desk.rules.runtimes))
        return self._state(draft, Origin(path, data), draft.name)

    def _file_fault(self, text: str) -> str | None:
        path = _path(text)
        try:
            load(read_file(path), text, self.desk.rules.runtimes)
        except SpecError as error:
            more = len(error.problems) - 1
            return f"{error.problems[0]}{f' (and {more} more)' if more else ''}"
        return None

    def _state(self, draft: Draft, origin: Origin | None, name: str) -> State:
        said = {key: value for key, value in vars(self.said).items() if value and key != "kept"}
        numbered = (name, *(f"{name}-{number}" for number in range(2, 10)))
        untaken = (one for one in numbered if not self.desk.place_fault(one))
        if self.said.environments:
            kept = {entry.name for entry in self.said.environments}
            gone = (entry.name for entry in draft.environments if entry.name not in kept)
            draft = reduce(without_environment, gone, draft)
        draft = replace(draft, **{"name": next(untaken, name), **said})
        return State(draft, draft, origin)


def _path(text: str) -> Path:
    """Return a path; a ~ stands for the home of a user that there is."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)


def _example(data: bytes) -> Draft:
    """Return an example as a beginning: without the organisation, and the clusters, that it makes up."""
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
