"""What Copier itself makes of a context, read from disk, for comparison with our renderer."""

import re
import shutil
from pathlib import Path
from typing import Any

import copier

from generator.rendering.file_tree import EXECUTABLE, REGULAR, File, Tree
from generator.rendering.renderer import ANSWERS_FILE

ROOT = Path(__file__).resolve().parents[2]


def copy_template(folder: Path) -> None:
    """Copy the Copier template of this checkout to a separate folder, which is not a git repository."""
    shutil.copy(ROOT / "copier.yml", folder)
    for name in ("templates", "pulumi_stacks"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))


def by_copier(source: Path, destination: Path, answers: dict[str, Any] | None) -> Tree:
    copier.run_copy(str(source), destination, data=answers, defaults=True, quiet=True)
    return without_source(read(destination))


def read(folder: Path) -> dict[str, File]:
    return {
        path.relative_to(folder).as_posix(): File(
            EXECUTABLE if path.stat().st_mode & 0o100 else REGULAR, path.read_bytes()
        )
        for path in folder.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(folder).parts
    }


def without_source(tree: Tree) -> Tree:
    """Drop what says where Copier took the template from."""
    answers = re.sub(rb"(?m)^_(commit|src_path):.*\n", b"", tree[ANSWERS_FILE].data)
    return {**tree, ANSWERS_FILE: File(REGULAR, answers)}


def differences(found: Tree, wanted: Tree) -> list[str]:
    """Return the paths that only one tree has, and those with other bytes or another mode."""
    return sorted(path for path in found.keys() | wanted.keys() if found.get(path) != wanted.get(path))
