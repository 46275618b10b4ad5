"""Text in terminal columns: a wide character (CJK, most emoji) takes two, a combining one none. Pure."""

from __future__ import annotations

import textwrap
import unicodedata

# Placeholder for the second column of a wide character; printed text never contains it.
_SECOND = "\0"


def width(text: str) -> int:
    """Return the number of columns of a text."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def padded(text: str, columns: int) -> str:
    """Pad a text with spaces to a number of columns."""
    return text + " " * (columns - width(text))


def wrapped(text: str, columns: int) -> list[str]:
    """Wrap a text between words into lines of at most so many columns."""
    spread = "".join(char + _SECOND * (_columns(char) - 1) for char in text)
    # textwrap can break a long word between a wide character and its placeholder: reserve one column.
    room = columns if text.isascii() else max(1, columns - 1)
    return [line.replace(_SECOND, "") for line in textwrap.wrap(spread, room, break_on_hyphens=False)]


def _columns(char: str) -> int:
    if unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1
