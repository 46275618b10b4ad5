"""Base tree, new tree and disk to what an apply would do, path by path. Pure; who merges is handed in.

The base is what was rendered last, so what differs from it on the disk is the user's. Nothing of the user's
is ever overwritten or deleted: where that would be needed there is a conflict, or the user's file is kept.
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
    """What stands on the disk where a file was looked for; `what` begins the sentence `… stands there`."""

    what: str


Found = File | Obstacle
Disk = Mapping[str, Found]
Merge = Callable[[bytes, bytes, bytes], Merged | None]

# Every reason of a change: its word, which is part of the JSON of a plan, and what it says.
REASONS: Mapping[str, str] = {
    "new": "not there yet",
    "unchanged": "you have not changed it",
    "both-changed": "your lines and the new ones do not touch",
    "mode": "you have changed its content, the new one its mode, or the other way round",
    "not-rendered": "no longer part of the system; you have not changed it",
    "same-lines": "you and the new one changed the same lines",
    "no-text": "you and the new one changed it, and it is no text that could be merged",
    "no-merge": "you and the new one changed it, and git, which merges, is missing or refused",
    "added-by-both": "you have made a file of this name, and now the system has one too",
    "in-the-way": "what stands there is no file that could be written",
    "edited": "you have changed it, and nothing new is due",
    "removed": "you have deleted it, and nothing new is due",
    "edited-not-rendered": "no longer part of the system, but you have changed it",
    "removed-changed": "you have deleted it, so what is new in it is left out",
    "added": "yours, in the folder of a service that is no longer part of the system",
}
# What of the kept is worth a line: something was due there and is not done, or its service goes away.
LISTED = frozenset({"edited-not-rendered", "removed-changed", "added", "in-the-way"})


@dataclass(frozen=True)
class Change:
    """What would happen to one path. `before` is on the disk, `after` is what would be written there."""

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
        """Name the service whose folder it lies in; SYSTEM for all else."""
        return service_of(self.path)


@dataclass(frozen=True)
class Changes:
    """What would happen to every path that is not as it would be rendered, sorted by path.

    `same` counts the paths that are, `added` those of the user's own, by service.
    """

    changes: tuple[Change, ...]
    same: int = 0
    added: Mapping[str, int] | None = None

    @property
    def something_to_do(self) -> bool:
        """Say whether anything would be written or deleted, or waits for a decision."""
        return any(change.kind != "keep" for change in self.changes)

    def count(self, kind: Kind) -> int:
        """Count the paths of one kind."""
        return sum(change.kind == kind for change in self.changes)


def service_of(path: str) -> str:
    """Name the service that a path belongs to; SYSTEM when to none."""
    parts = path.split("/", 2)
    return parts[1] if len(parts) == 3 and parts[0] == "services" else SYSTEM


def services_of(paths: Iterable[str]) -> frozenset[str]:
    """Name all services that have a folder among the paths."""
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
    """Decide for every path of base and new; `disk` holds what stands at these paths, if anything does.

    `leftovers` are files of the user's own in folders of services that are no longer rendered.
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
    """Return the change of one path, None when it is as it would be rendered."""
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
    """Both sides have changed a file: its mode and its content are decided each for itself."""
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
