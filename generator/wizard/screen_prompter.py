"""Asks on a terminal with cursor control: each question replaces the previous one."""

from __future__ import annotations

import os
import sys
import termios
from collections.abc import Callable, Collection, Sequence
from typing import Any, TypeVar

from prompt_toolkit.application import Application
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition
from prompt_toolkit.input import create_input
from prompt_toolkit.input.typeahead import clear_typeahead
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout import BufferControl, HSplit, Layout, Window
from prompt_toolkit.layout.controls import UIControl
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.output.vt100 import Vt100_Output
from prompt_toolkit.styles import Style

from .frame import Frame, lines, wrapped
from .list_control import ListControl
from .prompts import LONGEST, Back, Check, Choice, Group, Question, fault_of

T = TypeVar("T")
# Long enough for an escape sequence that arrives in parts, too short to be noticed.
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


class ScreenPrompter:
    """A Prompter for a terminal with cursor control."""

    def __init__(self, *, unicode: bool) -> None:
        self._pointer, self._ellipsis = ("\u276f", "\u2026") if unicode else (">", "~")
        # No CPR (cursor position report): not every terminal answers, and the timeout is noticeable.
        self._output = Vt100_Output.from_pty(
            sys.stdout, os.environ.get("TERM"), default_color_depth=ColorDepth.from_env()
        )
        self._output.enable_cpr = False
        self._input = create_input(sys.stdin)

    def text(self, question: Question, default: str, check: Check, *, optional: bool = False) -> str:
        """Ask for one line; the default is selected, so that typing replaces it."""
        buffer = Buffer(document=Document(default), multiline=False)
        if default:
            buffer.cursor_position = 0
            buffer.start_selection()
            if buffer.selection_state:
                buffer.selection_state.enter_shift_mode()
            buffer.cursor_position = len(default)

        def fault() -> str | None:
            return fault_of(buffer.text.strip(), check)

        frame = Frame(question, fault, quiet=lambda: buffer.text == default)
        keys = KeyBindings()

        @keys.add(Keys.BracketedPaste)
        def _(event: KeyPressEvent) -> None:
            buffer.cut_selection()
            pasted = event.data[: 2 * LONGEST]  # splitting a huge text is slow
            buffer.insert_text(" ".join(pasted.split())[: LONGEST - len(buffer.text)])

        # A terminal without bracketed paste sends it as keys; the excess is discarded.
        full = Condition(lambda: len(buffer.text) >= LONGEST)
        keys.add(Keys.Any, filter=full)(lambda _event: self.discard_typeahead())
        keys.add(Keys.ControlM)(lambda event: frame.submit(event, buffer.text.strip()))
        control = BufferControl(buffer)
        window = Window(
            control, height=1, get_line_prefix=lambda *_: [("class:pointed", f"{self._pointer} ")]
        )
        hint = "Enter: next" + ("   empty: none" if optional else "")
        answer: str = self._run(frame, window, control, keys, hint)
        return answer

    def select(self, question: Question, groups: Sequence[Group[T]], default: T) -> T:
        """Ask for one row of a list."""
        options = ListControl(groups, default, self._pointer, self._ellipsis)
        frame = Frame(question, lambda: None, lambda: options.pointed.help)
        keys = options.keys()
        keys.add(Keys.ControlM)(lambda event: frame.submit(event, options.pointed.value))
        answer: T = self._run(frame, options.window, options.control, keys, "Enter: choose")
        return answer

    def several(
        self,
        question: Question,
        choices: Sequence[Choice[T]],
        chosen: Collection[T],
        check: Callable[[tuple[T, ...]], str | None],
    ) -> tuple[T, ...]:
        """Ask for marked rows of a list."""
        marked = [choice.value for choice in choices if choice.value in chosen]
        options = ListControl(
            [Group(tuple(choices))], choices[0].value, self._pointer, self._ellipsis, marked
        )

        def ordered() -> tuple[T, ...]:
            kept = [value for value in chosen if value in marked]
            return (*kept, *(choice.value for choice in choices if choice.value in set(marked) - set(kept)))

        frame = Frame(question, lambda: check(ordered()))
        keys = options.keys()

        @keys.add(" ")
        def _(_event: KeyPressEvent) -> None:
            value = options.pointed.value
            (marked.remove if value in marked else marked.append)(value)

        keys.add(Keys.ControlM)(lambda event: frame.submit(event, ordered()))
        answer: tuple[T, ...] = self._run(
            frame, options.window, options.control, keys, "Space: mark   Enter: next"
        )
        return answer

    def show(self, text: str) -> None:
        """Print lines permanently."""
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    def discard_typeahead(self) -> None:
        """Discard input that was typed before the question was shown."""
        clear_typeahead(self._input)
        termios.tcflush(sys.stdin, termios.TCIFLUSH)

    def _run(self, frame: Frame, window: Window, focus: UIControl, keys: KeyBindings, hint: str) -> Any:
        _add_common(keys, frame.question)
        parts = [
            lines(frame.head),
            window,
            lines(frame.message),
            lines(lambda: [("class:keys", "\n" + wrapped(frame.foot(hint)))]),
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
        except EOFError:  # the terminal is closed
            raise KeyboardInterrupt from None


def _add_common(keys: KeyBindings, question: Question) -> None:
    for name in (Keys.ControlC, Keys.ControlD, Keys.SIGINT):
        keys.add(name)(lambda event: event.app.exit(exception=KeyboardInterrupt()))
    if not question.first:
        keys.add(Keys.Escape)(lambda event: event.app.exit(exception=Back()))
    keys.add(Keys.ControlZ)(lambda event: event.app.suspend_to_background())
