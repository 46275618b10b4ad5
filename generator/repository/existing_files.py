"""A tree and a folder with files: which files of the tree are written, and which existing files are kept."""

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
    """The files to write, the user's files that are kept instead of ours, and the lines to append."""

    tree: Tree
    kept: tuple[str, ...] = ()
    added: dict[str, bytes] = field(default_factory=dict)


def find(destination: Path, tree: Tree) -> Overlap:
    """Compare a tree with a folder; DestinationError lists all conflicts.

    The user's files are never replaced. Missing lines are appended to .gitignore, because they keep secrets
    out of commits.
    """
    found = worktree.read(destination, tree)
    ours = {path: with_line_ends_of(file.data, tree[path].data) for path, file in _files(found).items()}
    other = {path: file.data for path, file in _files(found).items() if file.data != ours[path]}
    faults = [
        f"{destination}: {printable(path)}: blocked by {entry.what}; move it"
        for path, entry in found.items()
        if isinstance(entry, Obstacle)
    ]
    faults += [
        f"{destination}: {printable(theirs)}: same name as {path} on macOS and Windows; rename it"
        for path, theirs in _case_variants(destination, tree)
    ]
    if SPEC in other:
        place = printable(str(destination / SPEC))
        faults.append(f"{place}: different cn.yaml exists; use it with --spec {place}, or move it")
    if faults:
        raise DestinationError("\n".join(faults))
    lines = missing(ours[_IGNORED], other[_IGNORED]) if _IGNORED in other else b""
    return Overlap(
        {path: file for path, file in tree.items() if path not in found},
        tuple(path for path in sorted(other) if path != _IGNORED),
        {_IGNORED: lines} if lines else {},
    )


def notes(found: Overlap) -> list[str]:
    """Return what happens to existing files."""
    kept = ", ".join(map(printable, found.kept))
    return [
        *([f"existing files kept; the generated versions are only in {ARCHIVE}: {kept}"] if kept else []),
        *(f"{path}: lines appended that keep secrets out of commits" for path in found.added),
    ]


def _files(found: Disk) -> dict[str, File]:
    return {path: entry for path, entry in found.items() if isinstance(entry, File)}


def _case_variants(destination: Path, tree: Tree) -> Iterator[tuple[str, str]]:
    """Yield paths of a tree that exist in the folder with another spelling."""
    spelled = {path.casefold(): path for path in tree}
    for folder in sorted({path.rpartition("/")[0] for path in tree}):
        place = destination / folder
        for name in sorted(os.listdir(place)) if place.is_dir() and not place.is_symlink() else ():  # noqa: PTH208
            path = f"{folder}/{name}" if folder else name
            ours = spelled.get(path.casefold(), path)
            if ours != path and not os.path.lexists(destination / ours):
                yield ours, path


def missing(ours: bytes, theirs: bytes) -> bytes:
    """Return the lines to append to a .gitignore so that it ignores all that ours does, with headings."""
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
