"""A target, as everything outside its folder sees it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..context.target_rules import ContextRules
    from ..diff.target_rules import DiffRules
    from ..plan.target_rules import PlanRules
    from ..spec.target_rules import SpecRules


@dataclass(frozen=True, kw_only=True)
class Target:
    """Its title and what it runs on, in words, and its rules for each stage from spec to diff."""

    title: str
    summary: str
    spec: SpecRules
    context: ContextRules
    plan: PlanRules
    diff: DiffRules
