"""What a target adds to the comparison of two plans, as a value that `compare` is given. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..context.model import Settings
    from ..plan.model import Container, DeploymentPlan
    from .model import Finding


def _networks(container: Container) -> tuple[Any, ...]:
    """Return the networks that a container cannot change while it lives."""
    return (container.links, tuple(endpoint.network for endpoint in container.endpoints))


# Each input of a container that the engine cannot change on a living one, by what people call it.
REPLACING: Mapping[str, Callable[[Container], Any]] = {
    "name": lambda container: (container.key if container.fixed_name else None, container.runs_once),
    "command": lambda container: container.command,
    "variables": lambda container: (container.variables, container.secrets),
    "networks": _networks,
    "volumes": lambda container: container.volumes if container.configuration is None else (),
    "configuration": lambda container: container.configuration and container.configuration.text,
    "published port": lambda container: container.published,
    "name servers": lambda container: container.resolvers,
    "user": lambda container: container.user,
    "writable folders": lambda container: container.tmpfs,
    "capabilities": lambda container: container.capabilities,
    "cpu": lambda container: container.cpu_millis,
    "health check": lambda container: container.check,
    "labels": lambda container: container.labels,
}
# Those that it changes in place; the engine gets whole mebibytes.
UPDATING: Mapping[str, Callable[[Container], Any]] = {
    "memory": lambda container: container.mebibytes,
    "restart policy": lambda container: (container.restart, container.retries),
    "time of grace": lambda container: container.grace_seconds,
}


@dataclass(frozen=True, kw_only=True)
class DiffRules:
    """How a change of a plan affects what runs on this target.

    `replacing` and `updating` name the inputs of a container whose change replaces it, or changes it in
    place. `findings` reports changes of the target's own settings. `place` is where the environment runs: a
    change there moves it. `holds` names what an environment that keeps running occupies, `volumes`
    where its volumes are.
    """

    replacing: Mapping[str, Callable[[Container], Any]]
    updating: Mapping[str, Callable[[Container], Any]]
    findings: Callable[[DeploymentPlan, DeploymentPlan], Iterable[Finding]] = lambda *_: ()
    place: Callable[[Settings], Mapping[str, str]] = lambda _: {}
    holds: Callable[[Settings], str] = lambda _: "the gateway's port"
    volumes: Callable[[Settings], str] = lambda _: ""


ENGINE = DiffRules(replacing=REPLACING, updating=UPDATING)
