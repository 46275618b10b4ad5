"""Context and environment to DeploymentPlan: everything that runs, decided. Pure; targets translate it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..context.model import local_url
from ..errors import ExpectedError
from .gateway import gateway, router
from .model import DeploymentPlan
from .networks import capacity_problems, networks
from .scope import PlanScope
from .services import service
from .stack_config import NOTHING_SET, StackConfig

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..context.model import Context, Environment
    from .target_rules import PlanRules

MANY_SERVICES = 50


class PlanError(ExpectedError):
    """A plan that cannot be made; `problems` holds one message per fault, each with the key to change."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def make_plan(
    context: Context, environment: str, targets: Mapping[str, PlanRules], config: StackConfig = NOTHING_SET
) -> DeploymentPlan:
    """Decide how one environment runs; PlanError names every key of spec or stack config that forbids it."""
    within = _environment(context, environment)
    rules = targets[within.target]
    scope = PlanScope(context=context, environment=within, rules=rules, config=config)
    services = tuple(service(scope, each) for each in context.services)
    found, subnet_problems = networks(scope)
    behind = router(scope, found)
    problems = (
        *scope.image_problems(),
        *_port_problems(config.port),
        *subnet_problems,
        *capacity_problems(services, behind),
        *rules.problems(within, config),
    )
    if problems:
        raise PlanError(problems)
    return DeploymentPlan(
        project=context.name,
        environment=environment,
        target=within.target,
        settings=within.settings,
        pulls=within.pulls,
        gateway_class=config.gateway_class or "",
        registry_login=config.registry_login,
        networks=found,
        services=services,
        gateway=gateway(scope),
        router=behind,
        diagnostics=within.diagnostics,
        url=local_url(config.port) if within.port and config.port else within.url,
        labels=scope.labels,
        warnings=(*_warnings(context), *rules.warnings(context, within)),
    )


def _environment(context: Context, name: str) -> Environment:
    for environment in context.environments:
        if environment.name == name:
            return environment
    known = ", ".join(environment.name for environment in context.environments)
    message = f"stack {name}: no such environment in cn.yaml; choose a stack from {known}"
    raise PlanError((message,))


def _port_problems(port: int | None) -> tuple[str, ...]:
    if port is None or 1 <= port <= 65535:
        return ()
    return (f"cn:port: {port} is not between 1 and 65535",)


def _warnings(context: Context) -> tuple[str, ...]:
    count = len(context.services)
    crowd = f"{count} services in one stack: above {MANY_SERVICES} every deployment is slow; split it"
    blind = (
        f"services.{service.name}.ready: is none, so it counts as ready after 5 seconds, and the gateway "
        "finds its end only by failed connections; set a path if it has one"
        for service in context.services
        if service.ready == "none"
    )
    return (*([crowd] if count > MANY_SERVICES else []), *context.cycles(), *blind)
