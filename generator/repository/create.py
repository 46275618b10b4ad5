"""Creates a repository from a rendered project: checks the folder, writes the files, commits them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from generator.progress import Progress
from generator.rendering.file_tree import File
from generator.result import DONE, code_of

from . import existing_files, plan_document, summary, text_merge, three_way, worktree, writer
from .build import Project
from .existing_files import Overlap
from .git import nested_repository
from .git.first_commit import first_commit


@dataclass(frozen=True)
class Creation:
    """A rendered project, the folder for it, and the files that are written there."""

    project: Project
    destination: Path
    overlap: Overlap
    merge: bool


@dataclass(frozen=True)
class Created:
    """What the user should know about a created repository; the code is not DONE after an interrupt."""

    notes: list[str]
    code: int


def prepare(project: Project, destination: Path, *, merge: bool) -> Creation:
    """Check the folder for a project; DestinationError if it cannot be used. Writes nothing."""
    writer.check(destination, merge=merge)
    overlap = existing_files.find(destination, project.tree) if merge else Overlap(project.tree)
    return Creation(project, destination, overlap, merge)


def make_plan(creation: Creation, *, diffs: bool) -> plan_document.Plan:
    """Return the plan of a creation, in the form of an update of the existing files."""
    destination, tree, overlap = creation.destination, creation.project.tree, creation.overlap
    existing = worktree.read(destination, tree) if creation.merge else {}
    extended = {
        path: file for path, file in existing.items() if path in overlap.added and isinstance(file, File)
    }
    new = dict(tree) | {
        path: File(file.mode, file.data + overlap.added[path]) for path, file in extended.items()
    }
    changes = three_way.compare(extended, new, existing, text_merge.merge)
    notes = _folder_notes(creation) + existing_files.notes(overlap)
    return plan_document.document(creation.project.context.name, changes, (), new, notes, diffs=diffs)


@contextmanager
def described_interrupts(creation: Creation) -> Iterator[None]:
    """Add to a KeyboardInterrupt whether the files are written."""
    try:
        yield
    except KeyboardInterrupt as interrupt:
        interrupt.args = (writer.state(creation.destination),)
        raise


def create(creation: Creation, progress: Progress, *, commit: bool) -> Created:
    """Write the files and commit them; an interrupt while writing leaves nothing behind."""
    context, overlap = creation.project.context, creation.overlap
    added = overlap.added if creation.merge else None
    writer.create(creation.destination, overlap.tree, progress.counter("writing files"), merge=added)
    notes, code = summary.notes(context) + existing_files.notes(overlap), DONE
    try:
        notes += _folder_notes(creation)
        if commit:
            progress.counter("making the first commit")
            kept = frozenset(overlap.kept)
            written = {path: file for path, file in creation.project.tree.items() if path not in kept}
            notes += first_commit(creation.destination, written, f"Start {context.name} with cn-new")
    except KeyboardInterrupt as interrupt:
        notes.append("interrupted before the first commit: the files are written")
        code = code_of(interrupt)
    return Created(notes, code)


def _folder_notes(creation: Creation) -> list[str]:
    return nested_repository.notes(creation.destination, creation.overlap.tree)
