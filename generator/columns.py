"""Text in the columns of a terminal: a letter of Chinese and most emoji take two, an accent none. Pure."""

from __future__ import annotations

import textwrap
import unicodedata

# Stands for the second column of a letter; no text that is printed has one.
_SECOND = "\0"


def width(text: str) -> int:
    """Return how many columns a text takes."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def padded(text: str, columns: int) -> str:
    """Fill a text with spaces to so many columns."""
    return text + " " * (columns - width(text))


def wrapped(text: str, columns: int) -> list[str]:
    """Break a text between words into lines of so many columns."""
    spread = "".join(char + _SECOND * (_columns(char) - 1) for char in text)
    # Where no space allows a break, a letter may be parted from its second column: one less is safe.
    room = columns if text.isascii() else max(1, columns - 1)
    return [line.replace(_SECOND, "") for line in textwrap.wrap(spread, room, break_on_hyphens=False)]


def _columns(char: str) -> int:
    if unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1
