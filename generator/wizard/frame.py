"""What stands around an answer on a terminal: the question above it, help or a fault below it."""

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

# ListControl and columns below which only what is needed is shown.
_LOW, _NARROW = 14, 60


class Frame:
    """What stands around an answer: the question above it, help or a fault below it."""

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
        """Return heading and question; on a low terminal the question alone."""
        heading, text = self.question.heading, self.question.text
        if text and size().rows < _LOW:
            return [("", wrapped(text))]
        above = wrapped(heading) + "\n\n" if heading and text else wrapped(heading) + "\n"
        return [("class:heading", above if heading else ""), ("", wrapped(text))]

    def foot(self, hint: str) -> str:
        """Return the keys, in short where there is little room."""
        room = size()
        back = "" if self.question.first else "   Esc: back"
        if room.rows < _LOW or room.columns < _NARROW:
            return f"{hint}{back or '   Ctrl-C: leave'}"
        return f"{hint}{back}   Ctrl-C: leave, nothing is written"

    def message(self) -> StyleAndTextTuples:
        """Return the fault of the answer as it stands, else the help."""
        fault = None if self._quiet() and not self._tried else self._fault()
        help_ = self._help() or self.question.help
        text = fault or help_
        below = f"\n{wrapped(text, indent=2)}" if text else ""
        return [("class:fault" if fault else "", below)]

    def submit(self, event: KeyPressEvent, answer: object) -> None:
        """End with an answer, if it has no fault."""
        self._tried = True
        if self._fault() is None:
            event.app.exit(result=answer)


def size() -> Size:
    """Return the rows and columns of the terminal as it is now."""
    return get_app().output.get_size()


def wrapped(text: str, indent: int = 0) -> str:
    """Break a text between words for the terminal as it is now."""
    room = max(10, size().columns - 1)
    found = columns.wrapped(text, room - indent)
    return "\n".join(" " * indent + line for line in found)


def lines(text: Callable[[], StyleAndTextTuples]) -> Window:
    """Return a window as high as its text, which is asked for whenever it is drawn."""
    return Window(
        FormattedTextControl(text), wrap_lines=True, dont_extend_height=True, height=Dimension(min=1)
    )
