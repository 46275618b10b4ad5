"""What services may use, against what the machine of one Docker engine has. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...quantities import cpu_millis, memory_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ...context.model import Context

# What the docker command has to be told to print what `read` takes.
QUESTION = ("info", "--format=json")


@dataclass(frozen=True)
class Machine:
    """How many CPUs and how many bytes of memory an engine has."""

    cpus: int
    memory_bytes: int


@dataclass(frozen=True)
class Wish:
    """What one replica of a service may use."""

    service: str
    cpu_millis: int
    memory_bytes: int


def read(printed: str) -> Machine | None:
    """Return what the answer to QUESTION says; None when it says nothing, as without an engine."""
    try:
        told = json.loads(printed)
        machine = Machine(cpus=told["NCPU"], memory_bytes=told["MemTotal"])
    except (ValueError, KeyError, TypeError):
        return None
    return machine if machine.cpus and machine.memory_bytes else None


def wishes(context: Context) -> list[Wish]:
    """Return what services may use in the environment that compose runs."""
    return [
        Wish(
            service.name,
            cpu_millis(service.local.resources.cpu),
            memory_bytes(service.local.resources.memory),
        )
        for service in context.services
    ]


def faults(wishes: Iterable[Wish], environment: str, machine: Machine) -> Iterator[str]:
    """Yield what the engine refuses to make, with the line that would be right in this environment."""
    noun = "CPU" if machine.cpus == 1 else "CPUs"
    for wish in wishes:
        if wish.cpu_millis > machine.cpus * 1000:
            yield (
                f"services.{wish.service}.resources.cpu: {wish.cpu_millis / 1000:g} is more than the "
                f"{machine.cpus} {noun} of this Docker engine; for this environment alone write "
                f"services.{wish.service}.environments.{environment}.resources.cpu: {machine.cpus} or less"
            )


def warnings(wishes: Iterable[Wish], environment: str, machine: Machine) -> Iterator[str]:
    """Yield which limits the engine takes, though the machine is used up before they are reached."""
    for wish in wishes:
        if wish.memory_bytes > machine.memory_bytes:
            yield (
                f"services.{wish.service}.resources.memory: {wish.memory_bytes / 2**30:.3g} GiB is more than "
                f"the {machine.memory_bytes / 2**30:.3g} GiB of this Docker engine, and limits nothing; "
                f"for this environment alone write less into "
                f"services.{wish.service}.environments.{environment}.resources.memory"
            )
