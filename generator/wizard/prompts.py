"""The interface of a prompter: three kinds of question, and a step back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")

# The maximum length of an answer: that of a path, and short enough to draw fast.
LONGEST = 4096

# Returns why an answer is invalid; None if it is valid.
Check = Callable[[str], str | None]


class Back(Exception):  # noqa: N818 - not an error
    """The user goes back one step."""


@dataclass(frozen=True)
class Question:
    """A question with a heading and one line of help."""

    heading: str
    text: str
    help: str = ""
    first: bool = False  # has no previous step


@dataclass(frozen=True)
class Choice(Generic[T]):
    """One row of a list; its cells are aligned in columns."""

    value: T
    cells: tuple[str, ...]
    help: str = ""


@dataclass(frozen=True)
class Group(Generic[T]):
    """Choices below a common heading or an empty line."""

    choices: tuple[Choice[T], ...]
    heading: str = ""


class Prompter(Protocol):
    """Asks one question at a time. Each method raises Back, or KeyboardInterrupt if the user quits."""

    def text(self, question: Question, default: str, check: Check, *, optional: bool = False) -> str:
        """Return a stripped line that passes `check`; it can be empty if `optional`."""

    def select(self, question: Question, groups: Sequence[Group[T]], default: T) -> T:
        """Return the value of one choice."""

    def several(
        self,
        question: Question,
        choices: Sequence[Choice[T]],
        chosen: Collection[T],
        check: Callable[[tuple[T, ...]], str | None],
    ) -> tuple[T, ...]:
        """Return the values of any number of choices that together pass `check`."""

    def show(self, text: str) -> None:
        """Print lines permanently."""

    def discard_typeahead(self) -> None:
        """Discard input that was typed before the question was shown."""


def fault_of(answer: str, check: Check) -> str | None:
    """Return why an answer is invalid: it is not UTF-8, or `check` fails."""
    if any("\ud800" <= char <= "\udfff" for char in answer):
        return "not valid UTF-8"
    return check(answer)


def group(*choices: Choice[T], heading: str = "") -> Group[T]:
    """Return choices as a group."""
    return Group(choices, heading)


def in_turn(steps: Callable[[T], Sequence[Callable[[T], T]]], value: T) -> T:
    """Run the steps for a value in order; Back returns to the previous step.

    Back in the first step is raised. An answer can change the following steps, not the previous ones.
    """
    index = 0
    while index < len(steps(value)):
        try:
            value = steps(value)[index](value)
            index += 1
        except Back:
            if index == 0:
                raise
            index -= 1
    return value
