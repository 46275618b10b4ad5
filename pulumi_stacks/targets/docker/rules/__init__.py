"""The target `docker` as the spec, the plan and the diff see it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....context.target_rules import ENGINE as CONTEXT
from ....diff.target_rules import ENGINE as DIFF
from ....plan.target_rules import PlanRules
from ....spec.egress import INTERNET
from ....spec.target_rules import SpecRules
from ...target import HostLimits, Target
from . import capacity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ....context.model import Context, Environment


def _warnings(context: Context, environment: Environment) -> Iterator[str]:
    """Warn of what one engine does not do."""
    within = [(service.name, service.within(environment.name)) for service in context.services]
    for name, here in within:
        if here.scale.max > here.scale.min:
            yield f"services.{name}.scale.max: Docker does not scale; {here.scale.min} will run"
    for name, here in within:
        if here.egress and here.egress != (INTERNET,):
            yield f"services.{name}.egress: Docker does not limit it; the whole internet is reachable"


TARGET = Target(
    title="Docker",
    summary="One Docker host; images are built there.",
    spec=SpecRules(),
    context=CONTEXT,
    plan=PlanRules(warnings=_warnings),
    diff=DIFF,
    host=HostLimits(command=capacity.INFO_COMMAND, compare=capacity.compare),
)
