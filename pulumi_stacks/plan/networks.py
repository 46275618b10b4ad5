"""The networks of one environment, their addresses, and which services do not fit into them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..network import subnets
from .model import Network

if TYPE_CHECKING:
    from .model import Container, Service
    from .scope import PlanScope


def networks(scope: PlanScope) -> tuple[tuple[Network, ...], tuple[str, ...]]:
    """Return all networks with their addresses, or the reasons why there are none."""
    if not scope.rules.networks:
        return (), ()
    internal = {network.key: network.internal for network in scope.context.local.networks}
    internal[subnets.ROUTER] = True
    # The whole name decides, so that two systems in one block get different addresses.
    names = {key: f"{scope.prefix}_{key}" for key in internal}
    try:
        block = subnets.block(scope.config.subnet, scope.context.name, scope.environment.name)
        addresses = subnets.assign(block, names.values())
    except subnets.BlockError as error:
        return (), (f"cn:subnet: {error}",)
    return tuple(
        Network(key=key, name=names[key], subnet=addresses[names[key]], internal=internal[key])
        for key in sorted(internal)
    ), ()


def capacity_problems(services: tuple[Service, ...], router: Container | None) -> tuple[str, ...]:
    """Name the services with more replicas than one of their networks has addresses."""
    return tuple(
        f"services.{name}.scale.min: {replicas} replicas and their successors exceed the {subnets.ADDRESSES} "
        "addresses of a network (choose fewer)"
        for name, replicas in (_crowded(services, router) if router else {}).items()
    )


def _crowded(services: tuple[Service, ...], router: Container) -> dict[str, int]:
    """Return the services with more replicas than one of their networks has addresses, and how many.

    A container that is replaced runs beside its successor, so each counts twice. Of the services that meet
    on a network the largest is named.
    """
    used = dict.fromkeys(router.networks, 2)
    members: dict[str, dict[str, int]] = {}
    for service in services:
        for container in service.containers:
            for network in container.networks:
                used[network] = used.get(network, 0) + 2
                members.setdefault(network, {})[service.name] = len(service.replicas)
    full = [found for network, found in members.items() if used[network] > subnets.ADDRESSES]
    largest = {max(sorted(found), key=lambda name: found[name]): max(found.values()) for found in full}
    return dict(sorted(largest.items()))
