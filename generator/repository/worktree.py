"""Reads the files of a project's folder at given paths. Follows no symbolic link."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from generator.rendering.file_tree import EXECUTABLE, REGULAR, File

from .three_way import Disk, Found, Obstacle

MAX_BYTES = 64 * 2**20
_KINDS = (
    (stat.S_ISLNK, "a symbolic link"),
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
)


def read(project: Path, paths: Iterable[str]) -> Disk:
    """Return the file or the obstacle at each path that exists.

    Reads only these paths and the folders above them.
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
    """Return an empty text for a folder, None if nothing exists, else the description of the obstacle."""
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
        return f"an unreadable folder {name} ({error.strerror})"
    if stat.S_ISDIR(mode):
        return ""
    return f"{_kind(mode)} in place of the folder {name}"


def _file(path: Path) -> Found | None:
    try:
        # Without O_NONBLOCK, open() of a pipe blocks until it has a writer.
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
            return Obstacle(f"a file larger than {MAX_BYTES // 2**20} MiB")
        with os.fdopen(descriptor, "rb", closefd=False) as opened:
            data = opened.read(MAX_BYTES + 1)
    except OSError as error:
        return _unreadable(path, error)
    finally:
        os.close(descriptor)
    return File(EXECUTABLE if status.st_mode & 0o100 else REGULAR, data)


def _unreadable(path: Path, error: OSError) -> Found | None:
    """Return the obstacle for a path that cannot be opened: a link, a socket, an unreadable file."""
    with suppress(OSError):
        mode = path.lstat().st_mode
        if not stat.S_ISREG(mode):
            return Obstacle(_kind(mode))
    return Obstacle(f"an unreadable file ({error.strerror})")


def _kind(mode: int) -> str:
    return next((what for test, what in _KINDS if test(mode)), "a file" if stat.S_ISREG(mode) else "a device")
