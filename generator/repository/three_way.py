"""Base tree, new tree and disk to the changes of an apply, path by path. Pure; the merge is a parameter.

The base is the tree rendered last, so a difference between it and the disk is an edit of the user. An edited
file is never overwritten or deleted: it is merged, kept, or reported as a conflict.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from generator.rendering.file_tree import File, Tree

from .text_merge import Merged, with_line_ends_of

Kind = Literal["create", "update", "merge", "keep", "delete", "conflict"]
KINDS: tuple[Kind, ...] = ("create", "update", "merge", "delete", "conflict", "keep")
SYSTEM = ""


@dataclass(frozen=True)
class Obstacle:
    """Something on the disk at the path of a file that is not a file; `what` describes it."""

    what: str


Found = File | Obstacle
Disk = Mapping[str, Found]
Merge = Callable[[bytes, bytes, bytes], Merged | None]

# The reasons of changes: a keyword, which is part of the JSON of a plan, and its text.
REASONS: Mapping[str, str] = {
    "new": "does not exist yet",
    "unchanged": "you did not edit it",
    "both-changed": "your edits and the new lines do not overlap",
    "mode": "one side changed its content, the other its mode",
    "not-rendered": "no longer generated; you did not edit it",
    "same-lines": "you and cn-new changed the same lines",
    "no-text": "you and cn-new changed this binary file",
    "no-merge": "you and cn-new changed it, and git merge-file failed or is not installed",
    "added-by-both": "you created this file; cn-new now generates it too",
    "in-the-way": "blocked by something that is not a regular file",
    "edited": "you edited it; cn-new has no changes for it",
    "removed": "you deleted it; cn-new has no changes for it",
    "edited-not-rendered": "no longer generated, but you edited it",
    "removed-changed": "you deleted it; its new version is not written",
    "added": "your own file in the folder of a removed service",
}
# The reasons of kept files that are listed: a change is not applied, or the service is removed.
LISTED = frozenset({"edited-not-rendered", "removed-changed", "added", "in-the-way"})


@dataclass(frozen=True)
class Change:
    """The change of one path. `before` is on the disk, `after` would be written."""

    path: str
    kind: Kind
    reason: str
    before: File | None = None
    after: File | None = None
    rendered: tuple[File | None, File | None] = (None, None)
    conflicts: int = 0
    obstacle: str = ""

    @property
    def service(self) -> str:
        """Return the service that the path belongs to; SYSTEM for any other path."""
        return service_of(self.path)


@dataclass(frozen=True)
class Changes:
    """The changes of all paths that differ from the new tree, sorted by path.

    `same` counts the equal paths, `added` the user's own files by service.
    """

    changes: tuple[Change, ...]
    same: int = 0
    added: Mapping[str, int] | None = None

    @property
    def something_to_do(self) -> bool:
        """Return whether any file would be written or deleted, or is in conflict."""
        return any(change.kind != "keep" for change in self.changes)

    def count(self, kind: Kind) -> int:
        """Count the paths of one kind."""
        return sum(change.kind == kind for change in self.changes)


def service_of(path: str) -> str:
    """Return the service that a path belongs to; SYSTEM if none."""
    parts = path.split("/", 2)
    return parts[1] if len(parts) == 3 and parts[0] == "services" else SYSTEM


def services_of(paths: Iterable[str]) -> frozenset[str]:
    """Return all services with a folder among the paths."""
    return frozenset(map(service_of, paths)) - {SYSTEM}


def compare(
    base: Tree,
    new: Tree,
    disk: Disk,
    merge: Merge,
    *,
    leftovers: Collection[str] = (),
    added: Mapping[str, int] | None = None,
) -> Changes:
    """Compare every path of base and new with `disk`, which holds the existing ones of these paths.

    `leftovers` are the user's own files in the folders of removed services.
    """
    found = {
        path: _decide(path, base.get(path), new.get(path), disk.get(path), merge)
        for path in base.keys() | new.keys()
    }
    decided = [change for change in found.values() if change is not None]
    decided += [Change(path, "keep", "added") for path in leftovers]
    return Changes(
        tuple(sorted(decided, key=lambda change: change.path)),
        same=sum(found[path] is None for path in new),
        added=added or {},
    )


def _decide(
    path: str, base: File | None, new: File | None, disk: Found | None, merge: Merge
) -> Change | None:
    """Return the change of one path; None if it is equal to the new tree."""
    if isinstance(disk, Obstacle):
        return _blocked(path, base, new, disk)
    if disk is not None:
        base, new = _adapted(base, disk), _adapted(new, disk)
    if disk == new:
        return None
    if base is None and new is not None:
        return _added(path, new, disk)
    if new is None:
        return _dropped(path, base, disk)
    if disk is None:
        return Change(path, "keep", "removed" if base == new else "removed-changed", rendered=(base, new))
    if disk == base:
        return Change(path, "update", "unchanged", disk, new, rendered=(base, new))
    if base == new:
        return Change(path, "keep", "edited", disk, rendered=(base, new))
    assert base is not None  # noqa: S101
    return _both(path, base, new, disk, merge)


def _adapted(file: File | None, disk: File) -> File | None:
    return file and File(file.mode, with_line_ends_of(disk.data, file.data))


def _blocked(path: str, base: File | None, new: File | None, disk: Obstacle) -> Change:
    due = new is not None and new != base
    return Change(path, "conflict" if due else "keep", "in-the-way", rendered=(base, new), obstacle=disk.what)


def _added(path: str, new: File, disk: File | None) -> Change | None:
    if disk is None:
        return Change(path, "create", "new", None, new, rendered=(None, new))
    if disk.data == new.data:
        return Change(path, "keep", "edited", disk, rendered=(None, new))
    return Change(path, "conflict", "added-by-both", disk, rendered=(None, new))


def _dropped(path: str, base: File | None, disk: File | None) -> Change | None:
    if disk is None:
        return None
    if disk == base:
        return Change(path, "delete", "not-rendered", disk, None, rendered=(base, None))
    return Change(path, "keep", "edited-not-rendered", disk, rendered=(base, None))


def _both(path: str, base: File, new: File, disk: File, merge: Merge) -> Change:
    """Merge a file that both sides changed: its mode and its content separately."""
    rendered = (base, new)
    mode = new.mode if disk.mode == base.mode else disk.mode
    if disk.data in (new.data, base.data) or new.data == base.data:
        data = new.data if disk.data == base.data else disk.data
        after = File(mode, data)
        if after == disk:
            return Change(path, "keep", "edited", disk, rendered=rendered)
        return Change(path, "merge", "mode", disk, after, rendered=rendered)
    merged = merge(base.data, disk.data, new.data)
    if merged is None:
        text = all(b"\0" not in file.data[:8000] for file in (base, new, disk))
        return Change(path, "conflict", "no-merge" if text else "no-text", disk, rendered=rendered)
    if merged.conflicts:
        return Change(path, "conflict", "same-lines", disk, rendered=rendered, conflicts=merged.conflicts)
    after = File(mode, merged.data)
    if after == disk:
        return Change(path, "keep", "edited", disk, rendered=rendered)
    return Change(path, "merge", "both-changed", disk, after, rendered=rendered)
