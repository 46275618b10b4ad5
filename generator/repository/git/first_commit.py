"""The first commit of a new repository."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Mapping
from pathlib import Path

from generator.rendering.file_tree import EXECUTABLE, Tree

from . import queries


def first_commit(folder: Path, tree: Tree, message: str) -> list[str]:
    """Commit only the files of a tree, which are in `folder`; return notes for the user.

    Requires no identity and no configuration, and adds files that git would ignore. Does nothing inside a
    larger repository. In a repository with commits the files are only staged, because it may have rules for
    commits.
    """
    if not queries.available():
        return ["git is not installed: no git repository was created"]
    top = queries.root(folder)
    if top is not None and not queries.is_top(folder):
        return []
    has_history = top is not None and queries.has_commits(folder)
    if not top and (fault := _run(folder, "init", "--quiet", "--initial-branch=main")):
        return [f"git init failed: {fault}"]
    if fault := _add(folder, tree):
        return [f"git add failed: {fault}"]
    if has_history:
        command = f"git commit -m {shlex.quote(message)}"
        return [f"the repository has commits: the files are staged; commit them with {command}"]
    fault = _run(folder, "commit", "--quiet", "--no-verify", "-m", message, variables=_identity(folder))
    return [f"git commit failed: {fault}"] if fault else []


def _add(folder: Path, tree: Tree) -> str | None:
    words = ("--literal-pathspecs", "add", "--force", "--pathspec-from-file=-", "--pathspec-file-nul")
    programs = [path for path, file in tree.items() if file.mode == EXECUTABLE]
    fault = _run(folder, *words, given=_lines(tree))
    # On a file system without modes, git would not see them.
    return fault or (_run(folder, *words, "--chmod=+x", given=_lines(programs)) if programs else None)


def _lines(paths: Collection[str]) -> str:
    return "".join(f"{path}\0" for path in paths)


def _identity(folder: Path) -> Mapping[str, str]:
    """Return a default identity for the author or committer if git has none configured."""
    return {
        f"GIT_{who}_{key}": value
        for who in ("AUTHOR", "COMMITTER")
        if queries.run(folder, "var", f"GIT_{who}_IDENT").returncode != 0
        for key, value in (("NAME", "cn-new"), ("EMAIL", "cn-new@localhost"))
    }


def _run(
    folder: Path, *words: str, given: str = "", variables: Mapping[str, str] | None = None
) -> str | None:
    """Run git; return None, or the error in one line."""
    done = queries.run(folder, *words, given=given, variables=variables)
    if done.returncode == 0:
        return None
    lines = [line for line in done.stderr.splitlines() if line.strip()] or ["no reason given"]
    return next((line for line in lines if line.startswith(("fatal: ", "error: "))), lines[-1])
