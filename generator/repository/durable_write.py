"""Writes a tree into a private folder and flushes it to the disk."""

from __future__ import annotations

import ctypes
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from generator.progress import Count
from generator.rendering.file_tree import Tree

_FOLDER_MODE = 0o755


def write(root: Path, tree: Tree, count: Count) -> None:
    """Write all files below a new folder, with exact modes under any umask, and flush them to the disk."""
    folders = {""}
    group = root.parent.stat().st_mode & stat.S_ISGID  # a setgid folder passes on its group
    for path in tree:
        folder = path
        while folder and (folder := folder.rpartition("/")[0]) not in folders:
            folders.add(folder)
    for folder in sorted(folders):
        place = f"{root}/{folder}"
        os.mkdir(place)  # noqa: PTH102 (the objects of pathlib would cost more than the calls)
        os.chmod(place, _FOLDER_MODE | group)  # noqa: PTH101
    for number, (path, file) in enumerate(tree.items(), start=1):
        count(number, len(tree))
        descriptor = os.open(f"{root}/{path}", os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        try:
            os.fchmod(descriptor, file.mode)
            data = memoryview(file.data)
            while data:
                data = data[os.write(descriptor, data) :]
        finally:
            os.close(descriptor)
    _flush_all(root, [*tree, *folders])


def _flush_all(root: Path, paths: Iterable[str]) -> None:
    """Flush all files: with one syncfs call if the system has it, because one fsync per file is slow."""
    syncfs = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        if syncfs is not None:
            if syncfs(descriptor) != 0:
                number = ctypes.get_errno()
                raise OSError(number, os.strerror(number))
            return
    finally:
        os.close(descriptor)
    for path in paths:
        flush(Path(root, path))


def flush(path: Path) -> None:
    """Flush one file or folder."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        os.fsync(descriptor)
    except OSError:
        if not path.is_dir():  # some file systems do not support fsync of a folder
            raise
    finally:
        os.close(descriptor)


def append(folder: int, name: str, data: bytes) -> None:
    """Append to a file in an open folder, unless a killed run already did."""
    descriptor = os.open(name, os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW, dir_fd=folder)
    with open(descriptor, "r+b", buffering=0) as file:  # noqa: PTH123 (a descriptor, not a path)
        if not file.read().endswith(data):
            file.write(data)
            os.fsync(descriptor)


def truncate(folder: int, name: str, size: int) -> None:
    """Truncate a file in an open folder to its former size, if it grew."""
    descriptor = os.open(name, os.O_RDWR | os.O_NOFOLLOW, dir_fd=folder)
    with open(descriptor, "r+b", buffering=0) as file:  # noqa: PTH123
        if os.fstat(descriptor).st_size > size:
            file.truncate(size)
