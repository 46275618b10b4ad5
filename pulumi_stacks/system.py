"""A system from its spec to its plans and their differences, by the rules of every target that is here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import targets
from .context import resolve as contexts
from .diff import compare as differences
from .plan import planner
from .plan.stack_config import NOTHING_SET, StackConfig
from .spec import loader, model

if TYPE_CHECKING:
    from collections.abc import Collection

    from .context.model import Context
    from .diff.model import EnvironmentDiff
    from .plan.model import DeploymentPlan

__all__ = ["compare", "load", "make_plan", "resolve", "spec_schema"]


def load(data: bytes, source: str = "cn.yaml", runtimes: Collection[str] | None = None) -> model.Spec:
    """Return the Spec that `data` holds; SpecError with every problem. Without `runtimes` any is accepted."""
    rules = {name: target.spec for name, target in targets.known().items()}
    return loader.load(data, source, runtimes, rules)


def spec_schema() -> dict[str, Any]:
    """Return the JSON schema of cn.yaml (draft 2020-12)."""
    return model.schema(targets.known())


def resolve(spec: model.Spec) -> Context:
    """Fill in and derive everything that a spec implies."""
    return contexts.resolve(spec, {name: target.context for name, target in targets.known().items()})


def make_plan(context: Context, environment: str, config: StackConfig = NOTHING_SET) -> DeploymentPlan:
    """Decide how one environment runs; PlanError names every key of spec or stack config that forbids it."""
    rules = {name: target.plan for name, target in targets.known().items()}
    return planner.make_plan(context, environment, rules, config)


def compare(before: DeploymentPlan | None, after: DeploymentPlan | None) -> EnvironmentDiff:
    """Return what changed in one environment; one of the two may have no plan for it."""
    return differences.compare(before, after, {name: each.diff for name, each in targets.known().items()})
