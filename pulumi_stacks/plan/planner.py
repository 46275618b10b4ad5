"""Context and environment to DeploymentPlan: everything that runs, decided. Pure; targets translate it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..errors import ExpectedError
from ..network import subnets
from ..spec.egress import INTERNET
from .model import Cluster, Container, DeploymentPlan, Service
from .parts import Parts
from .stack_config import NOTHING_SET, StackConfig

if TYPE_CHECKING:
    from ..context import resolve as resolved

MANY_SERVICES = 50
# In the key of an annotation, what makes a load balancer another one than the public one, whatever the cloud.
_PRIVATE = re.compile("internal$|load-balancer-(type|scheme)$")
_PUBLIC = {"external", "false", "internet-facing", "no"}
_EVERYBODY = {"0.0.0.0/0", "::/0"}
_CLOSED = (
    "choose ingress with a domain, or name the networks that may come in sources (such as sources: "
    "[203.0.113.0/24])"
)


class PlanError(ExpectedError):
    """A plan that cannot be made; `problems` holds one message per fault, each with the key to change."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def make_plan(
    context: resolved.Context, environment: str, config: StackConfig = NOTHING_SET
) -> DeploymentPlan:
    """Decide how one environment runs; PlanError names every key of spec or stack config that forbids it."""
    within = _environment(context, environment)
    parts = Parts(context, within, config)
    services = tuple(parts.service(service) for service in context.services)
    wires, subnet_problems = parts.networks(config.subnet)
    router = parts.router(wires)
    crowded = _capacity_problems(services, router) if router else ()
    settings = (*parts.image_problems(), *_port_problems(config.port))
    if problems := (*settings, *subnet_problems, *crowded, *_login_problems(within, config.pulls)):
        raise PlanError(problems)
    return DeploymentPlan(
        project=context.name,
        environment=environment,
        target=within.target,
        cluster=_cluster(within, config.entry_class, config.pulls),
        networks=wires,
        services=services,
        gateway=parts.gateway(config.port or within.port),
        router=router,
        diagnostics=within.diagnostics,
        url=within.url(config.port),
        labels=parts.labels,
        warnings=_warnings(context, within),
    )


def _cluster(environment: resolved.Environment, entry_class: str | None, pulls: bool) -> Cluster | None:
    if environment.cluster is None:
        return None
    return Cluster(
        namespace=environment.cluster.namespace,
        context=environment.cluster.kube_context,
        storage_class=environment.cluster.storage_class,
        entry=environment.cluster.entry,
        entry_class=entry_class or "",
        domain=environment.cluster.domain,
        pulls=pulls,
        state=environment.cluster.state,
        protected=environment.cluster.protected,
        pull_secret=environment.cluster.pull_secret,
        metrics_from=tuple(sorted(environment.cluster.metrics_from)),
        annotations=tuple(sorted(environment.cluster.annotations.items())),
        sources=environment.cluster.sources,
        client_address=environment.cluster.client_address,
    )


def _environment(context: resolved.Context, name: str) -> resolved.Environment:
    for environment in context.environments:
        if environment.name == name:
            return environment
    known = ", ".join(environment.name for environment in context.environments)
    message = (
        f"environment '{name}' is not in cn.yaml (it has {known}); a stack is named like its environment"
    )
    raise PlanError((message,))


def _port_problems(port: int | None) -> tuple[str, ...]:
    if port is None or 1 <= port <= 65535:
        return ()
    return (f"cn:port: {port} is not between 1 and 65535",)


def _login_problems(environment: resolved.Environment, pulls: bool) -> tuple[str, ...]:
    """Refuse two Secrets for one registry: where the stack's configuration has one, others have none."""
    if not pulls or environment.cluster is None or not environment.cluster.pull_secret:
        return ()
    advice = f"`pulumi config rm cn:pull_config --stack {environment.name}` in infra/"
    message = (
        f"cn:pull_config: environments.{environment.name}.pull_secret names a Secret of others already; "
        f"remove one of the two (this one by {advice})"
    )
    return (message,)


def _capacity_problems(services: tuple[Service, ...], router: Container) -> tuple[str, ...]:
    return tuple(
        f"services.{name}.scale.min: {replicas} replicas and their successors do not fit into a network "
        f"of {subnets.ADDRESSES} addresses (choose fewer)"
        for name, replicas in _crowded(services, router).items()
    )


def _crowded(services: tuple[Service, ...], router: Container) -> dict[str, int]:
    """Return the services with more replicas than one of their networks has addresses, and how many.

    A container that is replaced has its successor beside it, so each counts twice. Of the services that meet
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


def _warnings(context: resolved.Context, environment: resolved.Environment) -> tuple[str, ...]:
    count = len(context.services)
    crowd = f"{count} services in one stack: above {MANY_SERVICES} every deployment becomes slow"
    blind = (
        f"services.{service.name}: ready: none: it counts as started once it has run for 5 seconds, and the "
        "gateway learns from failed connections only that it has gone"
        for service in context.services
        if service.ready == "none"
    )
    unscaled, unheld = [], []
    for service in context.services if environment.cluster is None else ():
        within = service.within(environment.name)
        if within.scale.max > within.scale.min:
            unscaled.append(
                f"services.{service.name}.scale.max: one engine does not scale, {within.scale.min} will run"
            )
        if within.egress and within.egress != (INTERNET,):
            unheld.append(f"services.{service.name}.egress: on one engine it reaches the whole internet")
    public = _public(environment.name, environment.cluster) if environment.cluster else ()
    return (
        *([crowd] if count > MANY_SERVICES else []),
        *context.circles(),
        *blind,
        *unscaled,
        *unheld,
        *public,
    )


def _public(name: str, cluster: resolved.Cluster) -> tuple[str, ...]:
    """Warn of a load balancer that takes passwords from everywhere, readable on their way."""
    chosen = any(
        _PRIVATE.search(key.lower()) and value.lower() not in _PUBLIC
        for key, value in cluster.annotations.items()
    )
    bounded = cluster.sources and not _EVERYBODY & set(cluster.sources)
    if cluster.entry != "loadbalancer" or bounded or chosen:
        return ()
    return (f"environments.{name}.gateway: the load balancer is public and speaks plain HTTP: {_CLOSED}",)
