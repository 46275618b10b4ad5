"""The user's own files in a project's folder: counted per service, without those that git ignores."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from generator.rendering.file_tree import Tree

from . import worktree
from .git import queries
from .three_way import Obstacle, service_of

MAX_FILES = 10_000
TIMEOUT = 5  # seconds
_GIT = ".git"
_GITIGNORE = ".gitignore"


@dataclass(frozen=True)
class UserFiles:
    """How many files by service, and the paths of those in the folders of removed services."""

    counts: dict[str, int]
    listed: tuple[str, ...]
    truncated: bool = False
    timed_out: bool = False


def count(project: Path, known: Collection[str], removed: Collection[str], new: Tree) -> UserFiles:
    """Count the user's files beside the `known` paths; list those of `removed` services.

    A pattern of .gitignore can take exponential time, so the count is given up after TIMEOUT seconds.
    """
    try:
        with _time_limit(TIMEOUT):
            return find(project, known, removed, _ignore_rules(project, new))
    except _TimeoutError:
        return UserFiles({}, (), timed_out=True)


class _TimeoutError(Exception):
    """The time limit is exceeded."""


@contextmanager
def _time_limit(seconds: int) -> Iterator[None]:
    """Raise _TimeoutError after some seconds, even inside the matching of a regular expression."""

    def expire(*_: object) -> None:
        raise _TimeoutError

    before = signal.signal(signal.SIGALRM, expire)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _ignore_rules(folder: Path, new: Tree) -> Callable[[str], bool]:
    """Return what git ignores in a folder; outside of a repository, by the .gitignore of the project."""
    ignored = queries.ignored_there(folder)
    if ignored is not None:
        return ignored.__contains__
    from pathspec import GitIgnoreSpec

    found = worktree.read(folder, [_GITIGNORE]).get(_GITIGNORE) or new.get(_GITIGNORE)
    data = b"" if found is None or isinstance(found, Obstacle) else found.data
    try:
        return GitIgnoreSpec.from_lines(data.decode(errors="replace").splitlines()).match_file
    except ValueError:  # git skips a pattern that pathspec rejects
        return GitIgnoreSpec.from_lines([]).match_file


def find(
    project: Path, known: Collection[str], removed: Collection[str], ignored: Callable[[str], bool]
) -> UserFiles:
    """Find the user's files in the folders of the `known` paths, and in new folders below them.

    Leaves out the folder of git and all paths that are `ignored` (the path of a folder ends with a slash).
    Stops after MAX_FILES files.
    """
    paths = frozenset(known)
    folders = {parent.as_posix() for path in paths for parent in Path(path).parents} - {"."}
    counts: Counter[str] = Counter()
    listed: list[str] = []
    for number, path in enumerate(_unknown(project, folders, paths, ignored)):
        if number == MAX_FILES:
            return UserFiles(dict(counts), tuple(sorted(listed)), truncated=True)
        service = service_of(path)
        counts[service] += 1
        if service in removed:
            listed.append(os.fsencode(path).decode(errors="backslashreplace"))
    return UserFiles(dict(counts), tuple(sorted(listed)))


def _unknown(
    project: Path, folders: Collection[str], known: Collection[str], ignored: Callable[[str], bool]
) -> Iterator[str]:
    pending = [""]
    while pending:
        folder = pending.pop()
        try:
            entries = sorted(os.scandir(project / folder), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.name.lower() == _GIT or path in known:
                continue
            if entry.is_dir(follow_symlinks=False):
                if path in folders or not ignored(f"{path}/"):
                    pending.append(path)
            elif not ignored(path):
                yield path
