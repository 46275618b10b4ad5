"""The change of a file as a patch for `git apply`. Pure."""

from __future__ import annotations

import base64
import difflib
import hashlib
import zlib
from collections.abc import Iterable, Iterator

from generator.rendering.file_tree import File

# Longer files are replaced as a whole: difflib takes quadratic time.
MOST_LINES = 20_000
_NOTHING = "0" * 40
_LENGTHS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def patch(path: str, before: File | None, after: File | None) -> str:
    """Return the patch from `before` to `after`; empty if they are equal."""
    if before == after:
        return ""
    head = [f"diff --git a/{path} b/{path}", *_modes(before, after)]
    old, new = (file.data if file else b"" for file in (before, after))
    if (
        (old == new and before and after)
        or (old_text := _text(old)) is None
        or (new_text := _text(new)) is None
    ):
        body = [] if old == new else _binary(old, new)
        names = [f"index {_blob(before)}..{_blob(after)}"] if body else []
        return "\n".join([*head, *names, *body, ""])
    head.append(f"index {_blob(before)[:10]}..{_blob(after)[:10]}")
    hunks = "".join(_hunks(old_text, new_text))
    if hunks:
        # git ends a name that contains a space with a tab.
        end = "\t" if " " in path else ""
        head.append(f"--- {f'a/{path}{end}' if before else '/dev/null'}")
        head.append(f"+++ {f'b/{path}{end}' if after else '/dev/null'}")
    return "\n".join([*head, hunks])


def hunks(before: File | None, after: File | None) -> str:
    """Return only the hunks; empty if one of the files is binary."""
    old, new = (_text(file.data if file else b"") for file in (before, after))
    return "" if old is None or new is None else "".join(_hunks(old, new))


def _modes(before: File | None, after: File | None) -> Iterator[str]:
    if before is None and after is not None:
        yield f"new file mode 100{after.mode:o}"
    elif after is None and before is not None:
        yield f"deleted file mode 100{before.mode:o}"
    elif before is not None and after is not None and before.mode != after.mode:
        yield f"old mode 100{before.mode:o}"
        yield f"new mode 100{after.mode:o}"


def _text(data: bytes) -> str | None:
    if b"\0" in data:
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None


def _blob(file: File | None) -> str:
    """Return the object name of git for a file."""
    if file is None:
        return _NOTHING
    return hashlib.sha1(b"blob %d\0" % len(file.data) + file.data, usedforsecurity=False).hexdigest()


def _lines(text: str) -> list[str]:
    """Split only at line feeds, as git does; each line keeps its line feed."""
    *lines, last = text.split("\n")
    return [*(f"{line}\n" for line in lines), *([last] if last else [])]


def _hunks(old: str, new: str) -> Iterator[str]:
    before, after = _lines(old), _lines(new)
    if not before or not after or len(before) + len(after) > MOST_LINES:
        yield from _whole(before, after)
        return
    for line in list(difflib.unified_diff(before, after))[2:]:
        yield _ended(line)


def _whole(before: list[str], after: list[str]) -> Iterator[str]:
    if before or after:
        yield f"@@ -{_range(before)} +{_range(after)} @@\n"
    yield from (_ended(f"-{line}") for line in before)
    yield from (_ended(f"+{line}") for line in after)


def _range(lines: list[str]) -> str:
    return f"1,{len(lines)}" if lines else "0,0"


def _ended(line: str) -> str:
    return line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _binary(old: bytes, new: bytes) -> list[str]:
    """Return both contents in the format of `git diff --binary`: forward and reverse."""
    return ["GIT binary patch", *_literal(new), "", *_literal(old), ""]


def _literal(data: bytes) -> Iterable[str]:
    packed = zlib.compress(data)
    parts = [packed[start : start + 52] for start in range(0, len(packed), 52)]
    return [
        f"literal {len(data)}",
        *(_LENGTHS[len(part) - 1] + base64.b85encode(part, pad=True).decode() for part in parts),
    ]
