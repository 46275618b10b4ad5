"""The target `docker`: a deployment plan as resources on one Docker engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

from .checks import Checks
from .components import System
from .engine import CommandLine

if TYPE_CHECKING:
    from ..deployment import DeploymentPlan  # noqa: TID252

__all__ = ["System", "deploy"]

READY_SECONDS = 60


def deploy(plan: DeploymentPlan) -> pulumi.Output[str]:
    """Make everything in a plan; the output, the gateway's address, is there when all of it answers.

    Reads `cn:timeout`, the seconds in which a container has to be ready, and the provider's `docker:host`.
    """
    timeout = pulumi.Config("cn").get_int("timeout") or READY_SECONDS
    engine = CommandLine(pulumi.Config("docker").get("host"))
    system = System(plan, Checks(engine=engine, timeout=float(timeout)))
    return pulumi.Output.from_input(system.ready).apply(lambda _: plan.url)
