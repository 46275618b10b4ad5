"""A target, as everything outside its folder sees it. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..context.model import Context
    from ..context.target_rules import ContextRules
    from ..diff.target_rules import DiffRules
    from ..plan.target_rules import PlanRules
    from ..spec.target_rules import SpecRules


@dataclass(frozen=True, kw_only=True)
class HostLimits:
    """A command that prints the resources of this machine, and how they limit services.

    `compare` gets its output, and returns errors and warnings.
    """

    command: tuple[str, ...]
    compare: Callable[[Context, str], tuple[tuple[str, ...], tuple[str, ...]]]


@dataclass(frozen=True, kw_only=True)
class Target:
    """Its title, one line on what it runs on, and its rules for each stage from spec to diff.

    `host` is None where services do not run on this machine.
    """

    title: str
    summary: str
    spec: SpecRules
    context: ContextRules
    plan: PlanRules
    diff: DiffRules
    host: HostLimits | None = None
