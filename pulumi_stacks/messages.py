"""Formats values and choices for messages. Pure."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable

_MAX_WORDS = 20
_MAX_SUGGESTIONS = 20
# The name of a parameter in a URL whose value is a secret.
SECRET_KEY = "(?i:[?&][^=&]*(?:secret|token|password)[^=&]*)"
_CREDENTIALS = re.compile(r"(?<=://)([^:@/\s]+):[^@/\s]+(?=@)")


def show(value: object, limit: int = 40) -> str:
    """Format a value for a message: as JSON, escaped to ASCII, at most `limit` characters."""
    text = json.dumps(value, default=str)
    return text if len(text) <= limit else text[: limit - 3] + '..."'


def near(word: str, words: Iterable[str]) -> str:
    """Return the suggestion of the nearest word for the end of a message: `; did you mean 'replicas'?`."""
    candidates = sorted(words)[:1000]
    found = difflib.get_close_matches(word[:60], candidates, n=1, cutoff=0.6)
    return f"; did you mean '{_plain(found[0])}'?" if found else ""


class SuggestionLimit:
    """Limits suggestions to the first faults of a file: to compute more would take minutes."""

    def __init__(self) -> None:
        self._left = _MAX_SUGGESTIONS

    def take(self) -> bool:
        """Return whether another suggestion is allowed, and count it."""
        self._left -= 1
        return self._left >= 0


def listing(words: Iterable[str]) -> str:
    """Join words for a message, sorted and escaped; only the first of many."""
    shown = sorted(words)
    more = f", ... ({len(shown) - _MAX_WORDS} more)" if len(shown) > _MAX_WORDS else ""
    return ", ".join(map(_plain, shown[:_MAX_WORDS])) + more


def _plain(word: str) -> str:
    return word if re.match(r"[A-Za-z0-9_./-]{1,60}\Z", word) else show(word)


def last_lines(lines: Iterable[str]) -> str:
    """Format the last lines of a log for the end of a message, without the passwords in URLs."""
    text = "".join("\n    " + _CREDENTIALS.sub(r"\1:***", line) for line in lines)
    return f"\n  last lines of its log:{text}" if text else "\n  its log is empty"
