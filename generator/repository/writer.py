"""A tree to a folder: all of it or nothing. With `durable_write` the only module that writes."""

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

from . import git_queries
from .durable_write import append, cut, flush, write

# Beside a destination or, when that exists, inside it; locked while its writer lives, so a dead one is known.
STAGING = ".cn-new-staging-"
_TREE, _ADDED, _COMPLETE = "tree", "added", "complete"


class DestinationError(CommandError):
    """A destination that cannot take a new project; nothing was touched."""


class DiskError(CommandError):
    """The operating system refused to write; nothing is left behind."""

    code = 1


def check(destination: Path, *, merge: bool = False) -> None:
    """Raise DestinationError unless `destination` is new or empty, but for a repository without commits.

    With `merge` it may hold anything but a project. Writes nothing.
    """
    try:
        destination.absolute()
    except OSError:
        raise DestinationError(f"{destination}: the current folder is gone") from None
    try:
        found = destination.lstat()
    except (FileNotFoundError, NotADirectoryError):
        _check_parents(destination)
        return
    except OSError as error:
        raise DestinationError(f"{destination}: cannot be used: {error.strerror}") from None
    if stat.S_ISLNK(found.st_mode):
        raise DestinationError(f"{destination}: is a symbolic link; name the folder itself")
    if not stat.S_ISDIR(found.st_mode):
        raise DestinationError(f"{destination}: is a file; choose another folder")
    try:
        free = _is_free(destination)
        project = _is_project(destination)
    except OSError as error:
        raise DestinationError(f"{destination}: cannot be used: {error.strerror}") from None
    if not free and project:
        raise DestinationError(
            f"{destination}: is not empty, but a project of cn-new: `cn plan` shows what is due there"
        )
    if not free and not merge:
        raise DestinationError(
            f"{destination}: is not empty; choose a new or an empty folder, or keep its files with --merge"
        )


def left(destination: Path) -> str:
    """Say what became of a destination that could be used, after an interrupt at whatever place."""
    if _is_project(destination):
        return f"the files are in {printable(str(destination))}"
    return "nothing was written"


def plain(destination: Path) -> Path:
    """Return a path without `..`, which may lead through folders that are not there yet."""
    return destination.resolve() if ".." in destination.parts else destination


def create(
    destination: Path, tree: Tree, count: Count = no_count, *, merge: Mapping[str, bytes] | None = None
) -> None:
    """Write a tree to a new or empty folder; an error, Ctrl-C or a full disk leaves nothing behind.

    With `merge` the folder may have files, and none of the tree: `merge` holds what is added at the end of
    some of these. Raises DestinationError or DiskError. Links above the destination are followed once, at
    the start.
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
        raise DiskError(f"{destination}: could not be written: {reason}; nothing was left there") from error


def _is_free(folder: Path) -> bool:
    """Say whether a folder is empty but for a new repository and what `create` finishes."""
    staging = {path.name for path in folder.glob(f"{STAGING}*")}
    if any((folder / name / _COMPLETE).exists() for name in staging):
        return True
    others = {path.name for path in folder.iterdir()} - staging
    return not others or (others == {".git"} and git_queries.is_unborn(folder))


def _is_project(folder: Path) -> bool:
    return os.path.lexists(folder / MARKERS[0])


def _check_parents(destination: Path) -> None:
    for parent in destination.absolute().parents:
        if parent.exists():
            if not parent.is_dir():
                raise DestinationError(f"{destination}: {parent} is a file, not a folder")
            if not os.access(parent, os.W_OK | os.X_OK):
                raise DestinationError(f"{destination}: {parent} is not writable")
            return
        if parent.is_symlink():
            raise DestinationError(f"{destination}: {parent} is a link to nowhere")


@contextmanager
def _parent(path: Path) -> Iterator[Path]:
    """Give the path with its parent folder resolved; a parent that had to be made goes again on failure."""
    missing = [folder for folder in path.parents if not folder.exists()]
    made: list[Path] = []
    try:
        for folder in reversed(missing):
            folder.mkdir()
            made.append(folder)
        yield path.parent.resolve(strict=True) / path.name
    except BaseException:
        for folder in reversed(made):
            with suppress(OSError):
                folder.rmdir()
        raise


@contextmanager
def _staging(folder: Path) -> Iterator[Path]:
    """Give a locked, private folder for staging; it is gone afterwards, whatever happens."""
    path = Path(tempfile.mkdtemp(prefix=STAGING, dir=folder))
    try:
        with _locked(path):
            yield path
    finally:
        try:
            shutil.rmtree(path, ignore_errors=True)
        except BaseException:  # a second Ctrl-C, or one at this very place
            shutil.rmtree(path, ignore_errors=True)
            raise


@contextmanager
def _locked(path: Path) -> Iterator[bool]:
    """Hold the lock of a folder, or say that somebody else does; the kernel frees a killed one's."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:  # held, or a file system without locks, where a dead folder stays
            yield False
        else:
            yield True
    finally:
        with suppress(OSError):  # nothing was written through it
            os.close(descriptor)


def _recover(folder: Path, destination: Path, *, filling: bool) -> None:
    """Clear away what killed runs have left: a tree that was not complete goes, one being moved arrives."""
    for path in sorted(folder.glob(f"{STAGING}*")):
        with suppress(FileNotFoundError, NotADirectoryError, PermissionError), _locked(path) as dead:
            # Not ours to judge: one at work, a link, or somebody else's.
            if not dead or path.is_symlink() or path.lstat().st_uid != os.getuid():
                continue
            # Only a folder that was there already is filled piece by piece.
            if finish := filling and (path / _COMPLETE).exists():
                _finish(path, folder, list(_units(path / _TREE, folder)))
            shutil.rmtree(path, ignore_errors=True)
            if finish:
                raise DestinationError(
                    f"{destination}: holds a project whose creation was killed at its last step; it is"
                    " complete now: look at it, or choose another folder"
                )


def _rename_to(target: Path, staging: Path) -> None:
    """Make the staged tree the new folder, in one step."""
    source = staging / _TREE
    try:
        source.rename(target)
        flush(target.parent)
    except BaseException:
        if not source.exists():
            target.rename(source)
        raise


def _move_into(target: Path, staging: Path) -> None:
    """Fill an existing folder: it may be someone's current one or a mount point, so it is not replaced."""
    (staging / _COMPLETE).touch()
    flush(staging)
    source = staging / _TREE
    paths = list(_units(source, target))
    sizes = {path: (target / path).lstat().st_size for path in _files(staging / _ADDED)}
    try:
        _finish(staging, target, paths)
    except BaseException:
        for path, size in sizes.items():
            with _opened(target) as there:
                cut(there, path, size)
        for path in paths:
            if not os.path.lexists(source / path):
                (target / path).rename(source / path)
        raise


def _finish(staging: Path, target: Path, paths: Iterable[str]) -> None:
    """Move what is staged into a folder, and add to the files that were there."""
    for path in paths:
        _move(staging / _TREE, target, path)
    for path, added in _files(staging / _ADDED).items():
        with _opened(target) as there:
            append(there, path, added)
    flush(target)


def _units(source: Path, target: Path, folder: str = "") -> Iterator[str]:
    """Yield what is moved as one, by path: a file, or a folder that is not in the target."""
    for entry in sorted(os.scandir(source / folder), key=lambda entry: entry.name):
        path = f"{folder}/{entry.name}" if folder else entry.name
        there = target / path
        if entry.is_dir(follow_symlinks=False) and there.is_dir() and not there.is_symlink():
            yield from _units(source, target, path)
        else:
            yield path


def _move(source: Path, target: Path, path: str) -> None:
    """Move one path from folder to folder; held open, so that no link put in the place of one is followed."""
    folder, _, name = path.rpartition("/")
    with _opened(source, folder) as here, _opened(target, folder) as there:
        if name in os.listdir(there):  # noqa: PTH208 (a descriptor is no path)
            raise FileExistsError(errno.EEXIST, f"{name} has appeared there")
        os.rename(name, name, src_dir_fd=here, dst_dir_fd=there)


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*"))} if folder.is_dir() else {}


@contextmanager
def _opened(folder: Path, inner: str = "") -> Iterator[int]:
    """Hold open a folder, or one below it; no link on the way is followed."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
    held = [os.open(folder, flags)]
    try:
        for part in inner.split("/") if inner else ():
            held.append(os.open(part, flags, dir_fd=held[-1]))
        yield held[-1]
    finally:
        for descriptor in held:
            os.close(descriptor)
