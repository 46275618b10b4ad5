"""The target `kubernetes` as the spec, the plan and the diff see it. Pure."""

from __future__ import annotations

from ....context.target_rules import ContextRules
from ....plan.target_rules import PlanRules
from ....spec.target_rules import SpecRules
from ...target import Target
from . import context_part, diff_part, plan_part, spec_checks

TARGET = Target(
    title="Kubernetes",
    summary="A cluster; images are pulled from a registry.",
    spec=SpecRules(fields=context_part.FIELDS, faults=spec_checks.faults),
    context=ContextRules(
        balances=True,
        scales=True,
        pulls=True,
        published=False,
        settings=context_part.settings,
        url=context_part.url,
        proxied=context_part.proxied,
        location=context_part.location,
        required=context_part.required,
    ),
    plan=PlanRules(
        networks=False,
        egress=True,
        database_host=plan_part.database_host,
        database_volume=plan_part.database_volume,
        problems=plan_part.problems,
        warnings=plan_part.warnings,
    ),
    diff=diff_part.RULES,
)
