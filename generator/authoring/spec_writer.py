"""Values to the bytes of a new cn.yaml, in the layout that people write. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

Document = Mapping[str, Any]

_LONGEST_LINE = 100
# Written without quotes: words, an image with its tag, a number with its unit.
_PLAIN = re.compile(
    r"[A-Za-z][A-Za-z0-9_./-]*( [A-Za-z0-9_./-]+)*\Z"
    r"|[a-z][a-z0-9_./-]*:[A-Za-z0-9_.-]+\Z"
    r"|[0-9]+(m|k|M|G|Ki|Mi|Gi)\Z"
)
_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
# Mappings with one line per entry, however short, and for how many more levels.
OPEN = {"environments": 0, "services": 1}


def write(document: Document) -> bytes:
    """Return a cn.yaml that holds these values, in this order."""
    lines: list[str] = []
    for key, value in document.items():
        lines += field(key, value, depth=OPEN.get(key, -1))
    return ("\n".join(lines) + "\n").encode()


def field(key: str, value: Any, indent: int = 0, depth: int = -1) -> list[str]:
    """Return the lines of one field: one line if it fits, unless `depth` requires more.

    A depth of 0 writes one line per entry of a mapping, a depth of 1 also one per nested entry.
    """
    head = f"{' ' * indent}{scalar(key)}:"
    line = f"{head} {flow(value)}"
    nested = isinstance(value, Mapping | list | tuple) and bool(value)
    if not nested or (depth < 0 and len(line) <= _LONGEST_LINE):
        return [line]
    if isinstance(value, Mapping):
        inner = (field(name, item, indent + 2, depth - 1) for name, item in value.items())
        return [head, *(text for lines in inner for text in lines)]
    return [head, *(f"{' ' * indent}  - {flow(item)}" for item in value)]


def flow(value: Any) -> str:
    """Return any value in one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(key)}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(flow, value))}]"
    return scalar(value) if isinstance(value, str) else json.dumps(value)


def scalar(text: str) -> str:
    """Return a text as a YAML scalar that every version of YAML reads as text: plain if safe, else quoted."""
    is_route = text.startswith("/") and _PLAIN.match("a" + text)
    if (_PLAIN.match(text) or is_route) and text.lower() not in _WORDS:
        return text
    # YAML has no surrogate pairs as JSON has: a non-printable character becomes one escape of eight digits.
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(char if char.isprintable() else f"\\U{ord(char):08X}" for char in quoted)
