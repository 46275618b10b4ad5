"""What an environment runs on: one package each, found by its name.

`targets/NAME/rules/` has TARGET, which imports no Pulumi and is always here; `targets/NAME/deploy.py`
translates a plan to resources, and is here where a spec uses the target.
"""

from __future__ import annotations

import importlib
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .target import Target


@cache
def known() -> Mapping[str, Target]:
    """Return all targets by their names, without those parts that import Pulumi."""
    return MappingProxyType(
        {name: importlib.import_module(f".{name}.rules", __package__).TARGET for name in all_names()}
    )


def all_names() -> tuple[str, ...]:
    """Return the names of all targets, without importing them."""
    return tuple(sorted(path.parents[1].name for path in Path(__file__).parent.glob("*/rules/__init__.py")))


def names() -> tuple[str, ...]:
    """Return the names of the targets that can be deployed to from here."""
    return tuple(sorted(found.parent.name for found in Path(__file__).parent.glob("*/deploy.py")))


def load(name: str) -> Any:
    """Return the module with the `deploy` of a target, which imports Pulumi; KeyError when there is none."""
    if name not in names():
        raise KeyError(name)
    return importlib.import_module(f".{name}.deploy", __package__)
