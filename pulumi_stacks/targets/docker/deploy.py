"""The target `docker`: a deployment plan as resources on one Docker engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pulumi

from ...plan import postgres
from ...stack_state import StateError, read_resources, state_id
from . import orphans
from .components import System
from .docker_cli import DockerCli, EngineError, NoDockerError
from .readiness import Checks
from .rules.capacity import ReplicaLimits, faults, warnings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ...plan.model import DeploymentPlan

__all__ = ["System", "deploy"]

READY_SECONDS = 60
_IMAGE = "docker:index/remoteImage:RemoteImage"


def deploy(plan: DeploymentPlan) -> pulumi.Output[str]:
    """Create the resources of a plan; return the address of the gateway once all containers are ready.

    Reads `cn:timeout`, the seconds until a container has to be ready, and `docker:host` of the provider.
    """
    timeout = pulumi.Config("cn").get_int("timeout") or READY_SECONDS
    engine = DockerCli(pulumi.Config("docker").get("host"))
    _check_capacity(plan, engine)
    _remove_orphans(plan, engine)
    if remote := _remote_hint(engine.host):
        pulumi.log.warn(f"the gateway listens on 127.0.0.1 of the engine's machine, {remote}")
    system = System(plan, Checks(engine=engine, timeout=float(timeout)))
    return pulumi.Output.from_input(system.ready).apply(lambda _: plan.url)


def _check_capacity(plan: DeploymentPlan, engine: DockerCli) -> None:
    """Raise the errors that the engine would raise in the middle of a deployment."""
    try:
        machine = engine.machine()
    except EngineError as error:
        place = f" at {engine.host}" if engine.host else ""
        raise pulumi.RunError(
            f"cannot connect to the Docker engine{place}: {error}; start it, or set DOCKER_HOST or "
            "docker:host to another one"
        ) from None
    if machine is None:
        return
    replica_limits = [
        ReplicaLimits(service.name, replica.cpu_millis, replica.memory_bytes)
        for service in plan.services
        for replica in service.replicas[:1]
    ]
    if found := tuple(faults(replica_limits, plan.environment, machine)):
        raise pulumi.RunError("\n".join(found))
    for warning in warnings(replica_limits, plan.environment, machine):
        pulumi.log.warn(warning)


def _remote_hint(host: str) -> str:
    """Return the host of a remote engine and how to reach its gateway; empty for a local engine."""
    try:
        parts = urlsplit(host)
        name, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    if not name or name in {"localhost", "::1", "0.0.0.0"} or name.startswith("127."):  # noqa: S104
        return ""
    user = f"{parts.username}@" if parts.username else ""
    other = f"-p {port} " if port and parts.scheme == "ssh" else ""
    return f"{host}: `ssh {other}-L PORT:127.0.0.1:PORT {user}{name}` forwards its port to this machine"


def _another_major(plan: DeploymentPlan, known: Iterable[Mapping[str, Any]]) -> str:
    stored = [service.database.container for service in plan.services if service.database]
    before = [
        one["inputs"]["name"]
        for one in known
        if one["type"] == _IMAGE and one["urn"].endswith("::postgres") and not one.get("delete")
    ]
    return postgres.another_major(before, stored[0].image.reference) if stored else ""


def _remove_orphans(plan: DeploymentPlan, engine: DockerCli) -> None:
    """Remove the leftovers of a killed deployment; raise where another state owns the environment."""
    stack = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    try:
        known = read_resources(stack)
        found = orphans.find_orphans(
            orphans.list_objects(engine, plan.project, plan.environment), known, state_id(known)
        )
        if reason := orphans.other_state_fault(plan.project, plan.environment, found.others):
            raise pulumi.RunError(reason)
        if reason := _another_major(plan, known):
            raise pulumi.RunError(reason)
        if not pulumi.runtime.is_dry_run():
            for name in orphans.remove(engine, found.own):
                pulumi.log.warn(f"removed {name}, left by a deployment that was killed")
    except NoDockerError:
        return
    except (EngineError, StateError) as error:
        raise pulumi.RunError(str(error)) from None
