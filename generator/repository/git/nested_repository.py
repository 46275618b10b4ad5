"""Notes for a system in a folder of a larger repository: some files have an effect only at its root."""

from __future__ import annotations

from fnmatch import fnmatch
from pathlib import Path

from generator.rendering.file_tree import Tree
from generator.result import printable

from . import queries

_NAMED = 3
# Files by pattern, who reads them only at the root, and what to do. `{folder}` is the system's folder.
_ROOT_ONLY = (
    (
        ".github/workflows/*",
        "GitHub reads workflows",
        "move it to .github/workflows/ there and add `defaults: {{run: {{working-directory: {folder}}}}}`",
    ),
    (
        ".gitlab-ci.yml",
        "GitLab reads pipelines",
        "include it from the .gitlab-ci.yml there",
    ),
    (
        "CODEOWNERS",
        "GitHub and GitLab read code owners",
        "copy its lines to the file there and prefix each path with /{folder}",
    ),
    ("renovate.json", "Renovate reads its configuration", "merge it into the renovate.json there"),
    (
        ".devcontainer/*",
        "editors and Codespaces read dev containers",
        "open {folder} as the workspace folder",
    ),
    ("SECURITY.md", "GitHub and GitLab show it", "link to it from the SECURITY.md there"),
)


def notes(folder: Path, tree: Tree) -> list[str]:
    """Return notes if the folder is inside a larger repository: which of its files have no effect there."""
    top = queries.root(folder)
    if top is None or top == folder.resolve():
        return []
    inside = printable(folder.resolve().relative_to(top).as_posix())
    place = f"{inside} is inside the git repository {printable(str(top))}"
    ignored = queries.ignored(folder, tree)
    rules = f"ignored in that repository: {_listed(ignored)}; add these files with `git add --force`"
    return [
        f"{place}: no new repository was created, and nothing was committed",
        *(
            f"{path}: {who} only at the root of a repository; {help_.format(folder=inside)}"
            for pattern, who, help_ in _ROOT_ONLY
            for path in sorted(tree)
            if fnmatch(path, pattern)
        ),
        *([rules] if ignored else []),
    ]


def _listed(paths: list[str]) -> str:
    """List the first files and the number of the others."""
    named = sorted(paths)[:_NAMED]
    more = len(paths) - len(named)
    return ", ".join(named) + (f" and {more} more" if more else "")
