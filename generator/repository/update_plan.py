"""The plan of an update: base (rendered last), ours (the worktree), theirs (rendered now) to a plan document.

Writes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from generator import __version__
from generator.cli.project_root import SPEC
from generator.rendering.file_tree import Tree
from generator.rendering.template import Template

from . import baseline, plan_document, text_merge, three_way, user_files, worktree
from .baseline import Baseline
from .build import Project
from .git import queries
from .three_way import Changes, Disk
from .user_files import UserFiles

# Renews the baseline without a command that does it.
RENEW_BASELINE = (
    "cn-new --spec cn.yaml --into ../fresh --no-git --quiet",
    "cp -R ../fresh/.cn-new . && rm -r ../fresh",
)


@dataclass(frozen=True)
class Update:
    """The changes of an update and the trees that they come from, without cn.yaml and .cn-new/."""

    base: Tree
    ours: Disk
    theirs: Tree
    user_files: UserFiles
    changes: Changes


def make_plan(
    folder: Path, last: Baseline, project: Project, template: Template, *, diffs: bool
) -> plan_document.Plan:
    """Return the plan that updates a project's folder from its baseline to a newly rendered project."""
    update = compare(folder, last, project)
    notes = [
        *(f"{warning}." for warning in project.context.cycles()),
        *_version_notes(last, template),
        *_rename_notes(last, project),
        *_limit_notes(update.user_files),
    ]
    if not update.changes.something_to_do:
        notes += _stale_baseline_notes(update)
    return plan_document.document(
        project.context.name, update.changes, update.base, update.theirs, notes, diffs=diffs
    )


def compare(folder: Path, last: Baseline, project: Project) -> Update:
    """Merge base, ours and theirs, path by path."""
    base, theirs = _updated_files(last.tree), _updated_files(project.rendered)
    ours = worktree.read(folder, sorted(base.keys() | theirs.keys()))
    removed = three_way.services_of(base) - three_way.services_of(theirs)
    known = last.tree.keys() | project.rendered.keys() | baseline.FILES
    found = user_files.count(folder, known, removed, theirs)
    changes = three_way.compare(
        base, theirs, ours, text_merge.merge, leftovers=found.listed, added=found.counts
    )
    return Update(base, ours, theirs, found, changes)


def _updated_files(tree: Tree) -> Tree:
    """Leave out cn.yaml, which only the user changes, and .cn-new/, which is always replaced."""
    return {
        path: file
        for path, file in tree.items()
        if path != SPEC and not path.startswith(f"{baseline.FOLDER}/")
    }


def _version_notes(last: Baseline, template: Template) -> list[str]:
    if last.lock.template_digest == template.digest:
        return []
    return [f"last written by cn-new {last.lock.cn_new}, this is {__version__}: the templates differ too."]


def _rename_notes(last: Baseline, project: Project) -> list[str]:
    names = {service.id: service.name for service in project.context.services}
    return [
        f"services.{name} was renamed from {former}: its files are created in services/{name}; "
        f"your changes stay in services/{former}."
        for identity, former in sorted(last.lock.services.items())
        if (name := names.get(identity, former)) != former
    ]


def _limit_notes(found: UserFiles) -> list[str]:
    notes = []
    if found.truncated:
        notes.append(f"more than {user_files.MAX_FILES} files of your own; the others were not counted.")
    if not queries.available():
        notes.append("git is not installed: a file that both sides changed is reported as a conflict.")
    if found.timed_out:
        notes.append(
            f"your own files were not counted: matching .gitignore took more than {user_files.TIMEOUT} s."
        )
    return notes


def _stale_baseline_notes(update: Update) -> list[str]:
    """Warn if the user applied a plan but did not renew the baseline."""
    applied = any(
        update.base.get(path) != file == update.ours.get(path) for path, file in update.theirs.items()
    )
    if not applied:
        return []
    renew = " && ".join(RENEW_BASELINE)
    return [f".cn-new/ is older than the changes that you applied; renew it before the next plan: {renew}"]
