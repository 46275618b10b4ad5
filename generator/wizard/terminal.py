"""The terminal of a wizard: detects its features, and restores its settings."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import termios
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

from .prompts import Prompter

# Resets what a question switches on: bracketed paste, hidden cursor, colours.
_RESET = b"\x1b[?2004l\x1b[?25h\x1b[0m\r\n"


def is_dumb(environment: Mapping[str, str]) -> bool:
    """Return whether the terminal has no cursor control."""
    return environment.get("TERM", "").lower() in {"", "dumb", "unknown"}


def shows_unicode(environment: Mapping[str, str], encoding: str) -> bool:
    """Return whether the terminal shows characters beyond ASCII.

    In the locale C, Python switches to UTF-8 and sets LC_CTYPE to C.UTF-8 (PEP 538); here it means ASCII.
    """
    names = [environment.get(name, "") for name in ("LC_ALL", "LC_CTYPE", "LANG")]
    if names[1] == "C.UTF-8" and names[2] in {"", "C", "POSIX"}:
        names[1] = ""
    chosen = next(filter(None, names), "")
    return "utf" in chosen.lower() and "utf" in encoding.lower()


def width() -> int:
    """Return the number of columns."""
    return shutil.get_terminal_size().columns


@contextmanager
def open_prompter() -> Iterator[Prompter]:
    """Yield the prompter for this terminal; its settings are restored also after a signal."""
    # Enable Ctrl-C even if the parent process ignores SIGINT, as a shell does for background jobs.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        if is_dumb(os.environ):
            from .line_prompter import LinePrompter

            sys.stdin.reconfigure(errors="surrogateescape")  # type: ignore[union-attr]
            yield LinePrompter()
            return
        from .screen_prompter import ScreenPrompter

        with _restored():
            yield ScreenPrompter(unicode=shows_unicode(os.environ, sys.stdout.encoding))
    finally:
        signal.signal(signal.SIGINT, before)


def _between(found: list[Any]) -> list[Any]:
    """Return the settings between two questions: no echo, and no translation of Enter."""
    settings = list(found)
    settings[0] &= ~termios.ICRNL
    settings[3] &= ~(termios.ECHO | termios.ICANON)
    return settings


@contextmanager
def _restored() -> Iterator[None]:
    found = termios.tcgetattr(sys.stdin)

    def terminate(number: int, _frame: FrameType | None) -> None:
        with suppress(OSError, termios.error):  # the terminal may be closed
            os.write(sys.stdout.fileno(), _RESET)
            termios.tcsetattr(sys.stdin, termios.TCSANOW, found)
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    signals = (signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, terminate) for number in signals]
    try:
        termios.tcsetattr(sys.stdin, termios.TCSANOW, _between(found))
        yield
    finally:
        with suppress(OSError, termios.error):
            termios.tcsetattr(sys.stdin, termios.TCSANOW, found)
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)
