"""Validates a draft with the loader of cn.yaml, and lists the valid values of fields."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, get_args

from generator.authoring.draft import Draft, to_document
from generator.authoring.spec_writer import write
from pulumi_stacks.spec.loader import Problem, SpecError
from pulumi_stacks.system import load


@dataclass(frozen=True)
class Validator:
    """Validates drafts for the runtimes of one template."""

    runtimes: Collection[str]

    def fault(self, draft: Draft) -> str | None:
        """Return the first fault of a draft, or None. Missing services are not a fault."""
        return next((problem.message for problem in self.problems(draft)), None)

    def problems(self, draft: Draft, source: str = "") -> tuple[Problem, ...]:
        """Return all faults of a draft, reported for `source`."""
        try:
            load(write(to_document(draft)), source, self.runtimes)
        except SpecError as error:
            found = error.problems
            return tuple(problem for problem in found if draft.services or problem.path != "services")
        return ()


def offered(annotation: Any) -> tuple[str, ...]:
    """Return the valid values of a field of the model."""
    words = [word for part in get_args(annotation) for word in (part, *get_args(part))]
    return tuple(word for word in words if isinstance(word, str))


def free(name: str, taken: Iterable[str]) -> str:
    """Return a name, with a number appended if it is taken."""
    known = set(taken)
    return next(found for found in (name, *(f"{name}-{n}" for n in range(2, 10_000))) if found not in known)
