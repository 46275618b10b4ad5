"""From a stack's configuration and its cn.yaml to a plan: the one way for the program and for commands."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .errors import ExpectedError
from .messages import show
from .plan.stack_config import StackConfig
from .spec.loader import read_file
from .system import load, make_plan, resolve

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .context.model import Context
    from .plan.model import DeploymentPlan

SETTINGS = "cn"
# What is a secret of the stack: only whether it is there counts here.
PULL_CONFIG = "pull_config"


class StackConfigError(ExpectedError):
    """A setting of a stack that cannot be used; each line of the message is one fault."""


def read_system(path: Path) -> Context:
    """Return the system of a cn.yaml. SpecError when it cannot be read, or has faults."""
    return resolve(load(read_file(path), path.name))


def read_config(setting: Callable[[str], Any]) -> StackConfig:
    """Return the settings of a stack. StackConfigError with all of them that cannot be used.

    `setting` returns the value of `cn:NAME`, as a value of YAML or as its text in JSON, or None.
    """
    faults: list[str] = []
    config = StackConfig(
        subnet=setting("subnet"),
        port=_whole_number("port", setting("port"), faults),
        images=_texts("images", setting("images"), faults),
        base_images=_texts("base_images", setting("base_images"), faults),
        build_args=_texts("build_args", setting("build_args"), faults),
        gateway_class=setting("gateway_class"),
        registry_login=setting(PULL_CONFIG) is not None,
    )
    if faults:
        raise StackConfigError("\n".join(faults))
    return config


def plan_of(path: Path, environment: str, setting: Callable[[str], Any]) -> DeploymentPlan:
    """Return the plan of an environment. SpecError, StackConfigError or PlanError when there is none."""
    return make_plan(read_system(path), environment, read_config(setting))


def _whole_number(key: str, value: Any, faults: list[str]) -> int | None:
    if value is None:
        return None
    try:
        return int(str(value))
    except ValueError:
        faults.append(f"{SETTINGS}:{key}: {show(value)} is not a whole number")
        return None


def _texts(key: str, value: Any, faults: list[str]) -> dict[str, str]:
    if not value:
        return {}
    try:
        found = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        found = None
    if isinstance(found, dict) and all(isinstance(entry, str) for entry in found.values()):
        return found
    example = f"pulumi config set --path {SETTINGS}:{key}.NAME VALUE"
    faults.append(f"{SETTINGS}:{key}: is not a mapping of strings; set it with `{example}`")
    return {}
