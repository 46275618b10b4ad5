"""Three-way merge of one file: what a user and a new rendering each made of the same text. Writes nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from pulumi_stacks.git_environment import git_environment

# `git merge-file` ends with the number of conflicts; it counts no further, and anything else is an error.
_MOST_CONFLICTS = 127
_SECONDS = 30
_LABELS = ("yours", "last rendered", "new")


@dataclass(frozen=True)
class Merged:
    """A merged text. With `conflicts` it holds that many places between conflict marks."""

    data: bytes
    conflicts: int = 0


def is_text(data: bytes) -> bool:
    """Say whether git would take these bytes for text."""
    return b"\0" not in data[:8000]


def has_crlf(data: bytes) -> bool:
    """Say whether every line ends as on Windows, and there is one."""
    return data.count(b"\r\n") == data.count(b"\n") > 0


def with_line_ends_of(user: bytes, data: bytes) -> bytes:
    """Return `data` with the line ends of the user's file, where that has those of Windows throughout."""
    if is_text(user) and is_text(data) and has_crlf(user) and b"\r" not in data:
        return data.replace(b"\n", b"\r\n")
    return data


def merge(base: bytes, user: bytes, new: bytes) -> Merged | None:
    """Merge what two sides made of `base`; None when it cannot be done: no text, or git cannot."""
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
    """Let nothing that a user has configured for git change a merge."""
    none = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CEILING_DIRECTORIES": folder}
    return git_environment(os.environ, **none)


def available() -> bool:
    """Say whether there is a git to merge with."""
    return shutil.which("git") is not None
