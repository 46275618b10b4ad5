"""The labels of a graph: replicas, egress and environments. Pure.

Where the target does not scale, a service always runs its minimum number of replicas.
"""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_stacks.context.model import Context, Environment, Service


def replicas(environment: Environment, service: Service) -> str:
    """Return the replicas of a service in one environment: `2`, or `2-6` if they scale."""
    scale = service.within(environment.name).scale
    low, high = scale.min, scale.max
    return f"{low}-{high}" if environment.scales and high > low else str(low)


def replica_range(context: Context, service: Service) -> str:
    """Return `2-6 replicas`, or the replicas per environment if they differ; empty if none scales."""
    counts = {one.name: replicas(one, service) for one in context.environments}
    if not any("-" in count for count in counts.values()):
        return ""
    if len(set(counts.values())) == 1:
        return f"{next(iter(counts.values()))} replicas"
    return "replicas " + ", ".join(f"{count} in {name}" for name, count in counts.items())


def egress(context: Context, service: Service) -> tuple[str, ...]:
    """Return the egress of a service: `internet`, or `internet in dev` if environments differ."""
    reached: dict[str, list[str]] = {}
    for environment in context.environments:
        for place in service.within(environment.name).egress:
            reached.setdefault(place, []).append(environment.name)
    every = len(context.environments)
    return tuple(
        place if len(names) == every else f"{place} in {', '.join(names)}" for place, names in reached.items()
    )


def places(context: Context) -> Iterator[tuple[str, str]]:
    """Yield each environment and its description; nothing if all run on this machine."""
    if any(environment.location for environment in context.environments):
        yield from ((environment.name, place(environment)) for environment in context.environments)


def place(environment: Environment) -> str:
    """Return the description of an environment: target, where it runs there, and its port."""
    published = (f"gateway on port {environment.port}",) if environment.port else ()
    return ", ".join((environment.target, *environment.location, *published))
