"""What the state of a stack has, as the pulumi command tells it, and what tells it from other states."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

from .errors import ExpectedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

# The first resource of a system tells it from those of other states; the last one holds all the rest.
OWNER, GUARD = "owner", "guard"
# A backend may be far away.
SECONDS = 180
RANDOM_ID = "random:index/randomId:RandomId"


class StateError(ExpectedError):
    """The state of a stack cannot be read; the message is pulumi's."""

    code = 1


def resources(stack: str, backend: str = "") -> Sequence[Mapping[str, Any]]:
    """Ask for the resources of a stack, in the folder of its program. StateError when they are not told.

    Without a `backend` it is where pulumi has it; without a pulumi command there are none.
    """
    try:
        done = _run("stack", "export", stack=stack, backend=backend)
    except OSError:
        return ()
    if done.returncode != 0:
        raise StateError(f"the state of {stack} cannot be read: {done.stderr.strip() or 'pulumi failed'}")
    try:
        return (json.loads(done.stdout).get("deployment") or {}).get("resources") or ()
    except (ValueError, AttributeError):
        raise StateError(f"the state of {stack} cannot be read: pulumi told something else") from None


def release(stack: str, urns: Sequence[str], backend: str = "") -> None:
    """Take the protection off resources of a stack, until its next deployment; StateError if it stays."""
    done = _run("state", "unprotect", "--yes", *urns, stack=stack, backend=backend)
    if done.returncode != 0:
        raise StateError(f"the protection of {stack} stays: {done.stderr.strip() or 'pulumi failed'}")


def _run(*words: str, stack: str, backend: str) -> subprocess.CompletedProcess[str]:
    command = ["pulumi", *words, f"--stack={stack}", "--non-interactive"]
    elsewhere = {"PULUMI_BACKEND_URL": backend} if backend else {}
    try:
        return subprocess.run(
            command,
            env={**os.environ, **elsewhere},
            capture_output=True,
            text=True,
            errors="replace",
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise StateError(f"pulumi {words[0]}: no answer within {SECONDS} s") from None


def mark(found: Iterable[Mapping[str, Any]]) -> str:
    """Return the text of a state's OWNER; empty while nothing was deployed."""
    marks = (
        one.get("outputs", {}).get("hex", "")
        for one in found
        if one["type"] == RANDOM_ID and one["urn"].endswith(f"::{OWNER}") and not one.get("delete")
    )
    return next(marks, "")
