"""Reads the cn.yaml of a command: a file or standard input."""

from __future__ import annotations

import stat
import sys
from contextlib import suppress
from pathlib import Path

from generator.errors import UsageError
from pulumi_stacks.spec.loader import Problem, SpecError, read_file, read_stream


def read_spec(file: str) -> tuple[bytes, str]:
    """Return the bytes of a spec and the name of its source; SpecError if it cannot be read."""
    if file == "-":
        if sys.stdin is None:
            raise UsageError("--spec -: standard input is closed")
        return read_stream(sys.stdin.buffer), "standard input"
    if file == "":
        raise UsageError("--spec: empty path")
    if _is_stream(file):
        hint = "not a regular file; use --spec - to read standard input"
        raise SpecError((Problem(file, 0, 0, "", hint),))
    return read_file(Path(file)), file


def _is_stream(file: str) -> bool:
    """Return whether a path is a pipe or a device, such as /dev/stdin or `<(...)` of a shell."""
    with suppress(OSError, ValueError):
        mode = Path(file).stat().st_mode
        return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)
    return False
