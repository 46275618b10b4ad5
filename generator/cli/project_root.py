"""Finds the folder of the project that a command works on."""

from __future__ import annotations

import os
from pathlib import Path

from generator.errors import UsageError

SPEC = "cn.yaml"
MARKERS = (".cn-new", SPEC)


def find_project(named: str | None) -> Path:
    """Return the named folder, or the nearest project from the current folder upwards; UsageError if none."""
    if named == "":
        raise UsageError("--project: empty path")
    if named is not None:
        folder = Path(named)
        if not folder.is_dir():
            raise UsageError(f"--project {named}: not a directory")
        if not _is_project(folder):
            raise UsageError(
                f"--project {named}: not a cn-new project (neither {' nor '.join(MARKERS)} found)"
            )
        return folder
    try:
        here = Path.cwd()
    except FileNotFoundError:
        raise UsageError("the current folder was deleted; use --project DIR") from None
    for folder in (here, *here.parents):
        if _is_project(folder):
            return Path(os.path.relpath(folder, here))
    raise UsageError("no .cn-new/ and cn.yaml in this folder or above; use --project DIR")


def _is_project(folder: Path) -> bool:
    return any(os.path.lexists(folder / mark) for mark in MARKERS)
