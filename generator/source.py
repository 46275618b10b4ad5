"""The bytes of a cn.yaml that a command names: a file, or standard input."""

from __future__ import annotations

import sys
from pathlib import Path

from pulumi_stacks.load import read_file, read_stream

from .outcome import UsageError


def read_spec(file: str) -> tuple[bytes, str]:
    """Return the bytes of a spec and the name of where they come from; SpecError when it cannot be read."""
    if file == "-":
        if sys.stdin is None:
            raise UsageError("--spec -: standard input is closed")
        return read_stream(sys.stdin.buffer), "standard input"
    return read_file(Path(file)), file
