"""A tree and a folder that has files: which files of the tree are written, and which of the folder's stay."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from generator.cli.project_root import SPEC
from generator.rendering.file_tree import File, Tree
from generator.result import printable

from . import worktree
from .baseline import ARCHIVE
from .text_merge import with_line_ends_of
from .three_way import Disk, Obstacle
from .writer import DestinationError

_IGNORED = ".gitignore"


@dataclass(frozen=True)
class Overlap:
    """What is written, which files of the user's stay instead of ours, and what is added to which of them."""

    tree: Tree
    kept: tuple[str, ...] = ()
    added: dict[str, bytes] = field(default_factory=dict)


def find(destination: Path, tree: Tree) -> Overlap:
    """Compare a tree with a folder; DestinationError names all that is in the way.

    No byte of the user's is replaced. To .gitignore our lines are added, for by them secrets are not
    committed.
    """
    found = worktree.read(destination, tree)
    ours = {path: with_line_ends_of(file.data, tree[path].data) for path, file in _files(found).items()}
    other = {path: file.data for path, file in _files(found).items() if file.data != ours[path]}
    faults = [
        f"{destination}: {printable(path)}: there is {entry.what}; move it away"
        for path, entry in found.items()
        if isinstance(entry, Obstacle)
    ]
    faults += [
        f"{destination}: {printable(theirs)}: is one name with {path} on macOS and Windows; rename it"
        for path, theirs in _twins(destination, tree)
    ]
    if SPEC in other:
        place = printable(str(destination / SPEC))
        faults.append(f"{place}: is another one; begin with it, by --spec {place}, or move it away")
    if faults:
        raise DestinationError("\n".join(faults))
    lines = missing(ours[_IGNORED], other[_IGNORED]) if _IGNORED in other else b""
    return Overlap(
        {path: file for path, file in tree.items() if path not in found},
        tuple(path for path in sorted(other) if path != _IGNORED),
        {_IGNORED: lines} if lines else {},
    )


def notes(found: Overlap) -> list[str]:
    """Say what becomes of files that were there."""
    kept = ", ".join(map(printable, found.kept))
    return [
        *([f"your files stay, and those of cn-new are only in {ARCHIVE}: {kept}"] if kept else []),
        *(f"{path}: lines are added at its end, which keep secrets out of commits" for path in found.added),
    ]


def _files(found: Disk) -> dict[str, File]:
    return {path: entry for path, entry in found.items() if isinstance(entry, File)}


def _twins(destination: Path, tree: Tree) -> Iterator[tuple[str, str]]:
    """Yield paths of a tree of which the folder has another spelling."""
    spelled = {path.casefold(): path for path in tree}
    for folder in sorted({path.rpartition("/")[0] for path in tree}):
        place = destination / folder
        for name in sorted(os.listdir(place)) if place.is_dir() and not place.is_symlink() else ():  # noqa: PTH208
            path = f"{folder}/{name}" if folder else name
            ours = spelled.get(path.casefold(), path)
            if ours != path and not os.path.lexists(destination / ours):
                yield ours, path


def missing(ours: bytes, theirs: bytes) -> bytes:
    """Return what to add to a .gitignore so that it ignores what ours does: by block, with its heading."""
    end = b"\r\n" if b"\r\n" in ours else b"\n"
    known = {line.strip() for line in theirs.splitlines()}
    blocks = []
    for block in ours.split(2 * end):
        lines = [
            line
            for line in block.splitlines()
            if line[:1] == b"#" or line not in known or b"!" + line in known
        ]
        if any(line[:1] != b"#" for line in lines):
            blocks.append(end.join(lines) + end)
    start = b"" if not theirs or theirs.endswith(b"\n") else end
    return start + end + end.join(blocks) if blocks else b""
