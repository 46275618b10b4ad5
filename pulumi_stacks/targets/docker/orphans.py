"""What an engine has of an environment beside what its state knows.

Some of it was left by a deployment that was killed, and goes. The rest belongs to another state.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from .docker_cli import GRACE_SECONDS, EngineError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from .docker_cli import CommandLine

# The label that tells what one state has made from what another one has.
STATE = "cn-new.state"
ROLE = "cn-new.role"
Kind = Literal["container", "network", "volume"]
_LISTS: Mapping[Kind, tuple[str, ...]] = {
    "container": ("ps", "--all", "--no-trunc"),
    "network": ("network", "ls", "--no-trunc"),
    "volume": ("volume", "ls"),
}


@dataclass(frozen=True)
class Thing:
    """Something that an engine has, and the mark of the state that made it; empty where it has none."""

    kind: Kind
    identity: str
    name: str
    mark: str
    role: str


@dataclass(frozen=True)
class Leftovers:
    """What no state has of one environment: `own` was left by this state, `others` are of another one."""

    own: tuple[Thing, ...] = ()
    others: tuple[Thing, ...] = ()


def labels(project: str, environment: str) -> tuple[tuple[str, str], ...]:
    """Return the labels of all that one environment has on an engine."""
    return (("cn-new.environment", environment), ("cn-new.project", project))


def look(engine: CommandLine, project: str, environment: str) -> tuple[Thing, ...]:
    """Return all that an engine has with these labels. EngineError when it does not tell."""
    filters = [f"--filter=label={key}={value}" for key, value in labels(project, environment)]
    lines = [
        (kind, line)
        for kind, words in _LISTS.items()
        for line in engine.order(*words, "--format=json", *filters).splitlines()
    ]
    try:
        return tuple(_thing(kind, json.loads(line)) for kind, line in lines)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise EngineError(
            "what the docker command lists cannot be read; Docker 23 or newer is needed, and not Podman's"
        ) from None


def _thing(kind: Kind, told: Mapping[str, str]) -> Thing:
    name = told.get("Names") or told["Name"]
    # No label that is asked for here has a comma.
    found = dict(word.partition("=")[::2] for word in told["Labels"].split(","))
    return Thing(kind, told.get("ID") or name, name, found.get(STATE, ""), found.get(ROLE, ""))


def sort(found: Iterable[Thing], resources: Iterable[Mapping[str, Any]], mark: str) -> Leftovers:
    """Tell what is in no state; a volume with rows is everybody's, as it outlives states."""
    known = {one.get("id") for one in resources if one["type"].startswith("docker:")}
    loose = [
        thing
        for thing in found
        if thing.identity not in known and (thing.kind != "volume" or thing.role == "gateway")
    ]
    return Leftovers(
        tuple(thing for thing in loose if mark and thing.mark == mark),
        tuple(thing for thing in loose if not mark or thing.mark != mark),
    )


def sweep(engine: CommandLine, things: Iterable[Thing]) -> Iterator[str]:
    """Remove things, containers first, and name each. EngineError when one cannot be removed."""
    found = sorted(things, key=lambda thing: (thing.kind, thing.name))
    if running := [thing.identity for thing in found if thing.kind == "container"]:
        engine.order("stop", f"--time={GRACE_SECONDS}", *running)
        engine.order("rm", "--force", "--volumes", *running)
    for thing in found:
        if thing.kind != "container":
            engine.order(thing.kind, "rm", thing.identity)
        yield f"{thing.kind} {thing.name}"


def stranger(project: str, environment: str, others: Iterable[Thing]) -> str:
    """Say that another state has something here, where that is so."""
    names = [thing.name for thing in others if thing.kind != "volume"]
    if not names:
        return ""
    few = ", ".join(sorted(names)[:3]) + (" and others" if len(names) > 3 else "")
    filters = " ".join(f"--filter label={key}={value}" for key, value in labels(project, environment))
    return (
        f"environments.{environment}: on this engine it belongs to another Pulumi state ({few}): run this "
        "from the clone or the backend (PULUMI_BACKEND_URL) that has it; if that is lost, "
        f"`docker rm --force $(docker ps --all --quiet {filters})` and "
        f"`docker network rm $(docker network ls --quiet {filters})` free the names"
    )
