"""The session of a wizard: what all its forms share."""

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
# Placeholders for values that are asked later.
_ANY_REGISTRY, _ANY_NAME = "registry", "system"
DestinationOf = Callable[[str], Path]
BuildProject = Callable[[bytes, str], Project]


@dataclass(frozen=True)
class Origin:
    """The file that a draft was loaded from."""

    path: Path
    data: bytes


@dataclass(frozen=True)
class State:
    """The current draft and the initial one."""

    draft: Draft
    initial: Draft
    origin: Origin | None = None


@dataclass(frozen=True)
class Session:
    """The prompter, the validator, and the options of the command line."""

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
        """Return the first fault of a draft that was not in it before.

        A missing registry is not a fault: it is asked for separately.
        """
        found = self._faults(draft)
        known = self._faults(before) if found and before else []
        return next((message for path, message in found if (path, message) not in known), None)

    def _faults(self, draft: Draft) -> list[tuple[str, str]]:
        filled = draft if draft.registry else replace(draft, registry=_ANY_REGISTRY)
        return [(problem.path, problem.message) for problem in self.validator.problems(filled)]

    def lacks_registry(self, draft: Draft) -> bool:
        """Return whether the only fault is a missing registry."""
        return not draft.registry and self.validator.fault(draft) != self.fault(draft)

    def select(
        self,
        question: Question,
        groups: Sequence[Group[T]],
        default: T,
        applied: Callable[[T], Draft],
        before: Draft,
    ) -> T:
        """Return a choice that adds no fault to a draft; a fault is shown instead of the help."""
        while True:
            default = self.prompter.select(question, groups, default)
            fault = self.fault(applied(default), before)
            if fault is None:
                return default
            question = replace(question, help=f"Not possible: {fault}")

    def name_fault(self, draft: Draft) -> str | None:
        """Return why a system cannot have its name: it is invalid, or its folder exists."""
        return self.fault(draft, replace(draft, name=_ANY_NAME)) or self.destination_fault(draft.name)

    def destination_fault(self, name: str) -> str | None:
        """Return why the folder of a system cannot be used."""
        try:
            check(self.destination_of(name), merge=self.merges)
        except DestinationError as error:
            return str(error)
        return None

    def title(self, runtime: str) -> str:
        """Return the title of a runtime; an empty one is a prebuilt image."""
        return str(self.runtimes[runtime]["title"]) if runtime else "Prebuilt image"
