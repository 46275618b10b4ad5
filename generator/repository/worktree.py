"""What stands in a project's folder at given paths, read without trusting it. Follows no link."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from generator.rendering.file_tree import EXECUTABLE, REGULAR, File

from .three_way import Disk, Found, Obstacle, service_of

MAX_BYTES = 64 * 2**20
MOST_ADDED = 10_000
_KINDS = (
    (stat.S_ISLNK, "a symbolic link"),
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
)
_GIT = ".git"


@dataclass(frozen=True)
class Added:
    """Files of the user's own: how many by service, and the paths of those in the folders asked for."""

    counts: dict[str, int]
    listed: tuple[str, ...]
    more: bool


def read(project: Path, paths: Iterable[str]) -> Disk:
    """Return what stands at each path: a file, an obstacle, or no entry when there is nothing.

    Nothing but these paths and the folders above them is looked at.
    """
    folders: dict[str, str | None] = {"": ""}
    found: dict[str, Found] = {}
    for path in paths:
        state = _folder(project, path.rpartition("/")[0], folders)
        if state is None:
            continue
        entry = Obstacle(state) if state else _file(project / path)
        if entry is not None:
            found[path] = entry
    return found


def _folder(project: Path, folder: str, known: dict[str, str | None]) -> str | None:
    """Return the empty text for a real folder, None for one that is not there, else what is in the way."""
    if folder not in known:
        above = _folder(project, folder.rpartition("/")[0], known)
        known[folder] = above if above != "" else _state(project / folder, folder)
    return known[folder]


def _state(path: Path, name: str) -> str | None:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return None
    except OSError as error:
        return f"the folder {name}, which cannot be read ({error.strerror})"
    if stat.S_ISDIR(mode):
        return ""
    return f"{_kind(mode)} in place of the folder {name}"


def _file(path: Path) -> Found | None:
    try:
        # Without O_NONBLOCK a pipe would wait for its writer.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        return _unreadable(path, error)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return Obstacle(_kind(status.st_mode))
        if status.st_size > MAX_BYTES:
            return Obstacle(f"a file of more than {MAX_BYTES // 2**20} MiB")
        with os.fdopen(descriptor, "rb", closefd=False) as opened:
            data = opened.read(MAX_BYTES + 1)
    except OSError as error:
        return _unreadable(path, error)
    finally:
        os.close(descriptor)
    return File(EXECUTABLE if status.st_mode & 0o100 else REGULAR, data)


def _unreadable(path: Path, error: OSError) -> Found | None:
    """Say what cannot be opened: a link, a socket, or a file that is not ours to read."""
    with suppress(OSError):
        mode = path.lstat().st_mode
        if not stat.S_ISREG(mode):
            return Obstacle(_kind(mode))
    return Obstacle(f"a file that cannot be read ({error.strerror})")


def _kind(mode: int) -> str:
    return next((what for test, what in _KINDS if test(mode)), "a file" if stat.S_ISREG(mode) else "a device")


def added(
    project: Path, paths: Collection[str], gone: Collection[str], ignored: Callable[[str], bool]
) -> Added:
    """Find the user's own files in the folders of `paths`, and below new folders of the user's there.

    What `ignored` says of a path (a folder's ends with a slash) is left out, and so is git's folder. Those of
    the services in `gone` are listed. Stops after MOST_ADDED files.
    """
    known = frozenset(paths)
    folders = {parent.as_posix() for path in known for parent in Path(path).parents} - {"."}
    counts: Counter[str] = Counter()
    listed: list[str] = []
    for count, path in enumerate(_unknown(project, "", folders, known, ignored)):
        if count == MOST_ADDED:
            return Added(dict(counts), tuple(sorted(listed)), more=True)
        service = service_of(path)
        counts[service] += 1
        if service in gone:
            listed.append(os.fsencode(path).decode(errors="backslashreplace"))
    return Added(dict(counts), tuple(sorted(listed)), more=False)


def _unknown(
    project: Path,
    start: str,
    folders: Collection[str],
    known: Collection[str],
    ignored: Callable[[str], bool],
) -> Iterator[str]:
    waiting = [start]
    while waiting:
        folder = waiting.pop()
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
                    waiting.append(path)
            elif not ignored(path):
                yield path
