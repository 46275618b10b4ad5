"""Faults that a user can mend: each is told once, and does not look like a crash of the program."""

from __future__ import annotations

import atexit
import os
from pathlib import Path

import pulumi

# `make` names a file and prints it at the end, so that the reason does not stand amid what Pulumi prints.
FILE = "CN_REASONS"
AT_THE_END = "stopped; the reason is at the end"
# With this exit code Pulumi knows that all is told; with any other it adds that a program has crashed.
TOLD = 32
_LAST = [0]


def refusal(text: str) -> pulumi.RunError:
    """Return what to raise when a deployment cannot go on for a reason that the user can mend."""
    _LAST[0] = TOLD
    return pulumi.RunError(AT_THE_END if _written(text) else text)


def tell(text: str) -> None:
    """Tell why a resource failed, about which Pulumi itself says little."""
    if not _written(text):
        pulumi.log.error(text)


def quiet_end() -> None:
    """Let the program of a stack end by the exit code that adds nothing to a refusal."""
    atexit.register(_end)


def _end() -> None:
    if _LAST[0]:
        os._exit(_LAST[0])


def _written(text: str) -> bool:
    path = os.environ.get(FILE)
    if not path:
        return False
    # Every chain of checks that fails tells of all of them.
    told = Path(path).read_text(encoding="utf-8") if Path(path).exists() else ""
    if f"{text}\n" not in told:
        Path(path).write_text(f"{told}{text}\n", encoding="utf-8")
    return True
