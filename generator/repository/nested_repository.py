"""What to know where a system is a folder of a larger repository: much is read only at the top of one."""

from __future__ import annotations

from fnmatch import fnmatch
from pathlib import Path

from generator.rendering.file_tree import Tree
from generator.result import printable

from . import git_queries

_NAMED = 3
# Files by pattern, who reads them at the top and nowhere else, and what helps. `{folder}` is the system's.
_AT_THE_TOP = (
    (
        ".github/workflows/*",
        "GitHub reads workflows only",
        "move it to that folder there, and add `defaults: {{run: {{working-directory: {folder}}}}}` to it",
    ),
    (
        ".gitlab-ci.yml",
        "GitLab reads pipelines only",
        "include it from the .gitlab-ci.yml there",
    ),
    (
        "CODEOWNERS",
        "the forge reads owners only",
        "copy its lines to the file there, each path with /{folder} in front",
    ),
    ("renovate.json", "Renovate reads it only", "merge it into the renovate.json there"),
    (
        ".devcontainer/*",
        "editors and Codespaces look for it only",
        "open {folder} as the folder of the editor",
    ),
    ("SECURITY.md", "the forge shows it only", "link to it from the SECURITY.md there"),
)


def notes(folder: Path, tree: Tree) -> list[str]:
    """Say that the folder belongs to a larger repository, and which of its files have no effect there."""
    top = git_queries.root(folder)
    if top is None or top == folder.resolve():
        return []
    inside = printable(folder.resolve().relative_to(top).as_posix())
    place = f"{inside} belongs to the git repository {printable(str(top))}"
    ignored = git_queries.ignored(folder, tree)
    rules = f"its rules ignore {_listed(ignored)}, which the system needs; add with `git add --force`"
    return [
        f"{place}: no other was made in it, and nothing was committed",
        *(
            f"{path}: {who} at the top of a repository; {help_.format(folder=inside)}"
            for pattern, who, help_ in _AT_THE_TOP
            for path in sorted(tree)
            if fnmatch(path, pattern)
        ),
        *([rules] if ignored else []),
    ]


def _listed(paths: list[str]) -> str:
    """Name the first of some files, and say how many more there are."""
    named = sorted(paths)[:_NAMED]
    more = len(paths) - len(named)
    return ", ".join(named) + (f" and {more} more" if more else "")
