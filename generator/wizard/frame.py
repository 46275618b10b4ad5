"""The frame around an answer on a terminal: the question above it, help or an error below it."""

from __future__ import annotations

from collections.abc import Callable

from prompt_toolkit.application.current import get_app
from prompt_toolkit.data_structures import Size
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.key_binding import KeyPressEvent
from prompt_toolkit.layout import FormattedTextControl, Window
from prompt_toolkit.layout.dimension import Dimension

from generator import columns

from .prompts import Question

# Below these rows and columns, only the essential texts are shown.
_LOW, _NARROW = 14, 60


class Frame:
    """The question above an answer, and the help or the error below it."""

    def __init__(
        self,
        question: Question,
        fault: Callable[[], str | None],
        more_help: Callable[[], str] = lambda: "",
        quiet: Callable[[], bool] = lambda: False,
    ) -> None:
        self.question = question
        self._fault, self._help, self._quiet = fault, more_help, quiet
        self._tried = False

    def head(self) -> StyleAndTextTuples:
        """Return heading and question; on a terminal with few rows only the question."""
        heading, text = self.question.heading, self.question.text
        if text and size().rows < _LOW:
            return [("", wrapped(text))]
        above = wrapped(heading) + "\n\n" if heading and text else wrapped(heading) + "\n"
        return [("class:heading", above if heading else ""), ("", wrapped(text))]

    def foot(self, hint: str) -> str:
        """Return the help for the keys, shorter on a small terminal."""
        room = size()
        back = "" if self.question.first else "   Esc: back"
        if room.rows < _LOW or room.columns < _NARROW:
            return f"{hint}{back or '   Ctrl-C: quit'}"
        return f"{hint}{back}   Ctrl-C: quit, write nothing"

    def message(self) -> StyleAndTextTuples:
        """Return the error of the current answer, or the help."""
        fault = None if self._quiet() and not self._tried else self._fault()
        help_ = self._help() or self.question.help
        text = fault or help_
        below = f"\n{wrapped(text, indent=2)}" if text else ""
        return [("class:fault" if fault else "", below)]

    def submit(self, event: KeyPressEvent, answer: object) -> None:
        """Accept an answer if it has no error."""
        self._tried = True
        if self._fault() is None:
            event.app.exit(result=answer)


def size() -> Size:
    """Return the current size of the terminal."""
    return get_app().output.get_size()


def wrapped(text: str, indent: int = 0) -> str:
    """Wrap a text between words for the current size of the terminal."""
    room = max(10, size().columns - 1)
    found = columns.wrapped(text, room - indent)
    return "\n".join(" " * indent + line for line in found)


def lines(text: Callable[[], StyleAndTextTuples]) -> Window:
    """Return a window as high as its text, which is evaluated at each redraw."""
    return Window(
        FormattedTextControl(text), wrap_lines=True, dont_extend_height=True, height=Dimension(min=1)
    )
