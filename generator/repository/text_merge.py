"""Three-way merge of one file: the user's edits and the new version of the same base. Writes nothing."""

from __future__ import annotations

import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from pulumi_stacks.git_environment import git_environment

# `git merge-file` exits with the number of conflicts, at most 127; any other code is an error.
_MOST_CONFLICTS = 127
_SECONDS = 30
_LABELS = ("yours", "last rendered", "new")


@dataclass(frozen=True)
class Merged:
    """A merged text, with conflict markers if `conflicts` is not 0."""

    data: bytes
    conflicts: int = 0


def is_text(data: bytes) -> bool:
    """Return whether git treats these bytes as text."""
    return b"\0" not in data[:8000]


def has_crlf(data: bytes) -> bool:
    """Return whether all lines end with CRLF, and there is at least one."""
    return data.count(b"\r\n") == data.count(b"\n") > 0


def with_line_ends_of(user: bytes, data: bytes) -> bytes:
    """Return `data` with CRLF line ends if the user's file has only those."""
    if is_text(user) and is_text(data) and has_crlf(user) and b"\r" not in data:
        return data.replace(b"\n", b"\r\n")
    return data


def merge(base: bytes, user: bytes, new: bytes) -> Merged | None:
    """Merge two versions of `base`; None if one is binary or git fails."""
    if not all(map(is_text, (base, user, new))):
        return None
    try:
        done = _run(base, user, new)
    except (OSError, subprocess.TimeoutExpired):
        return None
    if not 0 <= done.returncode <= _MOST_CONFLICTS:
        return None
    return Merged(done.stdout, done.returncode)


def _run(base: bytes, user: bytes, new: bytes) -> subprocess.CompletedProcess[bytes]:
    labels = [word for label in _LABELS for word in ("-L", label)]
    with tempfile.TemporaryDirectory(prefix="cn-merge-") as folder:
        for name, data in (("user", user), ("base", base), ("new", new)):
            (Path(folder) / name).write_bytes(data)
        return subprocess.run(
            ["git", "merge-file", "-p", "-q", *labels, "user", "base", "new"],
            cwd=folder,
            env=_environment(folder),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )


def _environment(folder: str) -> dict[str, str]:
    """Return an environment without the user's configuration of git."""
    none = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CEILING_DIRECTORIES": folder}
    return git_environment(os.environ, **none)
