"""What the rooms of the wizard share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from generator.authoring.draft import Draft
from generator.repository.build import Project
from generator.repository.writer import DestinationError, check

from .prompts import Group, Prompter, Question
from .validation import Validator

T = TypeVar("T")
# Stand for what is said later.
_ANY_REGISTRY, _ANY_NAME = "registry", "system"
DestinationOf = Callable[[str], Path]
BuildProject = Callable[[bytes, str], Project]


@dataclass(frozen=True)
class Origin:
    """The file that a draft began with."""

    path: Path
    data: bytes


@dataclass(frozen=True)
class State:
    """What has been said so far, and what it began with."""

    draft: Draft
    initial: Draft
    origin: Origin | None = None


@dataclass(frozen=True)
class Session:
    """Who asks, by which rules, for which folder."""

    prompter: Prompter
    validator: Validator
    runtimes: Mapping[str, Mapping[str, Any]]
    destination_of: DestinationOf
    build: BuildProject
    options: tuple[str, ...]
    writes: bool
    merges: bool
    unicode: bool

    def fault(self, draft: Draft, before: Draft | None = None) -> str | None:
        """Return the first fault of a draft that it had not before.

        That a cluster needs a registry is asked for apart.
        """
        found = self._faults(draft)
        known = self._faults(before) if found and before else []
        return next((message for path, message in found if (path, message) not in known), None)

    def _faults(self, draft: Draft) -> list[tuple[str, str]]:
        filled = draft if draft.registry else replace(draft, registry=_ANY_REGISTRY)
        return [(problem.path, problem.message) for problem in self.validator.problems(filled)]

    def lacks_registry(self, draft: Draft) -> bool:
        """Say whether the registry, and nothing else that is asked for, is missing."""
        return not draft.registry and self.validator.fault(draft) != self.fault(draft)

    def select(
        self,
        question: Question,
        groups: Sequence[Group[T]],
        default: T,
        applied: Callable[[T], Draft],
        before: Draft,
    ) -> T:
        """Return a choice that brings no new fault into a draft; a fault stands where the help was."""
        while True:
            default = self.prompter.select(question, groups, default)
            fault = self.fault(applied(default), before)
            if fault is None:
                return default
            question = replace(question, help=f"Not possible: {fault}")

    def name_fault(self, draft: Draft) -> str | None:
        """Say why a system cannot have its name: by the rules, or because its folder is taken."""
        return self.fault(draft, replace(draft, name=_ANY_NAME)) or self.destination_fault(draft.name)

    def destination_fault(self, name: str) -> str | None:
        """Say why the folder of a system cannot be made."""
        try:
            check(self.destination_of(name), merge=self.merges)
        except DestinationError as error:
            return str(error)
        return None

    def title(self, runtime: str) -> str:
        """Return what people call a runtime; one without a name is a ready image."""
        return str(self.runtimes[runtime]["title"]) if runtime else "Ready image"
