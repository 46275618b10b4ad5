"""Asks line by line with numbered choices, for a terminal without cursor control (TERM=dumb)."""

from __future__ import annotations

import sys
import termios
from collections.abc import Callable, Collection, Sequence
from typing import TypeVar

from .prompts import LONGEST, Back, Check, Choice, Group, Question, fault_of

T = TypeVar("T")
_BACK = ("<", "\x1b")
_NONE = "-"


class LinePrompter:
    """A Prompter that reads whole lines."""

    def text(self, question: Question, default: str, check: Check, *, optional: bool = False) -> str:
        """Ask for one line; an empty line selects the default."""
        while True:
            self._head(question, f"{_NONE} for none" if optional else "")
            typed = self._read(question, default)
            answer = "" if optional and typed == _NONE else typed or default
            fault = fault_of(answer, check)
            if fault is None:
                return answer
            self.show(f"  {fault}")

    def select(self, question: Question, groups: Sequence[Group[T]], default: T) -> T:
        """Ask for the number of a choice."""
        choices = [choice for group in groups for choice in group.choices]
        start = next((number for number, one in enumerate(choices, 1) if one.value == default), 1)
        while True:
            self._head(question)
            number = 0
            for group in groups:
                if group.heading:
                    self.show(f"  {group.heading}")
                for choice in group.choices:
                    number += 1
                    self.show(f"  {number:2} {_line(choice)}")
            found = _number(self._read(question, str(start)), len(choices))
            if found:
                return choices[found - 1].value
            self.show(f"  enter a number from 1 to {len(choices)}")

    def several(
        self,
        question: Question,
        choices: Sequence[Choice[T]],
        chosen: Collection[T],
        check: Callable[[tuple[T, ...]], str | None],
    ) -> tuple[T, ...]:
        """Ask for the numbers of choices."""
        numbers = {choice.value: number for number, choice in enumerate(choices, 1)}
        default = " ".join(str(numbers[value]) for value in chosen if value in numbers) or _NONE
        while True:
            self._head(question, f"numbers separated by spaces, {_NONE} for none")
            for number, choice in enumerate(choices, 1):
                self.show(f"  {number:2} {_line(choice)}")
            typed = self._read(question, default)
            words = [] if typed == _NONE else typed.replace(",", " ").split()
            found = [_number(word, len(choices)) for word in words]
            answer = tuple(choices[number - 1].value for number in dict.fromkeys(found) if number)
            fault = check(answer) if all(found) else f"enter numbers from 1 to {len(choices)}"
            if fault is None:
                return answer
            self.show(f"  {fault}")

    def show(self, text: str) -> None:
        """Print lines."""
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    def discard_typeahead(self) -> None:
        """Discard input that was typed before the question was shown."""
        termios.tcflush(sys.stdin, termios.TCIFLUSH)

    def _head(self, question: Question, hint: str = "") -> None:
        if question.heading:
            self.show(f"\n{question.heading}")
        how = [hint] if hint else []
        how += [] if question.first else ["<: back"]
        hints = f" ({', '.join(how)})" if how else ""
        self.show(f"\n{question.text or 'What next?'}{hints}")
        if question.help:
            self.show(f"  {question.help}")

    def _read(self, question: Question, default: str) -> str:
        sys.stdout.write(f"[{default}] " if default else "> ")
        sys.stdout.flush()
        line = sys.stdin.readline()
        if not line:  # Ctrl-D, or a closed terminal
            raise KeyboardInterrupt
        typed = line.strip(" \t\r\n")[:LONGEST]
        if typed in _BACK and not question.first:
            raise Back
        return typed or default


def _line(choice: Choice[T]) -> str:
    cells = "  ".join(filter(None, choice.cells))
    return f"{cells}: {choice.help}" if choice.help and len(choice.cells) == 1 else cells


def _number(text: str, highest: int) -> int:
    """Return the number of a text, or 0 if it is not a valid choice."""
    return int(text) if text.isascii() and text.isdigit() and 0 < int(text[:9]) <= highest else 0
