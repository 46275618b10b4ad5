"""A generated repository in memory: path to mode and bytes, and the rules for its paths. Pure."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

REGULAR, EXECUTABLE = 0o644, 0o755

_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f-\x9f\ud800-\udfff<>:"|?*\\]')
_DEVICE = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])[ ]*(\.|$)", re.IGNORECASE)
_LONGEST_PART, _LONGEST_PATH = 255, 1024


class TreeError(Exception):
    """A path that some file system does not support, or two paths that collide on one."""


@dataclass(frozen=True, slots=True)
class File:
    """One file: its mode (0o644 or 0o755) and its content."""

    mode: int
    data: bytes


Tree = Mapping[str, File]


def build(files: Iterable[tuple[str, File]]) -> Tree:
    """Return the files as a tree, sorted by path; TreeError if paths are invalid or collide."""
    tree: dict[str, File] = {}
    for path, file in files:
        if path in tree:
            raise TreeError(f"{path}: duplicate path")
        tree[path] = file
    check(tree)
    return MappingProxyType(dict(sorted(tree.items())))


def check(tree: Tree) -> None:
    """Raise TreeError unless all paths are valid on every file system and stay inside one folder."""
    for path, file in tree.items():
        if fault := path_fault(path):
            raise TreeError(f"{path!a}: {fault}")
        if file.mode not in (REGULAR, EXECUTABLE):
            raise TreeError(f"{path}: invalid mode {file.mode:o}; use 644 or 755")
    _check_collisions(tree)


def path_fault(path: str) -> str | None:
    """Return why a path is invalid in a tree; None if it is valid."""
    if len(path.encode(errors="replace")) > _LONGEST_PATH:
        return f"is longer than {_LONGEST_PATH} bytes"
    return next(filter(None, map(_part_fault, path.split("/"))), None)


@lru_cache(maxsize=8192)  # all services have files of the same names
def _part_fault(part: str) -> str | None:
    if part in ("", ".", ".."):
        return f"is not inside the folder (it contains the part {part!r})"
    if found := _FORBIDDEN.search(part):
        return f"contains the character {found[0]!a}, which is not portable"
    if part[-1] in " ." or len(part.encode()) > _LONGEST_PART:
        return f"contains a part that ends with a space or a dot, or is longer than {_LONGEST_PART} bytes"
    if _folded(_visible(part)) == ".git" or part.lower().startswith("git~"):
        return "is inside .git"
    if _DEVICE.match(part):
        return f"contains the part {part!r}, which is a device name on Windows"
    return None


def _check_collisions(tree: Tree) -> None:
    """Reject names that differ only in case or normalization, and a file that is also a folder."""
    spelling: dict[str, str] = {}
    folders: set[str] = set()
    for path in tree:
        _spell(path, path, spelling)
        folder = path.rpartition("/")[0]
        while folder and folder not in folders:
            folders.add(folder)
            _spell(folder, path, spelling)
            folder = folder.rpartition("/")[0]
    for path in sorted(folders & tree.keys()):
        raise TreeError(f"{path}: both a file and a folder")


def _spell(name: str, path: str, spelling: dict[str, str]) -> None:
    known = spelling.setdefault(_folded(name), name)
    if known != name:
        raise TreeError(f"{path}: {name!r} and {known!r} are the same name on macOS and Windows")


def _visible(part: str) -> str:
    """Remove the characters that HFS+ ignores when it compares names."""
    return "".join(char for char in part if unicodedata.category(char) != "Cf")


def _folded(name: str) -> str:
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold())


def digest(tree: Tree) -> str:
    """Return `sha256:…` over all paths, modes and contents; the order of the tree does not matter."""
    total = hashlib.sha256()
    known: dict[bytes, str] = {}  # services have many files in common
    for path, file in sorted(tree.items()):
        content = known.get(file.data) or known.setdefault(file.data, hashlib.sha256(file.data).hexdigest())
        total.update(f"{file.mode:o} {content} {path}\0".encode())
    return f"sha256:{total.hexdigest()}"
