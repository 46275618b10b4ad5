"""The result of a command: text for standard output and an exit code."""

from __future__ import annotations

from typing import NamedTuple

DONE, FAILED, BAD_INPUT, DIFFERENT, INTERRUPTED = 0, 1, 2, 3, 130


class Terminated(KeyboardInterrupt):
    """A signal terminates the program, as Ctrl-C does."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.code = 128 + number


def code_of(interrupt: KeyboardInterrupt) -> int:
    """Return the exit code after an interrupt."""
    return interrupt.code if isinstance(interrupt, Terminated) else INTERRUPTED


def printable(text: str) -> str:
    """Return a text with control characters escaped, except line breaks."""
    return "".join(char if char.isprintable() or char == "\n" else repr(char)[1:-1] for char in text)


class CommandResult(NamedTuple):
    """What to print, without its last line break (nothing if empty), and the exit code.

    A document, which a program may read, is UTF-8 in any locale.
    """

    text: str
    code: int = DONE
    document: bool = False
