"""Docker objects of an environment that are not in the state of its stack.

Those with the label of this state were left by a deployment that was killed, and are removed. All others
belong to another state.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from .docker_cli import GRACE_SECONDS, EngineError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from .docker_cli import DockerCli

# The label with the id of the Pulumi state that created an object.
STATE = "cn-new.state"
ROLE = "cn-new.role"
Kind = Literal["container", "network", "volume"]
_LISTS: Mapping[Kind, tuple[str, ...]] = {
    "container": ("ps", "--all", "--no-trunc"),
    "network": ("network", "ls", "--no-trunc"),
    "volume": ("volume", "ls"),
}


@dataclass(frozen=True)
class DockerObject:
    """A container, network or volume, and the id of the state that created it; empty without the label."""

    kind: Kind
    identity: str
    name: str
    state_id: str
    role: str


@dataclass(frozen=True)
class Orphans:
    """Objects that are not in the state: `own` were created by this state, `others` by another one."""

    own: tuple[DockerObject, ...] = ()
    others: tuple[DockerObject, ...] = ()


def labels(project: str, environment: str) -> tuple[tuple[str, str], ...]:
    """Return the labels of all Docker objects of an environment."""
    return (("cn-new.environment", environment), ("cn-new.project", project))


def list_objects(engine: DockerCli, project: str, environment: str) -> tuple[DockerObject, ...]:
    """Return all objects of an environment. EngineError when docker fails."""
    filters = [f"--filter=label={key}={value}" for key, value in labels(project, environment)]
    lines = [
        (kind, line)
        for kind, words in _LISTS.items()
        for line in engine.execute(*words, "--format=json", *filters).splitlines()
    ]
    try:
        return tuple(_object(kind, json.loads(line)) for kind, line in lines)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise EngineError(
            "cannot read the JSON that docker prints for --format=json; use Docker 23 or newer, not Podman"
        ) from None


def _object(kind: Kind, listed: Mapping[str, str]) -> DockerObject:
    name = listed.get("Names") or listed["Name"]
    # None of our labels has a comma in its value.
    found = dict(word.partition("=")[::2] for word in listed["Labels"].split(","))
    return DockerObject(kind, listed.get("ID") or name, name, found.get(STATE, ""), found.get(ROLE, ""))


def find_orphans(
    found: Iterable[DockerObject], resources: Iterable[Mapping[str, Any]], state_id: str
) -> Orphans:
    """Return the objects that are not in the state; volumes of databases do not count, as they outlive it."""
    known = {one.get("id") for one in resources if one["type"].startswith("docker:")}
    orphans = [
        item
        for item in found
        if item.identity not in known and (item.kind != "volume" or item.role == "gateway")
    ]
    return Orphans(
        tuple(item for item in orphans if state_id and item.state_id == state_id),
        tuple(item for item in orphans if not state_id or item.state_id != state_id),
    )


def remove(engine: DockerCli, items: Iterable[DockerObject]) -> Iterator[str]:
    """Remove objects, containers first, and yield the name of each. EngineError when docker fails."""
    found = sorted(items, key=lambda item: (item.kind, item.name))
    if running := [item.identity for item in found if item.kind == "container"]:
        engine.execute("stop", f"--time={GRACE_SECONDS}", *running)
        engine.execute("rm", "--force", "--volumes", *running)
    for item in found:
        if item.kind != "container":
            engine.execute(item.kind, "rm", item.identity)
        yield f"{item.kind} {item.name}"


def other_state_fault(project: str, environment: str, others: Iterable[DockerObject]) -> str:
    """Explain that another state has objects on this engine; empty where it has none."""
    names = [item.name for item in others if item.kind != "volume"]
    if not names:
        return ""
    few = ", ".join(sorted(names)[:3]) + (" and others" if len(names) > 3 else "")
    filters = " ".join(f"--filter label={key}={value}" for key, value in labels(project, environment))
    return (
        f"environments.{environment}: another Pulumi state owns it on this Docker engine ({few}); run this "
        "from the clone or with the backend (PULUMI_BACKEND_URL) that has this state; if the state is lost, "
        f"remove the containers and networks: `docker rm --force $(docker ps --all --quiet {filters})`, "
        f"`docker network rm $(docker network ls --quiet {filters})`"
    )
