"""Which folder is the project that a command is about."""

from __future__ import annotations

import os
from pathlib import Path

from generator.errors import UsageError

SPEC = "cn.yaml"
MARKERS = (".cn-new", SPEC)


def find_project(named: str | None) -> Path:
    """Return the project's folder: the one named, or the nearest from here upwards; UsageError if none."""
    if named == "":
        raise UsageError("--project takes a path, not an empty text")
    if named is not None:
        folder = Path(named)
        if not folder.is_dir():
            raise UsageError(f"--project {named}: is no folder")
        if not _is_project(folder):
            raise UsageError(
                f"--project {named}: is no project of cn-new: it has neither {' nor '.join(MARKERS)}"
            )
        return folder
    try:
        here = Path.cwd()
    except FileNotFoundError:
        raise UsageError("the current folder is gone; name the project's with --project DIR") from None
    for folder in (here, *here.parents):
        if _is_project(folder):
            return Path(os.path.relpath(folder, here))
    raise UsageError("there is no project of cn-new here or above; name its folder with --project DIR")


def _is_project(folder: Path) -> bool:
    return any(os.path.lexists(folder / mark) for mark in MARKERS)
