"""What the rooms of the wizard share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from generator.authoring.draft import Draft
from generator.repository.build import Project
from generator.repository.writer import DestinationError, check

from .prompts import Asker, Group, Question
from .validation import Rules

T = TypeVar("T")
# Stand for what is said later.
_ANY_REGISTRY, _ANY_NAME = "registry", "system"
Place = Callable[[str], Path]
Build = Callable[[bytes, str], Project]


@dataclass(frozen=True)
class Origin:
    """The file that a draft began with."""

    path: Path
    data: bytes


@dataclass(frozen=True)
class State:
    """What has been said so far, and what it began with."""

    draft: Draft
    begun: Draft
    origin: Origin | None = None


@dataclass(frozen=True)
class Desk:
    """Who asks, by which rules, for which folder."""

    asker: Asker
    rules: Rules
    runtimes: Mapping[str, Mapping[str, Any]]
    place: Place
    build: Build
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
        return [(problem.path, problem.message) for problem in self.rules.problems(filled)]

    def lacks_registry(self, draft: Draft) -> bool:
        """Say whether the registry, and nothing else that is asked for, is missing."""
        return not draft.registry and self.rules.fault(draft) != self.fault(draft)

    def select(
        self,
        question: Question,
        groups: Sequence[Group[T]],
        default: T,
        judged: Callable[[T], Draft],
        before: Draft,
    ) -> T:
        """Return a choice that brings no new fault into a draft; a fault stands where the help was."""
        while True:
            default = self.asker.select(question, groups, default)
            fault = self.fault(judged(default), before)
            if fault is None:
                return default
            question = replace(question, help=f"Not possible: {fault}")

    def name_fault(self, draft: Draft) -> str | None:
        """Say why a system cannot have its name: by the rules, or because its folder is taken."""
        return self.fault(draft, replace(draft, name=_ANY_NAME)) or self.place_fault(draft.name)

    def place_fault(self, name: str) -> str | None:
        """Say why the folder of a system cannot be made."""
        try:
            check(self.place(name), merge=self.merges)
        except DestinationError as error:
            return str(error)
        return None

    def title(self, runtime: str) -> str:
        """Return what people call a runtime; one without a name is a ready image."""
        return str(self.runtimes[runtime]["title"]) if runtime else "Ready image"
