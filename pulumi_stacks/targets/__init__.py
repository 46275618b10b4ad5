"""What an environment runs on: one package each, found by its name."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any


def names() -> tuple[str, ...]:
    """Return the names of all targets that are here."""
    return tuple(sorted(found.parent.name for found in Path(__file__).parent.glob("*/deploy.py")))


def load(name: str) -> Any:
    """Return the module with the `deploy` of a target, which imports Pulumi; KeyError when there is none."""
    if name not in names():
        raise KeyError(name)
    return importlib.import_module(f".{name}.deploy", __package__)
