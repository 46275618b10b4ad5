"""What the state of a stack has, as the pulumi command tells it, and what tells it from other states."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

# A random text that tells what a state has made from what another state of the same stack has.
OWNER = "owner"
_RANDOM_ID = "random:index/randomId:RandomId"


class StateError(Exception):
    """The state of a stack cannot be read; the message is pulumi's."""


def resources(stack: str) -> Sequence[Mapping[str, Any]]:
    """Ask for the resources of a stack, in the folder of its program. StateError when they are not told.

    Without a pulumi command there are none.
    """
    command = ["pulumi", "stack", "export", f"--stack={stack}", "--non-interactive"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ()
    if done.returncode != 0:
        raise StateError(f"the state of {stack} cannot be read: {done.stderr.strip() or 'pulumi failed'}")
    return (json.loads(done.stdout).get("deployment") or {}).get("resources") or ()


def mark(found: Iterable[Mapping[str, Any]]) -> str:
    """Return the text of a state's OWNER; empty while nothing was deployed."""
    marks = (
        one.get("outputs", {}).get("hex", "")
        for one in found
        if one["type"] == _RANDOM_ID and one["urn"].endswith(f"::{OWNER}") and not one.get("delete")
    )
    return next(marks, "")
