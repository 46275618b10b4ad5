"""The first commit of a new project."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Mapping
from pathlib import Path

from generator.rendering.file_tree import EXECUTABLE, Tree

from . import git_queries


def first_commit(folder: Path, tree: Tree, message: str) -> list[str]:
    """Commit the files of a tree, which are in `folder`, and nothing else; return what there is to know.

    Needs neither an identity nor a configuration, and takes each file whatever git is told to ignore. Inside
    a larger repository, which the folder belongs to then, nothing is done; in one with commits the files are
    staged, for its own rules decide about a commit.
    """
    if not git_queries.available():
        return ["git is not installed: no repository was made"]
    top = git_queries.root(folder)
    if top is not None and not git_queries.is_top(folder):
        return []
    grown = top is not None and git_queries.has_commits(folder)
    if fault := (None if top else _run(folder, "init", "--quiet", "--initial-branch=main")) or _add(
        folder, tree
    ):
        return [f"git could not add the files: {fault}"]
    if grown:
        command = f"git commit -m {shlex.quote(message)}"
        return [f"the repository has commits: the files are staged in it; the next step is {command}"]
    fault = _run(folder, "commit", "--quiet", "--no-verify", "-m", message, variables=_identity(folder))
    return [f"git could not make the first commit: {fault}"] if fault else []


def _add(folder: Path, tree: Tree) -> str | None:
    words = ("--literal-pathspecs", "add", "--force", "--pathspec-from-file=-", "--pathspec-file-nul")
    programs = [path for path, file in tree.items() if file.mode == EXECUTABLE]
    fault = _run(folder, *words, given=_lines(tree))
    # A file system without modes would lose them.
    return fault or (_run(folder, *words, "--chmod=+x", given=_lines(programs)) if programs else None)


def _lines(paths: Collection[str]) -> str:
    return "".join(f"{path}\0" for path in paths)


def _identity(folder: Path) -> Mapping[str, str]:
    """Return a name for each of author and committer for whom git knows none."""
    return {
        f"GIT_{who}_{key}": value
        for who in ("AUTHOR", "COMMITTER")
        if git_queries.run(folder, "var", f"GIT_{who}_IDENT").returncode != 0
        for key, value in (("NAME", "cn-new"), ("EMAIL", "cn-new@localhost"))
    }


def _run(
    folder: Path, *words: str, given: str = "", variables: Mapping[str, str] | None = None
) -> str | None:
    """Run git; return None, or one line on why it failed."""
    done = git_queries.run(folder, *words, given=given, variables=variables)
    if done.returncode == 0:
        return None
    lines = [line for line in done.stderr.splitlines() if line.strip()] or ["no reason given"]
    return next((line for line in lines if line.startswith(("fatal: ", "error: "))), lines[-1])
