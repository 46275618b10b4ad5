"""What the loader says of a draft, so that an answer is judged as the file will be. And what it offers."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, get_args

from generator.authoring.draft import Draft, to_document
from generator.authoring.spec_writer import write
from pulumi_stacks.spec.loader import Problem, SpecError
from pulumi_stacks.system import load


@dataclass(frozen=True)
class Rules:
    """The rules of the format and of one template."""

    runtimes: Collection[str]

    def fault(self, draft: Draft) -> str | None:
        """Return the first fault of a draft, or None. That it has no service yet is none."""
        return next((problem.message for problem in self.problems(draft)), None)

    def problems(self, draft: Draft, source: str = "") -> tuple[Problem, ...]:
        """Return all faults of a draft, as found in `source`."""
        try:
            load(write(to_document(draft)), source, self.runtimes)
        except SpecError as error:
            found = error.problems
            return tuple(problem for problem in found if draft.services or problem.path != "services")
        return ()


def offered(annotation: Any) -> tuple[str, ...]:
    """Return the words that a field of the model takes."""
    words = [word for part in get_args(annotation) for word in (part, *get_args(part))]
    return tuple(word for word in words if isinstance(word, str))


def free(name: str, taken: Iterable[str]) -> str:
    """Return a name, with a number behind it if it is taken."""
    known = set(taken)
    return next(found for found in (name, *(f"{name}-{n}" for n in range(2, 10_000))) if found not in known)
