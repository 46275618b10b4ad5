"""The target `docker`: a deployment plan as resources on one Docker engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pulumi

from ...plan import postgres
from ...stack_state import StateError, mark, resources
from . import orphans
from .capacity import Wish, faults, warnings
from .components import System
from .docker_cli import CommandLine, EngineError, NoDockerError
from .readiness import Checks

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ...plan.model import DeploymentPlan

__all__ = ["System", "deploy"]

READY_SECONDS = 60
_IMAGE = "docker:index/remoteImage:RemoteImage"


def deploy(plan: DeploymentPlan) -> pulumi.Output[str]:
    """Make everything in a plan; the output, the gateway's address, is there when all of it answers.

    Reads `cn:timeout`, the seconds in which a container has to be ready, and the provider's `docker:host`.
    """
    timeout = pulumi.Config("cn").get_int("timeout") or READY_SECONDS
    engine = CommandLine(pulumi.Config("docker").get("host"))
    _see_the_machine(plan, engine)
    _clear(plan, engine)
    if far := _far(engine.host):
        pulumi.log.warn(f"the gateway listens on 127.0.0.1 of the engine's machine, {far}")
    system = System(plan, Checks(engine=engine, timeout=float(timeout)))
    return pulumi.Output.from_input(system.ready).apply(lambda _: plan.url)


def _see_the_machine(plan: DeploymentPlan, engine: CommandLine) -> None:
    """Refuse what the engine would refuse in the middle of a deployment."""
    try:
        machine = engine.machine()
    except EngineError as error:
        place = f" at {engine.host}" if engine.host else ""
        raise pulumi.RunError(
            f"the Docker engine{place} does not answer: {error}; start it, or name another in DOCKER_HOST or "
            "docker:host"
        ) from None
    if machine is None:
        return
    wishes = [
        Wish(service.name, replica.cpu_millis, replica.memory_bytes)
        for service in plan.services
        for replica in service.replicas[:1]
    ]
    if found := tuple(faults(wishes, plan.environment, machine)):
        raise pulumi.RunError("\n".join(found))
    for warning in warnings(wishes, plan.environment, machine):
        pulumi.log.warn(warning)


def _far(host: str) -> str:
    """Name an engine on another machine, with the way to its gateway; empty when it is here."""
    try:
        parts = urlsplit(host)
        name, door = parts.hostname or "", parts.port
    except ValueError:
        return ""
    if not name or name in {"localhost", "::1", "0.0.0.0"} or name.startswith("127."):  # noqa: S104
        return ""
    user = f"{parts.username}@" if parts.username else ""
    other = f"-p {door} " if door and parts.scheme == "ssh" else ""
    return f"{host}: `ssh {other}-L PORT:127.0.0.1:PORT {user}{name}` brings its port here"


def _another_major(plan: DeploymentPlan, known: Iterable[Mapping[str, Any]]) -> str:
    stored = [service.database.container for service in plan.services if service.database]
    before = [
        one["inputs"]["name"]
        for one in known
        if one["type"] == _IMAGE and one["urn"].endswith("::postgres") and not one.get("delete")
    ]
    return postgres.another_major(before, stored[0].image.reference) if stored else ""


def _clear(plan: DeploymentPlan, engine: CommandLine) -> None:
    """Remove what a killed deployment of this state left, and refuse to touch what another state has here."""
    stack = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    try:
        known = resources(stack)
        found = orphans.sort(orphans.look(engine, plan.project, plan.environment), known, mark(known))
        if reason := orphans.stranger(plan.project, plan.environment, found.others):
            raise pulumi.RunError(reason)
        if reason := _another_major(plan, known):
            raise pulumi.RunError(reason)
        if not pulumi.runtime.is_dry_run():
            for name in orphans.sweep(engine, found.own):
                pulumi.log.warn(f"removed {name}, which a deployment that was killed had left")
    except NoDockerError:
        return
    except (EngineError, StateError) as error:
        raise pulumi.RunError(str(error)) from None
