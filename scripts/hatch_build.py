"""Puts the template, and the examples that the wizard offers, into the wheel: under generator/_template/."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PLACE = "generator/_template"
FOLDERS = ("templates", "pulumi_stacks", "examples")
CLUTTER = shutil.ignore_patterns("__pycache__", "*.py[co]", ".DS_Store")


class TemplateHook(BuildHookInterface[Any]):
    """Adds the template to a real wheel; an editable one reads it from the checkout."""

    _room: Path | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the files; `version` is hatchling's word for "standard" or "editable"."""
        if self.target_name != "wheel" or version == "editable":
            return
        # A copy, because hatchling packs a file only once, and pulumi_stacks is also a package of the wheel.
        self._room = Path(tempfile.mkdtemp())
        root = Path(self.root)
        shutil.copy2(root / "copier.yml", self._room)
        for name in FOLDERS:
            shutil.copytree(root / name, self._room / name, ignore=CLUTTER)
        build_data["force_include"][str(self._room)] = PLACE

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the copy."""
        if self._room is not None:
            shutil.rmtree(self._room)
