"""A prompter without a terminal that takes its answers from a script, in order."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

from generator.wizard.prompts import Back, Check, Choice, Group, Question

BACK, LEAVE = object(), object()


class Script:
    """Answers by (part of the question, answer). Where an answer has a fault, the next one has its turn."""

    def __init__(self, *steps: tuple[str, Any]) -> None:
        self.steps = list(steps)
        self.faults: list[str] = []
        self.shown = ""
        self.seen: list[str] = []
        self.help: dict[str, str] = {}

    def text(self, question: Question, default: str, check: Check, *, optional: bool = False) -> str:
        while True:
            answer = self._next(question, [])
            answer = default if answer is None else answer
            if (fault := check(answer)) is None:
                return answer
            self.faults.append(fault)

    def select(self, question: Question, groups: Sequence[Group[Any]], default: Any) -> Any:
        choices = [choice for group in groups for choice in group.choices]
        rows = ["  ".join(choice.cells) for choice in choices]
        self.help |= {choice.cells[0]: choice.help for choice in choices}
        answer = self._next(question, rows)
        if answer is None:
            return default
        (found,) = [choice.value for choice, row in zip(choices, rows, strict=True) if row.startswith(answer)]
        return found

    def several(
        self,
        question: Question,
        choices: Sequence[Choice[Any]],
        chosen: Collection[Any],
        check: Callable[[tuple[Any, ...]], str | None],
    ) -> tuple[Any, ...]:
        while True:
            answer = self._next(question, [choice.cells[0] for choice in choices])
            if (fault := check(tuple(answer))) is None:
                return tuple(answer)
            self.faults.append(fault)

    def show(self, text: str) -> None:
        self.shown += text

    def discard_typeahead(self) -> None:
        pass

    def _next(self, question: Question, rows: list[str]) -> Any:
        asked = "\n".join([question.heading, question.text, question.help, *rows])
        self.seen.append(asked)
        assert self.steps, f"nothing left to answer:\n{asked}"
        part, answer = self.steps.pop(0)
        assert part in asked, f"expected {part!r}:\n{asked}"
        if answer is BACK:
            raise Back
        if answer is LEAVE:
            raise KeyboardInterrupt
        return answer
