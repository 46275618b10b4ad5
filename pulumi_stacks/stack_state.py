"""Reads the state of a stack from `pulumi stack export`: its resources, and the id that identifies it."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

from .errors import ExpectedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

# The first resource holds the id of the state; the last one protects all others against `pulumi destroy`.
OWNER, GUARD = "owner", "guard"
# A remote backend may be slow.
TIMEOUT_SECONDS = 180
RANDOM_ID = "random:index/randomId:RandomId"


class StateError(ExpectedError):
    """The state of a stack cannot be read or changed; the message is that of pulumi."""

    code = 1


def read_resources(stack: str, backend: str = "") -> Sequence[Mapping[str, Any]]:
    """Return the resources of a stack, in the folder of its program. StateError when pulumi fails.

    Without a `backend` pulumi chooses it; where the pulumi command is not installed, return nothing.
    """
    try:
        done = _run("stack", "export", stack=stack, backend=backend)
    except OSError:
        return ()
    if done.returncode != 0:
        raise StateError(f"cannot read the state of stack {stack}: {done.stderr.strip() or 'pulumi failed'}")
    try:
        return (json.loads(done.stdout).get("deployment") or {}).get("resources") or ()
    except (ValueError, AttributeError):
        raise StateError(
            f"cannot read the state of stack {stack}: pulumi stack export did not print it as JSON"
        ) from None


def unprotect(stack: str, urns: Sequence[str], backend: str = "") -> None:
    """Remove the protection of resources until the next deployment. StateError when pulumi fails."""
    done = _run("state", "unprotect", "--yes", *urns, stack=stack, backend=backend)
    if done.returncode != 0:
        raise StateError(f"cannot unprotect stack {stack}: {done.stderr.strip() or 'pulumi failed'}")


def _run(*words: str, stack: str, backend: str) -> subprocess.CompletedProcess[str]:
    command = ["pulumi", *words, f"--stack={stack}", "--non-interactive"]
    variables = {"PULUMI_BACKEND_URL": backend} if backend else {}
    try:
        return subprocess.run(
            command,
            env={**os.environ, **variables},
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise StateError(f"pulumi {words[0]}: timed out after {TIMEOUT_SECONDS} s") from None


def state_id(resources: Iterable[Mapping[str, Any]]) -> str:
    """Return the id of a state, which is the value of OWNER; empty before the first deployment."""
    ids = (
        one.get("outputs", {}).get("hex", "")
        for one in resources
        if one["type"] == RANDOM_ID and one["urn"].endswith(f"::{OWNER}") and not one.get("delete")
    )
    return next(ids, "")
