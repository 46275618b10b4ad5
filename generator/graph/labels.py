"""What a graph says beside services and calls: replicas, what lies outside, where it runs. Pure.

Docker does not scale: there, a service has as many replicas as it has at least.
"""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_stacks.context.model import Context, Environment, Service


def on_cluster(context: Context) -> bool:
    """Say whether any environment is on a cluster."""
    return any(environment.cluster for environment in context.environments)


def replicas(environment: Environment, service: Service) -> str:
    """Return how many replicas of a service run in one environment: `2`, or `2-6` where they scale."""
    scale = service.within(environment.name).scale
    low, high = scale.min, scale.max
    return f"{low}-{high}" if environment.cluster and high > low else str(low)


def span(context: Context, service: Service) -> str:
    """Return how many replicas run, `2-6 replicas` or what differs where; empty where none scales."""
    counts = {one.name: replicas(one, service) for one in context.environments}
    if not any("-" in count for count in counts.values()):
        return ""
    if len(set(counts.values())) == 1:
        return f"{next(iter(counts.values()))} replicas"
    return "replicas " + ", ".join(f"{count} in {name}" for name, count in counts.items())


def outside(context: Context, service: Service) -> tuple[str, ...]:
    """Return what a service may reach outside: `internet`, or `internet in dev` where that differs."""
    reached: dict[str, list[str]] = {}
    for environment in context.environments:
        for place in service.within(environment.name).egress:
            reached.setdefault(place, []).append(environment.name)
    every = len(context.environments)
    return tuple(
        place if len(names) == every else f"{place} in {', '.join(names)}" for place, names in reached.items()
    )


def places(context: Context) -> Iterator[tuple[str, str]]:
    """Yield each environment and where it is, in words, if any is on a cluster."""
    if on_cluster(context):
        yield from ((environment.name, place(environment)) for environment in context.environments)


def place(environment: Environment) -> str:
    """Say in words where an environment is."""
    cluster = environment.cluster
    if cluster is None:
        return f"{environment.target}, gateway on port {environment.port}"
    told = [environment.target, f"namespace {cluster.namespace}", cluster.entry, cluster.domain]
    return ", ".join(filter(None, [*told, "databases outside" if cluster.external else ""]))
