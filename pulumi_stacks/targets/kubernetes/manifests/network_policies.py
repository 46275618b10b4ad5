"""Network policies: default deny, and one rule for each edge that the spec declares. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....plan import postgres
from ..cluster import cluster_of
from .metadata import selector

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ....plan.model import DeploymentPlan, EgressNetwork, Service
    from .metadata import Object, PodGroup

# The label with the name of a namespace, which the cluster sets.
NAMESPACE = "kubernetes.io/metadata.name"
# A policy applies to the port of the pod, not to that of its Service: on OpenShift it is 5353.
DNS_PORTS = (53, 5353)
_DNS_SERVERS = (
    ("kube-system", {"k8s-app": "kube-dns"}),
    ("kube-system", {"k8s-app": "node-local-dns"}),
    ("openshift-dns", {"dns.operator.openshift.io/daemonset-dns": "default"}),
)


def _dns_ports(*ports: int) -> list[Object]:
    return [{"protocol": protocol, "port": port} for port in ports for protocol in ("UDP", "TCP")]


# The DNS servers of the cluster, by label, and the DNS cache of each node, by address.
DNS: list[Object] = [
    {
        "to": [
            {
                "namespaceSelector": {"matchLabels": {NAMESPACE: namespace}},
                "podSelector": {"matchLabels": labels},
            }
            for namespace, labels in _DNS_SERVERS
        ],
        "ports": _dns_ports(*DNS_PORTS),
    },
    {"to": [{"ipBlock": {"cidr": "169.254.0.0/16"}}], "ports": _dns_ports(DNS_PORTS[0])},
]


def default_deny(pods: PodGroup) -> Object:
    """Return the policy that denies all traffic of the pods in the namespace."""
    spec = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    return pods.manifest("NetworkPolicy", "networking.k8s.io/v1", name="default--deny", spec=spec)


def of_service(pods: PodGroup, service: Service, plan: DeploymentPlan) -> Object:
    """Allow traffic to a service from its callers, the gateway and the metrics namespaces.

    Allow traffic from it to its callees, its database and the networks of its egress.
    """
    named = {other.key: other for other in plan.services}
    callers = [_of(caller, "service") for caller in service.callers]
    if service.route:
        callers.append(_of("gateway", "gateway"))
    callees = [_to(_of(key, "service"), named[key].port) for key in service.calls]
    if service.database:
        callees.append(_to(_of(service.key, "database"), postgres.PORT))
    metrics_namespaces = cluster_of(plan).metrics_from
    callers += [
        {"namespaceSelector": {"matchLabels": {NAMESPACE: namespace}}} for namespace in metrics_namespaces
    ]
    return _policy(
        pods,
        ingress_rules=[_from([caller], service.port) for caller in callers],
        egress_rules=[*callees, *_egress_rules(service.egress)],
    )


def of_migration(pods: PodGroup, service: Service) -> Object:
    """Allow traffic from a migration to its database, in the cluster or outside."""
    inside = [_to(_of(service.key, "database"), postgres.PORT)] if service.database else []
    return _policy(pods, ingress_rules=[], egress_rules=inside or _egress_rules(service.egress))


def of_database(pods: PodGroup, service: Service) -> Object:
    """Allow traffic to a database from its service and its migration, and none from it."""
    components = ("service", *(["migration"] if service.migration else []))
    peers = [_of(service.key, component) for component in components]
    return _policy(pods, ingress_rules=[_from(peers, postgres.PORT)], egress_rules=None)


def of_gateway(pods: PodGroup, services: Iterable[Service], port: int) -> Object:
    """Allow all traffic to the gateway, and from it to the services with a route."""
    routed = [_to(_of(service.key, "service"), service.port) for service in services if service.route]
    return _policy(pods, ingress_rules=[_from([], port)], egress_rules=routed)


def _of(name: str, component: str) -> Object:
    return {"podSelector": {"matchLabels": selector(name, component)}}


def _from(peers: Sequence[Object], port: int) -> Object:
    return {**({"from": list(peers)} if peers else {}), "ports": [{"protocol": "TCP", "port": port}]}


def _to(peer: Object, port: int) -> Object:
    return {"to": [peer], "ports": [{"protocol": "TCP", "port": port}]}


def _egress_rules(networks: Iterable[EgressNetwork]) -> list[Object]:
    found = []
    for allowed in networks:
        without = {"except": list(allowed.without)} if allowed.without else {}
        rule: Object = {"to": [{"ipBlock": {"cidr": allowed.network, **without}}]}
        if allowed.port:
            rule["ports"] = [{"protocol": "TCP", "port": allowed.port}]
        found.append(rule)
    return found


def _policy(pods: PodGroup, ingress_rules: list[Object], egress_rules: list[Object] | None) -> Object:
    """Return a policy; with any egress rule it also allows DNS."""
    egress = [] if egress_rules is None else [*DNS, *egress_rules]
    return pods.manifest(
        "NetworkPolicy",
        "networking.k8s.io/v1",
        spec={
            "podSelector": {"matchLabels": pods.selector},
            "policyTypes": ["Ingress", "Egress"],
            **({"ingress": ingress_rules} if ingress_rules else {}),
            **({"egress": egress} if egress else {}),
        },
    )
