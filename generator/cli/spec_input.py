"""The bytes of a cn.yaml that a command names: a file, or standard input."""

from __future__ import annotations

import stat
import sys
from contextlib import suppress
from pathlib import Path

from generator.errors import UsageError
from pulumi_stacks.spec.loader import Problem, SpecError, read_file, read_stream


def read_spec(file: str) -> tuple[bytes, str]:
    """Return the bytes of a spec and the name of where they come from; SpecError when it cannot be read."""
    if file == "-":
        if sys.stdin is None:
            raise UsageError("--spec -: standard input is closed")
        return read_stream(sys.stdin.buffer), "standard input"
    if file == "":
        raise UsageError("--spec takes a path, not an empty text")
    if _is_stream(file):
        hint = "not a regular file; --spec - reads standard input"
        raise SpecError((Problem(file, 0, 0, "", hint),))
    return read_file(Path(file)), file


def _is_stream(file: str) -> bool:
    """Say whether it is a pipe or a device, such as /dev/stdin or what <(...) of a shell gives."""
    with suppress(OSError, ValueError):
        mode = Path(file).stat().st_mode
        return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)
    return False
