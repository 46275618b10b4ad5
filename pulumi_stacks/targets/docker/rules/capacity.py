"""Compares the limits of services with CPUs and memory of the Docker engine's machine. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ....quantities import cpu_millis, memory_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ....context.model import Context

# The command whose output `read` parses.
INFO_COMMAND = ("docker", "info", "--format=json")


@dataclass(frozen=True)
class Machine:
    """CPUs and bytes of memory of an engine's machine."""

    cpus: int
    memory_bytes: int


@dataclass(frozen=True)
class ReplicaLimits:
    """The limits of one replica of a service."""

    service: str
    cpu_millis: int
    memory_bytes: int


def read(printed: str) -> Machine | None:
    """Parse the output of INFO_COMMAND; None when it has no values, as without an engine."""
    try:
        info = json.loads(printed)
        machine = Machine(cpus=info["NCPU"], memory_bytes=info["MemTotal"])
    except (ValueError, KeyError, TypeError):
        return None
    return machine if machine.cpus and machine.memory_bytes else None


def replica_limits(context: Context) -> list[ReplicaLimits]:
    """Return the limits of services in the environment that compose runs."""
    return [
        ReplicaLimits(
            service.name,
            cpu_millis(service.local.resources.cpu),
            memory_bytes(service.local.resources.memory),
        )
        for service in context.services
    ]


def faults(replica_limits: Iterable[ReplicaLimits], environment: str, machine: Machine) -> Iterator[str]:
    """Yield an error for each limit that the engine rejects, with the line to write for this environment."""
    noun = "CPU" if machine.cpus == 1 else "CPUs"
    for limits in replica_limits:
        if limits.cpu_millis > machine.cpus * 1000:
            yield (
                f"services.{limits.service}.resources.cpu: {limits.cpu_millis / 1000:g} is more than the "
                f"{machine.cpus} {noun} of this Docker engine; for this environment only, set services."
                f"{limits.service}.environments.{environment}.resources.cpu to {machine.cpus} or less"
            )


def warnings(replica_limits: Iterable[ReplicaLimits], environment: str, machine: Machine) -> Iterator[str]:
    """Yield a warning for each limit that is more than the memory of the machine."""
    for limits in replica_limits:
        if limits.memory_bytes > machine.memory_bytes:
            yield (
                f"services.{limits.service}.resources.memory: {limits.memory_bytes / 2**30:.3g} GiB is more "
                f"than the {machine.memory_bytes / 2**30:.3g} GiB of this Docker engine, so it has no "
                f"effect; for this environment only, set a lower value in "
                f"services.{limits.service}.environments.{environment}.resources.memory"
            )


def compare(context: Context, printed: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return errors and warnings for the limits of services, from the output of INFO_COMMAND."""
    machine, name = read(printed), context.local.name
    if machine is None:
        return (), ()
    limits = replica_limits(context)
    return tuple(faults(limits, name, machine)), tuple(warnings(limits, name, machine))
