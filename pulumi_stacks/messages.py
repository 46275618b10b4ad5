"""How values and choices are printed in messages. Pure."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable

_SHOWN_WORDS = 20
_LOOKUPS = 20
# The name of a part of a query that is a secret.
SECRET_KEY = "(?i:[?&][^=&]*(?:secret|token|password)[^=&]*)"
_CREDENTIALS = re.compile(r"(?<=://)([^:@/\s]+):[^@/\s]+(?=@)")


def show(value: object, limit: int = 40) -> str:
    """Print a value for a message: as JSON, escaped to ASCII, shortened to `limit` characters."""
    text = json.dumps(value, default=str)
    return text if len(text) <= limit else text[: limit - 3] + '..."'


def near(word: str, words: Iterable[str]) -> str:
    """Offer the nearest of `words`, as the tail of a message: `; did you mean 'replicas'?` or nothing."""
    candidates = sorted(words)[:1000]
    found = difflib.get_close_matches(word[:60], candidates, n=1, cutoff=0.6)
    return f"; did you mean '{_plain(found[0])}'?" if found else ""


class Offers:
    """For how many faults of a file the choices are told: the first ones, or it takes minutes."""

    def __init__(self) -> None:
        self._left = _LOOKUPS

    def take(self) -> bool:
        """Say whether there is one left, and count it."""
        self._left -= 1
        return self._left >= 0


def listing(words: Iterable[str]) -> str:
    """Join words for a message, sorted and escaped; of many only the first."""
    shown = sorted(words)
    more = f", ... ({len(shown) - _SHOWN_WORDS} more)" if len(shown) > _SHOWN_WORDS else ""
    return ", ".join(map(_plain, shown[:_SHOWN_WORDS])) + more


def _plain(word: str) -> str:
    return word if re.match(r"[A-Za-z0-9_./-]{1,60}\Z", word) else show(word)


def last_lines(lines: Iterable[str]) -> str:
    """Print what a container wrote below why it failed, without the passwords in addresses."""
    text = "".join("\n    " + _CREDENTIALS.sub(r"\1:***", line) for line in lines)
    return f"\n  its last lines:{text}" if text else "\n  it wrote nothing"
