"""The bytes of cn.yaml at a revision of git, read without network and without trusting the words given."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import ExpectedError
from ..git_environment import SETTINGS, git_environment
from ..spec import loader
from ..spec.yaml_reader import MAX_BYTES

if TYPE_CHECKING:
    from pathlib import Path

_SECONDS = 60


class RevisionError(ExpectedError):
    """A revision that cannot be read; the message names it, what is wrong and what to do."""


@dataclass(frozen=True)
class Source:
    """The bytes of a spec, and where they come from."""

    name: str
    data: bytes


def read(folder: Path, name: str, revision: str | None) -> Source:
    """Return the file `name` of a folder at a revision, or as it is there now when there is none.

    Raises RevisionError, or SpecError if the file cannot be read.
    """
    if revision is None:
        path = folder / name
        return Source(str(path), loader.read_file(path))
    commit = resolve(folder, revision)
    place = f"{commit}:./{name}"
    size = _git(folder, "cat-file", "-s", place)
    if size is None:
        raise RevisionError(
            f"{_shown(revision)}: no {name} in this folder at this revision; choose a later one"
        )
    if int(size) > MAX_BYTES:
        raise RevisionError(f"{_shown(revision)}:{name}: has {int(size)} bytes (at most {MAX_BYTES})")
    data = _git(folder, "cat-file", "blob", place)
    if data is None:
        raise RevisionError(f"{_shown(revision)}:{name}: not a file")
    return Source(f"{revision}:{name}", data)


def resolve(folder: Path, revision: str) -> str:
    """Return the id of the commit that a revision names; RevisionError if there is none."""
    if not revision or revision.startswith("-") or not revision.isprintable():
        raise RevisionError(f"{_shown(revision)}: not a revision (such as HEAD~1, main or v1.2)")
    inside = _run(folder, "rev-parse", "--git-dir")
    if inside.returncode != 0:
        reason = (inside.stderr.decode(errors="replace").splitlines() or ["no reason given"])[0]
        raise RevisionError(f"{folder}: has no revisions; git: {reason}")
    found = _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}")
    if found is None:
        shallow = _git(folder, "rev-parse", "--is-shallow-repository") == b"true\n"
        more = "; the clone is shallow: fetch more of its history" if shallow else ""
        raise RevisionError(f"{_shown(revision)}: no such revision{more}")
    return found.decode().strip()


def parted(folder: Path, one: str, other: str) -> str:
    """Return the commit at which two revisions diverged; RevisionError if they have no common commit."""
    ids = [resolve(folder, revision) for revision in (one, other)]
    found = _git(folder, "merge-base", *ids)
    if found is None:
        raise RevisionError(f"{_shown(one)}...{_shown(other)}: have no common commit")
    return found.decode().strip()


def _shown(revision: str) -> str:
    """Print a word that was given for a message: one line, not too long."""
    shown = revision if revision.isprintable() and revision else ascii(revision)
    return shown if len(shown) <= 60 else shown[:57] + "..."


def _git(folder: Path, *arguments: str) -> bytes | None:
    """Return what git prints, None when it fails."""
    done = _run(folder, *arguments)
    return done.stdout if done.returncode == 0 else None


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run git so that it fetches nothing, asks nothing, and the environment names no other repository."""
    offline = {"GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none", "GIT_OPTIONAL_LOCKS": "0"}
    try:
        return subprocess.run(
            ["git", "-C", str(folder.absolute()), *arguments],
            env=git_environment(os.environ, SETTINGS, GIT_TERMINAL_PROMPT="0", **offline),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except FileNotFoundError:
        raise RevisionError("git is not installed, so there are no revisions to read") from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RevisionError(f"git does not answer: {error}") from None
