"""Writes a tree to a folder, atomically. With `durable_write` the only module that writes."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from generator.cli.project_root import MARKERS
from generator.errors import CommandError
from generator.progress import Count, no_count
from generator.rendering import file_tree as trees
from generator.rendering.file_tree import REGULAR, File, Tree
from generator.result import printable

from .durable_write import append, flush, truncate, write
from .git import queries

# Next to a new destination, or inside an existing one; locked while its writer runs, else it is stale.
STAGING = ".cn-new-staging-"
_TREE, _ADDED, _COMPLETE = "tree", "added", "complete"


class DestinationError(CommandError):
    """A destination that cannot be used for a new project; nothing was changed."""


class DiskError(CommandError):
    """A write failed; nothing is left behind."""

    code = 1


def check(destination: Path, *, merge: bool = False) -> None:
    """Raise DestinationError unless `destination` is new or empty (except for a repository without commits).

    With `merge` it may contain anything except a project. Writes nothing.
    """
    try:
        destination.absolute()
    except OSError:
        raise DestinationError(f"{destination}: the current folder was deleted") from None
    try:
        found = destination.lstat()
    except (FileNotFoundError, NotADirectoryError):
        _check_parents(destination)
        return
    except OSError as error:
        raise DestinationError(f"{destination}: cannot access: {error.strerror}") from None
    if stat.S_ISLNK(found.st_mode):
        raise DestinationError(f"{destination}: symbolic link; use the path of its target")
    if not stat.S_ISDIR(found.st_mode):
        raise DestinationError(f"{destination}: not a directory; choose another folder")
    try:
        free = _is_free(destination)
        project = _is_project(destination)
    except OSError as error:
        raise DestinationError(f"{destination}: cannot access: {error.strerror}") from None
    if not free and project:
        raise DestinationError(
            f"{destination}: already a cn-new project; run `cn plan` there to see pending changes"
        )
    if not free and not merge:
        raise DestinationError(
            f"{destination}: not empty; choose a new or empty folder, or use --merge to keep its files"
        )


def state(destination: Path) -> str:
    """Return whether the files were written to a destination, after an interrupt."""
    if _is_project(destination):
        return f"the files are in {printable(str(destination))}"
    return "nothing was written"


def plain(destination: Path) -> Path:
    """Return a path without `..`, which could refer to folders that do not exist yet."""
    return destination.resolve() if ".." in destination.parts else destination


def create(
    destination: Path, tree: Tree, count: Count = no_count, *, merge: Mapping[str, bytes] | None = None
) -> None:
    """Write a tree to a new or empty folder; an error, Ctrl-C or a full disk leaves nothing behind.

    With `merge` the folder may have other files; `merge` holds the bytes to append to some of them. Raises
    DestinationError or DiskError. Symbolic links above the destination are resolved once, at the start.
    """
    trees.check(tree)
    check(destination, merge=merge is not None)
    try:
        with _parent(plain(destination).absolute()) as target:
            exists = target.is_dir()
            place = target if exists else target.parent
            _recover(place, destination, filling=exists)
            check(target, merge=merge is not None)
            with _staging(place) as staging:
                write(staging / _TREE, tree, count)
                if merge:
                    write(
                        staging / _ADDED,
                        {path: File(REGULAR, data) for path, data in merge.items()},
                        no_count,
                    )
                (_move_into if exists else _rename_to)(target, staging)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        reason = "the disk is full" if full else error.strerror or str(error)
        raise DiskError(f"{destination}: cannot write: {reason}; nothing was left behind") from error


def _is_free(folder: Path) -> bool:
    """Return whether a folder is empty, except for a new repository and a stale staging folder."""
    staging = {path.name for path in folder.glob(f"{STAGING}*")}
    if any((folder / name / _COMPLETE).exists() for name in staging):
        return True
    others = {path.name for path in folder.iterdir()} - staging
    return not others or (others == {".git"} and queries.is_unborn(folder))


def _is_project(folder: Path) -> bool:
    return os.path.lexists(folder / MARKERS[0])


def _check_parents(destination: Path) -> None:
    for parent in destination.absolute().parents:
        if parent.exists():
            if not parent.is_dir():
                raise DestinationError(f"{destination}: {parent} is not a directory")
            if not os.access(parent, os.W_OK | os.X_OK):
                raise DestinationError(f"{destination}: {parent} is not writable")
            return
        if parent.is_symlink():
            raise DestinationError(f"{destination}: {parent} is a broken symbolic link")


@contextmanager
def _parent(path: Path) -> Iterator[Path]:
    """Yield the path with its parents resolved; parents that were created are removed on failure."""
    missing = [folder for folder in path.parents if not folder.exists()]
    created: list[Path] = []
    try:
        for folder in reversed(missing):
            folder.mkdir()
            created.append(folder)
        yield path.parent.resolve(strict=True) / path.name
    except BaseException:
        for folder in reversed(created):
            with suppress(OSError):
                folder.rmdir()
        raise


@contextmanager
def _staging(folder: Path) -> Iterator[Path]:
    """Yield a locked, private staging folder, and remove it at the end."""
    path = Path(tempfile.mkdtemp(prefix=STAGING, dir=folder))
    try:
        with _locked(path):
            yield path
    finally:
        try:
            shutil.rmtree(path, ignore_errors=True)
        except BaseException:  # a second Ctrl-C, or the first during the removal
            shutil.rmtree(path, ignore_errors=True)
            raise


@contextmanager
def _locked(path: Path) -> Iterator[bool]:
    """Lock a folder; yield False if another process holds the lock. The kernel releases it on exit."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:  # locked, or a file system without locks, where a stale folder is not removed
            yield False
        else:
            yield True
    finally:
        with suppress(OSError):  # the descriptor is only for the lock
            os.close(descriptor)


def _recover(folder: Path, destination: Path, *, filling: bool) -> None:
    """Remove the staging folders of killed runs; complete the move of a tree that was fully written."""
    for path in sorted(folder.glob(f"{STAGING}*")):
        with suppress(FileNotFoundError, NotADirectoryError, PermissionError), _locked(path) as dead:
            # Skip a running process, a symbolic link and the folder of another user.
            if not dead or path.is_symlink() or path.lstat().st_uid != os.getuid():
                continue
            # Only an existing folder is filled file by file.
            if finish := filling and (path / _COMPLETE).exists():
                _finish(path, folder, list(_units(path / _TREE, folder)))
            shutil.rmtree(path, ignore_errors=True)
            if finish:
                raise DestinationError(
                    f"{destination}: recovered the project of a killed run; it is complete now. Check it, or"
                    " choose another folder"
                )


def _rename_to(target: Path, staging: Path) -> None:
    """Rename the staged tree to the new folder, atomically."""
    source = staging / _TREE
    try:
        source.rename(target)
        flush(target.parent)
    except BaseException:
        if not source.exists():
            target.rename(source)
        raise


def _move_into(target: Path, staging: Path) -> None:
    """Fill an existing folder; it may be a mount point or a shell's current folder, so it is not replaced."""
    (staging / _COMPLETE).touch()
    flush(staging)
    source = staging / _TREE
    paths = list(_units(source, target))
    sizes = {path: (target / path).lstat().st_size for path in _files(staging / _ADDED)}
    try:
        _finish(staging, target, paths)
    except BaseException:
        for path, size in sizes.items():
            with _opened(target) as target_fd:
                truncate(target_fd, path, size)
        for path in paths:
            if not os.path.lexists(source / path):
                (target / path).rename(source / path)
        raise


def _finish(staging: Path, target: Path, paths: Iterable[str]) -> None:
    """Move the staged files into a folder, and append to existing files."""
    for path in paths:
        _move(staging / _TREE, target, path)
    for path, added in _files(staging / _ADDED).items():
        with _opened(target) as target_fd:
            append(target_fd, path, added)
    flush(target)


def _units(source: Path, target: Path, folder: str = "") -> Iterator[str]:
    """Yield the paths to move: files, and folders that do not exist in the target."""
    for entry in sorted(os.scandir(source / folder), key=lambda entry: entry.name):
        path = f"{folder}/{entry.name}" if folder else entry.name
        there = target / path
        if entry.is_dir(follow_symlinks=False) and there.is_dir() and not there.is_symlink():
            yield from _units(source, target, path)
        else:
            yield path


def _move(source: Path, target: Path, path: str) -> None:
    """Move one path between folders; open descriptors prevent following a link that replaces a folder."""
    folder, _, name = path.rpartition("/")
    with _opened(source, folder) as here, _opened(target, folder) as target_fd:
        if name in os.listdir(target_fd):  # noqa: PTH208 (a descriptor, not a path)
            raise FileExistsError(errno.EEXIST, f"{name} was created there meanwhile")
        os.rename(name, name, src_dir_fd=here, dst_dir_fd=target_fd)


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*"))} if folder.is_dir() else {}


@contextmanager
def _opened(folder: Path, inner: str = "") -> Iterator[int]:
    """Open a folder, or one below it, without following symbolic links."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
    held = [os.open(folder, flags)]
    try:
        for part in inner.split("/") if inner else ():
            held.append(os.open(part, flags, dir_fd=held[-1]))
        yield held[-1]
    finally:
        for descriptor in held:
            os.close(descriptor)
