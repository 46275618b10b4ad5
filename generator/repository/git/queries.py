"""Queries of git about a folder; read-only."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from pulumi_stacks.git_environment import IDENTITY, SETTINGS, git_environment

_QUIET = (
    *("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "core.safecrlf=false"),
    *("-c", "commit.gpgSign=false", "-c", "init.templateDir="),
)


def available() -> bool:
    """Return whether git is installed."""
    return shutil.which("git") is not None


def run(
    folder: Path, *words: str, given: str = "", variables: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run git in a folder, without the user's hooks, signing, templates and file system monitor."""
    kept = git_environment(os.environ, SETTINGS, IDENTITY, GIT_TERMINAL_PROMPT="0")
    return subprocess.run(
        ["git", *_QUIET, *words],
        cwd=folder,
        env={**kept, **(variables or {})},
        input=given,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="surrogateescape",
        check=False,
    )


def is_unborn(folder: Path) -> bool:
    """Return whether a folder is a repository without commits and without staged files."""
    if not os.path.lexists(folder / ".git") or not available():
        return False
    return is_top(folder) and not has_commits(folder) and not run(folder, "ls-files", "-z").stdout


def is_top(folder: Path) -> bool:
    """Return whether a folder is the root of a repository."""
    return os.path.lexists(folder / ".git") and root(folder) == folder.resolve()


def has_commits(folder: Path) -> bool:
    """Return whether HEAD of the folder's repository is a commit."""
    return run(folder, "rev-parse", "--quiet", "--verify", "HEAD").returncode == 0


def root(folder: Path) -> Path | None:
    """Return the root of the repository that contains a folder, even if the folder does not exist yet.

    None if there is no repository, or if it ignores the folder.
    """
    if not available():
        return None
    folder = folder.absolute()
    found = run(_nearest(folder), "rev-parse", "--show-toplevel")
    top = Path(found.stdout.removesuffix("\n"))
    if found.returncode != 0 or top == Path():
        return None
    return top if top == folder.resolve() or not ignored(folder.parent, [f"{folder.name}/"]) else None


def ignored(folder: Path, paths: Iterable[str]) -> list[str]:
    """Return the paths below a folder that its repository ignores; the path of a folder ends with a slash."""
    start = f"{folder.absolute()}/"
    given = "".join(f"{start}{path}\0" for path in paths)
    found = run(_nearest(folder), "check-ignore", "-z", "--stdin", given=given)
    return [path.removeprefix(start) for path in found.stdout.split("\0")[:-1]]


def ignored_there(folder: Path) -> frozenset[str] | None:
    """Return the ignored paths in a folder; None if it is not in a repository.

    A folder that is ignored as a whole ends with a slash, and its files are not listed.
    """
    if root(folder) is None:
        return None
    words = ("ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory")
    found = run(folder, *words)
    return frozenset(found.stdout.split("\0")) if found.returncode == 0 else None


def _nearest(folder: Path) -> Path:
    return next(place for place in (folder.absolute(), *folder.absolute().parents) if place.is_dir())
