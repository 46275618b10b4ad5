"""What a wizard needs of whoever asks: three kinds of question, and a way back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")

# Characters of an answer: as many as a path may have, and few enough to be drawn at once.
LONGEST = 4096

# Says why an answer cannot be used; None when it can.
Check = Callable[[str], str | None]


class Back(Exception):  # noqa: N818 - it is no error
    """The user goes back one step."""


@dataclass(frozen=True)
class Question:
    """What is asked, below which heading, and one line of help."""

    heading: str
    text: str
    help: str = ""
    first: bool = False  # no step before it


@dataclass(frozen=True)
class Choice(Generic[T]):
    """One line of a list: its cells stand below those of its neighbours."""

    value: T
    cells: tuple[str, ...]
    help: str = ""


@dataclass(frozen=True)
class Group(Generic[T]):
    """Lines that belong together, below a heading or an empty line."""

    choices: tuple[Choice[T], ...]
    heading: str = ""


class Prompter(Protocol):
    """Asks one question at a time. Each raises Back, or KeyboardInterrupt when the user leaves."""

    def text(self, question: Question, default: str, check: Check, *, optional: bool = False) -> str:
        """Return one line without spaces around it, that `check` finds no fault with; `optional`: or none."""

    def select(self, question: Question, groups: Sequence[Group[T]], default: T) -> T:
        """Return the value of one choice."""

    def several(
        self,
        question: Question,
        choices: Sequence[Choice[T]],
        chosen: Collection[T],
        check: Callable[[tuple[T, ...]], str | None],
    ) -> tuple[T, ...]:
        """Return the values of any number of choices, that `check` finds no fault with together."""

    def show(self, text: str) -> None:
        """Print lines that stay."""

    def discard_typeahead(self) -> None:
        """Drop what was typed before its question could be read."""


def fault_of(answer: str, check: Check) -> str | None:
    """Say why an answer cannot be used: because it is no text at all, or by what `check` finds."""
    if any("\ud800" <= char <= "\udfff" for char in answer):
        return "has a byte that is not UTF-8"
    return check(answer)


def group(*choices: Choice[T], heading: str = "") -> Group[T]:
    """Return choices as a group."""
    return Group(choices, heading)


def in_turn(steps: Callable[[T], Sequence[Callable[[T], T]]], value: T) -> T:
    """Take the steps that a value asks for, one after the other; Back returns to the one before.

    Out of the first step Back is raised. An answer may change which steps follow, not those before it.
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
