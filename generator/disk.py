"""A tree to a new folder: all of it or nothing. The only module that writes."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from . import tree as trees
from .outcome import printable
from .progress import Count, uncounted
from .tree import Tree

# Beside a destination or, when that exists, inside it; locked while its writer lives, so a dead one is known.
STAGING = ".cn-new-staging-"
_TREE, _COMPLETE = "tree", "complete"
_FOLDER_MODE = 0o755


class DestinationError(Exception):
    """A destination that cannot take a new project; nothing was touched."""


class DiskError(Exception):
    """The operating system refused to write; nothing is left behind."""


def check(destination: Path) -> None:
    """Raise DestinationError unless `destination` is new or an empty folder; writes nothing."""
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
    except OSError as error:
        raise DestinationError(f"{destination}: cannot be used: {error.strerror}") from None
    if not free:
        raise DestinationError(f"{destination}: is not empty; choose a new or an empty folder")


def left(destination: Path) -> str:
    """Say what became of a destination that was free, after an interrupt at whatever place."""
    try:
        check(destination)
    except DestinationError:
        return f"the files are in {printable(str(destination))}"
    return "nothing was written"


def plain(destination: Path) -> Path:
    """Return a path without `..`, which may lead through folders that are not there yet."""
    return destination.resolve() if ".." in destination.parts else destination


def create(destination: Path, tree: Tree, count: Count = uncounted) -> None:
    """Write a tree to a new or empty folder; an error, Ctrl-C or a full disk leaves nothing behind.

    Raises DestinationError or DiskError. Links above the destination are followed once, at the start.
    """
    trees.check(tree)
    check(destination)
    try:
        with _parent(plain(destination).absolute()) as target:
            exists = target.is_dir()
            place = target if exists else target.parent
            _recover(place, destination, filling=exists)
            check(target)
            with _staging(place) as staging:
                _write(staging / _TREE, tree, count)
                (_move_into if exists else _rename_to)(target, staging)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        reason = "the disk is full" if full else error.strerror or str(error)
        raise DiskError(f"{destination}: could not be written: {reason}; nothing was left there") from error


def _is_free(folder: Path) -> bool:
    """Say whether a folder is empty but for what a killed run left; `create` deals with that."""
    staging = list(folder.glob(f"{STAGING}*"))
    return any((path / _COMPLETE).exists() for path in staging) or len(staging) == len(list(folder.iterdir()))


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
                _move(path / _TREE, folder)
            shutil.rmtree(path, ignore_errors=True)
            if finish:
                raise DestinationError(
                    f"{destination}: holds a project whose creation was killed at its last step; it is"
                    " complete now: look at it, or choose another folder"
                )


def _write(root: Path, tree: Tree, count: Count) -> None:
    """Write all files below a new folder, modes exact under any umask, and flush them to the disk."""
    folders = {""}
    for path in tree:
        folder = path
        while folder and (folder := folder.rpartition("/")[0]) not in folders:
            folders.add(folder)
    for folder in sorted(folders):
        place = f"{root}/{folder}"
        os.mkdir(place)  # noqa: PTH102 (the objects of pathlib would cost more than the calls)
        os.chmod(place, _FOLDER_MODE)  # noqa: PTH101
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
    """Flush what was written: by one call where the system has it, for one per file takes far longer."""
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
        _flush(root / path)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        os.fsync(descriptor)
    except OSError:
        if not path.is_dir():  # some file systems cannot flush a folder
            raise
    finally:
        os.close(descriptor)


def _rename_to(target: Path, staging: Path) -> None:
    """Make the staged tree the new folder, in one step."""
    source = staging / _TREE
    try:
        source.rename(target)
        _flush(target.parent)
    except BaseException:
        if not source.exists():
            target.rename(source)
        raise


def _move_into(target: Path, staging: Path) -> None:
    """Fill an existing folder: it may be someone's current one or a mount point, so it is not replaced."""
    (staging / _COMPLETE).touch()
    _flush(staging)
    source = staging / _TREE
    names = [path.name for path in source.iterdir()]
    try:
        _move(source, target)
    except BaseException:
        for name in names:
            if not (source / name).exists():
                (target / name).rename(source / name)
        raise


def _move(source: Path, target: Path) -> None:
    """Move what is in one folder into another; held open, so that no link put in its place is followed."""
    with _opened(source) as here, _opened(target) as there:
        for name in sorted(os.listdir(here)):  # noqa: PTH208 (a descriptor is no path)
            if name in os.listdir(there):  # noqa: PTH208
                raise FileExistsError(errno.EEXIST, f"{name} has appeared there")
            os.rename(name, name, src_dir_fd=here, dst_dir_fd=there)
    _flush(target)


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
