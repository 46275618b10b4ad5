"""A small tree to write into a folder, and a folder read back as a tree."""

import stat
from pathlib import Path

from generator.rendering import file_tree
from generator.rendering.file_tree import EXECUTABLE, REGULAR, File

# For what is done once per line of code.
SMALL = file_tree.build([("a/run", File(EXECUTABLE, b"#!/bin/sh\n")), ("b", File(REGULAR, b"x"))])


def read(folder: Path) -> dict[str, File]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): File(stat.S_IMODE(path.stat().st_mode), path.read_bytes())
        for path in files
    }
