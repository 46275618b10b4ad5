"""Whether an environment runs at another place from now on, and where its data stays. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .model import Finding
from .settings import ARROW

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..plan.model import DeploymentPlan
    from .target_rules import DiffRules


def moved(before: DeploymentPlan, after: DeploymentPlan, targets: Mapping[str, DiffRules]) -> Finding | None:
    """Return the finding that an environment moves to another target or place, or nothing."""
    old, new = (_place(plan, targets[plan.target]) for plan in (before, after))
    for word in dict.fromkeys((*old, *new)):
        was, now = old.get(word, ""), new.get(word, "")
        if was != now:
            stored = volumes(before, targets[before.target])
            kept = f"; its rows stay there, in {stored}" if stored else ""
            return Finding(
                area="environment",
                what="changed",
                weight="danger",
                service=None,
                subject=word,
                before=was or None,
                after=now or None,
                text=f"{after.environment} moves ({word} {was or 'none'} {ARROW} {now or 'none'}): all of it "
                f"is created there, with empty databases, and deleted where it was{kept}",
            )
    return None


def volumes(plan: DeploymentPlan, rules: DiffRules) -> str:
    """Name the volumes of a plan's databases, and where they are; nothing when there are none."""
    names = [f"`{service.database.volume}`" for service in plan.services if service.database]
    return ", ".join(names) + (rules.volumes(plan.settings) if names else "")


def _place(plan: DeploymentPlan, rules: DiffRules) -> dict[str, str]:
    return {"target": plan.target, **rules.place(plan.settings)}
