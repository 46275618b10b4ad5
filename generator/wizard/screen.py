"""Asks on a terminal that can move its cursor: each question in place of the one before."""

from __future__ import annotations

import os
import sys
import termios
import textwrap
from collections.abc import Callable, Collection, Sequence
from typing import Any, TypeVar

from prompt_toolkit.application import Application
from prompt_toolkit.application.current import get_app
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.data_structures import Size
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.input import create_input
from prompt_toolkit.input.typeahead import clear_typeahead
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout import BufferControl, FormattedTextControl, HSplit, Layout, Window
from prompt_toolkit.layout.controls import UIControl
from prompt_toolkit.layout.dimension import Dimension
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.output.vt100 import Vt100_Output
from prompt_toolkit.styles import Style
from prompt_toolkit.utils import get_cwidth

from .asking import LONGEST, Back, Check, Choice, Group, Question, fault_of

T = TypeVar("T")
_Change = Callable[[KeyPressEvent], None]

# Long enough for an arrow key that arrives in pieces, too short to be felt.
_ESCAPE_SECONDS = 0.03
_STYLE = Style(
    [
        ("heading", "bold"),
        ("pointed", "bold"),
        ("fault", "ansired"),
        ("keys", "italic"),
        ("group", "underline"),
    ]
)
_GAP = "  "
_PAGE = 10
# Rows and columns below which only what is needed is shown.
_LOW, _NARROW = 14, 60


class Screen:
    """An Asker for a person at a terminal."""

    def __init__(self, *, unicode: bool) -> None:
        self._pointer, self._ellipsis = ("\u276f", "\u2026") if unicode else (">", "~")
        # Without CPR: not every terminal says where its cursor is, and waiting for it is felt.
        self._output = Vt100_Output.from_pty(
            sys.stdout, os.environ.get("TERM"), default_color_depth=ColorDepth.from_env()
        )
        self._output.enable_cpr = False
        self._input = create_input(sys.stdin)

    def text(self, question: Question, default: str, check: Check, *, optional: bool = False) -> str:
        """Ask for one line; what is there is selected, so that the first key replaces it."""
        buffer = Buffer(document=Document(default), multiline=False)
        if default:
            buffer.cursor_position = 0
            buffer.start_selection()
            if buffer.selection_state:
                buffer.selection_state.enter_shift_mode()
            buffer.cursor_position = len(default)

        def fault() -> str | None:
            return fault_of(buffer.text.strip(), check)

        page = _Page(question, fault, quiet=lambda: buffer.text == default)
        keys = KeyBindings()

        @keys.add(Keys.BracketedPaste)
        def _(event: KeyPressEvent) -> None:
            buffer.cut_selection()
            pasted = event.data[: 2 * LONGEST]  # to split all of it could take long
            buffer.insert_text(" ".join(pasted.split())[: LONGEST - len(buffer.text)])

        # A terminal that does not mark what is pasted sends it as keys; what is still to come is dropped.
        full = Condition(lambda: len(buffer.text) >= LONGEST)
        keys.add(Keys.Any, filter=full)(lambda _event: self.forget_typed())
        keys.add(Keys.ControlM)(lambda event: page.submit(event, buffer.text.strip()))
        control = BufferControl(buffer)
        window = Window(
            control, height=1, get_line_prefix=lambda *_: [("class:pointed", f"{self._pointer} ")]
        )
        hint = "Enter: next" + ("   empty: none" if optional else "")
        answer: str = self._run(page, window, control, keys, hint)
        return answer

    def select(self, question: Question, groups: Sequence[Group[T]], default: T) -> T:
        """Ask for one line of a list."""
        rows = _List(groups, default, self._pointer, self._ellipsis)
        page = _Page(question, lambda: None, lambda: rows.pointed.help)
        keys = rows.keys()
        keys.add(Keys.ControlM)(lambda event: page.submit(event, rows.pointed.value))
        answer: T = self._run(page, rows.window, rows.control, keys, "Enter: choose")
        return answer

    def several(
        self,
        question: Question,
        choices: Sequence[Choice[T]],
        chosen: Collection[T],
        check: Callable[[tuple[T, ...]], str | None],
    ) -> tuple[T, ...]:
        """Ask for marks in a list."""
        marked = [choice.value for choice in choices if choice.value in chosen]
        rows = _List([Group(tuple(choices))], choices[0].value, self._pointer, self._ellipsis, marked)

        def ordered() -> tuple[T, ...]:
            kept = [value for value in chosen if value in marked]
            return (*kept, *(choice.value for choice in choices if choice.value in set(marked) - set(kept)))

        page = _Page(question, lambda: check(ordered()))
        keys = rows.keys()

        @keys.add(" ")
        def _(_event: KeyPressEvent) -> None:
            value = rows.pointed.value
            (marked.remove if value in marked else marked.append)(value)

        keys.add(Keys.ControlM)(lambda event: page.submit(event, ordered()))
        answer: tuple[T, ...] = self._run(page, rows.window, rows.control, keys, "Space: mark   Enter: next")
        return answer

    def show(self, text: str) -> None:
        """Print lines that stay."""
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    def forget_typed(self) -> None:
        """Drop what was typed before its question could be read."""
        clear_typeahead(self._input)
        termios.tcflush(sys.stdin, termios.TCIFLUSH)

    def _run(self, page: _Page, window: Window, focus: UIControl, keys: KeyBindings, hint: str) -> Any:
        _add_common(keys, page.question)
        parts = [
            _lines(page.head),
            window,
            _lines(page.message),
            _lines(lambda: [("class:keys", "\n" + _wrapped(page.foot(hint)))]),
        ]
        application: Application[Any] = Application(
            layout=Layout(HSplit(parts), focused_element=focus),
            key_bindings=keys,
            style=_STYLE,
            input=self._input,
            output=self._output,
            erase_when_done=True,
        )
        application.ttimeoutlen = application.timeoutlen = _ESCAPE_SECONDS
        try:
            return application.run()
        except EOFError:  # the terminal is gone
            raise KeyboardInterrupt from None


class _Page:
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
        if text and _size().rows < _LOW:
            return [("", _wrapped(text))]
        above = _wrapped(heading) + "\n\n" if heading and text else _wrapped(heading) + "\n"
        return [("class:heading", above if heading else ""), ("", _wrapped(text))]

    def foot(self, hint: str) -> str:
        """Return the keys, in short where there is little room."""
        size = _size()
        back = "" if self.question.first else "   Esc: back"
        if size.rows < _LOW or size.columns < _NARROW:
            return f"{hint}{back or '   Ctrl-C: leave'}"
        return f"{hint}{back}   Ctrl-C: leave, nothing is written"

    def message(self) -> StyleAndTextTuples:
        """Return the fault of the answer as it stands, else the help."""
        fault = None if self._quiet() and not self._tried else self._fault()
        help_ = self._help() or self.question.help
        text = fault or help_
        lines = f"\n{_wrapped(text, indent=2)}" if text else ""
        return [("class:fault" if fault else "", lines)]

    def submit(self, event: KeyPressEvent, answer: object) -> None:
        """End with an answer, if it has no fault."""
        self._tried = True
        if self._fault() is None:
            event.app.exit(result=answer)


class _List:
    """Lines to choose from, and the one that is pointed at."""

    def __init__(
        self,
        groups: Sequence[Group[Any]],
        default: object,
        pointer: str,
        ellipsis: str,
        marked: Collection[object] | None = None,
    ) -> None:
        self._groups, self._pointer, self._ellipsis, self._marked = groups, pointer, ellipsis, marked
        self._choices = [choice for group in groups for choice in group.choices]
        values = [choice.value for choice in self._choices]
        self._index = values.index(default) if default in values else 0
        self.control = FormattedTextControl(self._text, focusable=True, show_cursor=False)
        self.window = Window(self.control, height=Dimension(min=1), dont_extend_height=True)

    @property
    def pointed(self) -> Choice[Any]:
        """Return the choice that is pointed at."""
        return self._choices[self._index]

    def keys(self) -> KeyBindings:
        """Return the keys that move the pointer: arrows, Home, End, pages, and first letters."""
        keys = KeyBindings()
        count = len(self._choices)

        def to(index: Callable[[], int]) -> _Change:
            def move(_event: KeyPressEvent) -> None:
                self._index = index()

            return move

        for names, index in (
            ((Keys.Up, Keys.ControlP, Keys.BackTab), lambda: (self._index - 1) % count),
            ((Keys.Down, Keys.ControlN, Keys.Tab), lambda: (self._index + 1) % count),
            ((Keys.Home,), lambda: 0),
            ((Keys.End,), lambda: count - 1),
            ((Keys.PageUp,), lambda: max(0, self._index - _PAGE)),
            ((Keys.PageDown,), lambda: min(count - 1, self._index + _PAGE)),
        ):
            for name in names:
                keys.add(name)(to(index))

        @keys.add(Keys.Any)
        def _(event: KeyPressEvent) -> None:
            turn = [*range(self._index + 1, count), *range(self._index + 1)]
            names = {index: self._choices[index].cells[0].lstrip("+ ").lower() for index in turn}
            self._index = next((i for i in turn if names[i].startswith(event.data.lower())), self._index)

        keys.add(Keys.BracketedPaste)(_ignore)
        return keys

    def _text(self) -> StyleAndTextTuples:
        width = _size().columns
        found: StyleAndTextTuples = []
        for number, group in enumerate(self._groups):
            if number:
                found.append(("", "\n"))
            if group.heading:
                found += [("", "  "), ("class:group", group.heading), ("", "\n")]
            widths = _widths(group)
            for choice in group.choices:
                found += self._row(choice, widths, width)
        return found[:-1]

    def _row(self, choice: Choice[Any], widths: Sequence[int], width: int) -> StyleAndTextTuples:
        mark = "" if self._marked is None else "[x] " if choice.value in self._marked else "[ ] "
        cells = (
            cell + " " * (widest - get_cwidth(cell))
            for cell, widest in zip(choice.cells, widths, strict=False)
            if widest
        )
        text = self._fitted(mark + _GAP.join(cells).rstrip(), max(1, width - 3))
        if choice is not self.pointed:
            return [("", f"  {text}"), ("", "\n")]
        return [
            ("[SetCursorPosition]", ""),
            ("class:pointed", f"{self._pointer} {text}"),
            ("", "\n"),
        ]

    def _fitted(self, text: str, width: int) -> str:
        if get_cwidth(text) <= width:
            return text
        while get_cwidth(text) > width - 1:
            text = text[:-1]
        return text + self._ellipsis


def _widths(group: Group[Any]) -> list[int]:
    columns = max(len(choice.cells) for choice in group.choices)
    rows = [(*choice.cells, *[""] * (columns - len(choice.cells))) for choice in group.choices]
    # What stands alone in its line, such as "+ Add a service", makes no column wider.
    aligned = [row for row in rows if any(row[1:])] or rows
    return [max(map(get_cwidth, column)) for column in zip(*aligned, strict=True)]


def _ignore(_event: KeyPressEvent) -> None:
    """Do nothing at a key."""


def _size() -> Size:
    return get_app().output.get_size()


def _wrapped(text: str, indent: int = 0) -> str:
    """Break a text between words for the terminal as it is now."""
    columns = max(10, _size().columns - 1)
    lines = textwrap.wrap(text, columns - indent, break_on_hyphens=False)
    return "\n".join(" " * indent + line for line in lines)


def _lines(text: Callable[[], StyleAndTextTuples]) -> Window:
    return Window(
        FormattedTextControl(text), wrap_lines=True, dont_extend_height=True, height=Dimension(min=1)
    )


def _add_common(keys: KeyBindings, question: Question) -> None:
    for name in (Keys.ControlC, Keys.ControlD, Keys.SIGINT):
        keys.add(name)(lambda event: event.app.exit(exception=KeyboardInterrupt()))
    if not question.first:
        keys.add(Keys.Escape)(lambda event: event.app.exit(exception=Back()))
    keys.add(Keys.ControlZ)(lambda event: event.app.suspend_to_background())
