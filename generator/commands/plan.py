"""`cn plan`: what today's cn.yaml would change in a project that people have edited. Writes nothing."""

from __future__ import annotations

import argparse
import json
import signal
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from generator import __version__
from generator.cli.project_root import SPEC, find_project
from generator.cli.spec_input import read_spec
from generator.rendering.file_tree import Tree
from generator.rendering.template import Template, open_template
from generator.repository import (
    baseline,
    git_queries,
    plan_document,
    plan_text,
    text_merge,
    three_way,
    worktree,
)
from generator.repository.baseline import Baseline
from generator.repository.build import Project, build
from generator.result import DIFFERENT, DONE, Outcome

_PATIENCE = 5
_RENEW = (
    "cn-new --spec cn.yaml --into ../fresh --no-git --quiet",
    "cp -R ../fresh/.cn-new . && rm -r ../fresh",
)
_ENDING = "\n  ".join(
    (
        "Nothing was written: cn has no command yet that does it. After a commit, in the project's folder,",
        'cn plan --diff | git apply --whitespace=nowarn --directory="$(git rev-parse --show-prefix)"',
        *_RENEW,
    )
) + ("\ntakes over all but conflicts (the first line), and lets the next plan start from there (the others).")


def run(arguments: argparse.Namespace) -> Outcome:
    """Return the plan; its exit code says whether there is something to do."""
    folder = find_project(arguments.project)
    last = baseline.read(folder)
    template = open_template()
    spec = str(folder / SPEC) if arguments.spec is None else arguments.spec
    data, source = read_spec(spec)
    project = build(data, source, template)
    plan = _plan(folder, last, project, template, diffs=arguments.diff)
    code = DIFFERENT if plan.something_to_do else DONE
    if arguments.quiet:
        return Outcome("", code)
    if arguments.json:
        return Outcome(json.dumps(plan.model_dump(mode="json"), indent=2), code)
    return Outcome(plan_text.text(plan, _ENDING), code, document=arguments.diff)


def _plan(
    folder: Path, last: Baseline, project: Project, template: Template, *, diffs: bool
) -> plan_document.Plan:
    base, new = _rendered(last.tree), _rendered(project.tree)
    gone = three_way.services_of(base) - three_way.services_of(new)
    known = base.keys() | last.tree.keys() | project.tree.keys()
    disk = worktree.read(folder, sorted(base.keys() | new.keys()))
    own, counted = _own(folder, known, gone, new)
    found = three_way.compare(base, new, disk, text_merge.merge, leftovers=own.listed, added=own.counts)
    notes = _notes(last, project, template, more=own.more)
    if not counted:
        notes.append(
            f"your own files were not counted: to ask .gitignore about them took more than {_PATIENCE} s."
        )
    if not found.something_to_do:
        notes += _stale(base, new, disk)
    return plan_document.document(project.context.name, found, base, new, notes, diffs=diffs)


def _stale(base: Tree, new: Tree, disk: three_way.Disk) -> list[str]:
    """Say that files were taken over and what was rendered last was not renewed."""
    if not any(base.get(path) != file == disk.get(path) for path, file in new.items()):
        return []
    renew = " && ".join(_RENEW)
    return [f".cn-new/ is older than what was taken over; the next plan would take that for yours: {renew}"]


def _rendered(tree: Tree) -> Tree:
    """Leave out what is never changed for the user (cn.yaml) and what is always written anew (.cn-new/)."""
    return {
        path: file
        for path, file in tree.items()
        if path != SPEC and not path.startswith(f"{baseline.FOLDER}/")
    }


class _TooLongError(Exception):
    """The seconds are over."""


@contextmanager
def _at_most(seconds: int) -> Iterator[None]:
    """Raise _TooLongError when it takes longer, even in the midst of a regular expression."""

    def end(*_: object) -> None:
        raise _TooLongError

    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _own(
    folder: Path, known: Collection[str], gone: Collection[str], new: Tree
) -> tuple[worktree.Added, bool]:
    """Find the user's own files, or say that they were not counted: a pattern can take longer than a life."""
    try:
        with _at_most(_PATIENCE):
            return worktree.added(folder, known, gone, _ignored(folder, new)), True
    except _TooLongError:
        return worktree.Added({}, (), more=False), False


def _ignored(folder: Path, new: Tree) -> Callable[[str], bool]:
    """Return what git ignores there; without a repository, what it would by the .gitignore of the project."""
    there = git_queries.ignored_there(folder)
    if there is not None:
        return there.__contains__
    from pathspec import GitIgnoreSpec

    name = ".gitignore"
    found = worktree.read(folder, [name]).get(name) or new.get(name)
    data = b"" if found is None or isinstance(found, three_way.Obstacle) else found.data
    try:
        return GitIgnoreSpec.from_lines(data.decode(errors="replace").splitlines()).match_file
    except ValueError:  # a pattern that git would pass over
        return GitIgnoreSpec.from_lines([]).match_file


def _notes(last: Baseline, project: Project, template: Template, *, more: bool) -> list[str]:
    notes = [f"{warning}." for warning in project.context.cycles()]
    if last.lock.template_digest != template.digest:
        notes.append(
            f"last written by cn-new {last.lock.cn_new}, this is {__version__}: some of it comes from other "
            "templates."
        )
    names = {service.id: service.name for service in project.context.services}
    notes += [
        f"services.{name} was {former}: its files are made anew under its new name; what you changed stays "
        f"in services/{former}."
        for identity, former in sorted(last.lock.services.items())
        if (name := names.get(identity, former)) != former
    ]
    if more:
        notes.append(f"more than {worktree.MOST_ADDED} files of your own; the rest was not counted.")
    if not text_merge.available():
        notes.append("git is not installed: what both sides have changed counts as a conflict.")
    return notes
