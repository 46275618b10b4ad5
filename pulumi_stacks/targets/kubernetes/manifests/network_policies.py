"""Who reaches whom: nobody, but for one rule for each edge that the spec declares. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....plan import postgres
from ..cluster import cluster_of
from .metadata import selector

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ....plan.model import DeploymentPlan, Outside, Service
    from .metadata import Object, Part

# The label that every namespace has, with its name.
NAMESPACE = "kubernetes.io/metadata.name"
# A policy sees the port of the pod, not that of the Service before it: OpenShift's servers have the second.
NAME_PORTS = (53, 5353)
_SERVERS = (
    ("kube-system", {"k8s-app": "kube-dns"}),
    ("kube-system", {"k8s-app": "node-local-dns"}),
    ("openshift-dns", {"dns.operator.openshift.io/daemonset-dns": "default"}),
)


def _named(*ports: int) -> list[Object]:
    return [{"protocol": protocol, "port": port} for port in ports for protocol in ("UDP", "TCP")]


# Who tells addresses: the cluster's servers of names, by label, or a cache on each machine, by address.
NAMES: list[Object] = [
    {
        "to": [
            {
                "namespaceSelector": {"matchLabels": {NAMESPACE: namespace}},
                "podSelector": {"matchLabels": labels},
            }
            for namespace, labels in _SERVERS
        ],
        "ports": _named(*NAME_PORTS),
    },
    {"to": [{"ipBlock": {"cidr": "169.254.0.0/16"}}], "ports": _named(NAME_PORTS[0])},
]


def nobody(part: Part) -> Object:
    """Return the policy that lets no pod of the namespace reach or be reached."""
    spec = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    return part.make("NetworkPolicy", "networking.k8s.io/v1", name="default--deny", spec=spec)


def of_service(part: Part, service: Service, plan: DeploymentPlan) -> Object:
    """Let a service be called by its callers, the gateway and what reads its metrics, and reach its callees.

    It reaches its database, and what it may outside, too.
    """
    named = {other.key: other for other in plan.services}
    callers = [_of(caller, "service") for caller in service.callers]
    if service.route:
        callers.append(_of("gateway", "gateway"))
    callees = [_to(_of(key, "service"), named[key].port) for key in service.calls]
    if service.database:
        callees.append(_to(_of(service.key, "database"), postgres.PORT))
    readers = cluster_of(plan).metrics_from
    callers += [{"namespaceSelector": {"matchLabels": {NAMESPACE: reader}}} for reader in readers]
    return _policy(
        part,
        sources=[_from([caller], service.port) for caller in callers],
        goals=[*callees, *_outside(service.outside)],
    )


def of_migration(part: Part, service: Service) -> Object:
    """Let a migration reach its database, wherever that is."""
    inside = [_to(_of(service.key, "database"), postgres.PORT)] if service.database else []
    return _policy(part, sources=[], goals=inside or _outside(service.outside))


def of_database(part: Part, service: Service) -> Object:
    """Let a database be reached by its service and the service's migration; it reaches nobody."""
    components = ("service", *(["migration"] if service.migration else []))
    friends = [_of(service.key, component) for component in components]
    return _policy(part, sources=[_from(friends, postgres.PORT)], goals=None)


def of_gateway(part: Part, services: Iterable[Service], port: int) -> Object:
    """Let the gateway be reached by all, and reach the services that have a route."""
    routed = [_to(_of(service.key, "service"), service.port) for service in services if service.route]
    return _policy(part, sources=[_from([], port)], goals=routed)


def _of(name: str, component: str) -> Object:
    return {"podSelector": {"matchLabels": selector(name, component)}}


def _from(friends: Sequence[Object], port: int) -> Object:
    return {**({"from": list(friends)} if friends else {}), "ports": [{"protocol": "TCP", "port": port}]}


def _to(friend: Object, port: int) -> Object:
    return {"to": [friend], "ports": [{"protocol": "TCP", "port": port}]}


def _outside(networks: Iterable[Outside]) -> list[Object]:
    found = []
    for outside in networks:
        without = {"except": list(outside.without)} if outside.without else {}
        rule: Object = {"to": [{"ipBlock": {"cidr": outside.network, **without}}]}
        if outside.port:
            rule["ports"] = [{"protocol": "TCP", "port": outside.port}]
        found.append(rule)
    return found


def _policy(part: Part, sources: list[Object], goals: list[Object] | None) -> Object:
    """Write a policy; whoever reaches anything asks for its address first."""
    egress = [] if goals is None else [*NAMES, *goals]
    return part.make(
        "NetworkPolicy",
        "networking.k8s.io/v1",
        spec={
            "podSelector": {"matchLabels": part.selector},
            "policyTypes": ["Ingress", "Egress"],
            **({"ingress": sources} if sources else {}),
            **({"egress": egress} if egress else {}),
        },
    )
