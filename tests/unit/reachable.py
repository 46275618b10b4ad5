"""Connections: as NetworkPolicies say it by the rules of Kubernetes, and as a spec declares it.

Both become sets of (pods that ask, pods that answer, port), where pods are named (service's id, component).
"""

from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_address, ip_network
from typing import Any

from tests.unit.clusters import Object, Spec, of_kind, templates

Pods = tuple[str, str]
Edge = tuple[Pods, Pods, int]
Labels = Mapping[str, str]

GATEWAY: Pods = ("gateway", "gateway")
DATABASE_PORT = 5432
# Servers of names: namespace, labels, the port on which their pods listen.
SERVERS: tuple[tuple[str, Labels, int], ...] = (
    ("kube-system", {"k8s-app": "kube-dns"}, 53),
    ("kube-system", {"k8s-app": "kube-dns"}, 5353),
    ("kube-system", {"k8s-app": "node-local-dns"}, 53),
    ("openshift-dns", {"dns.operator.openshift.io/daemonset-dns": "default"}, 5353),
)
# Not public, whatever a cluster has there.
PRIVATE = (
    *("10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"),
    *("fc00::/7", "fe80::/10"),
)
# Where pods are: a rule for these networks is one for pods too.
PODS = ("10.244.0.7", "fd00:244::7")


class Policies:
    """The NetworkPolicies of a namespace, asked as an enforcer of them would decide."""

    def __init__(self, made: list[Object]) -> None:
        self._policies = [each["spec"] for each in of_kind(made, "NetworkPolicy")]
        self._namespace = {"kubernetes.io/metadata.name": made[0]["metadata"]["name"]}
        self.pods: dict[Pods, Labels] = {}
        self.ports: set[int] = {53, 80, 443, 8080, 8081, DATABASE_PORT}
        for owner, template in templates(made):
            labels = template["metadata"]["labels"]
            pods = (labels["app.kubernetes.io/name"], labels["app.kubernetes.io/component"])
            assert pods not in self.pods, owner["metadata"]["name"]
            self.pods[pods] = labels
            for container in template["spec"]["containers"]:
                self.ports |= {port["containerPort"] for port in container.get("ports", ())}

    def edges(self) -> Iterator[Edge]:
        """Yield who may reach whom."""
        yield from set(self.one_sided("egress", PODS)) & set(self.one_sided("ingress", PODS))

    def one_sided(self, way: str, addresses: tuple[str, ...] = ()) -> Iterator[Edge]:
        """Yield whom pods may ask, or who may ask them, by their own policies; pods have these addresses."""
        for source, asking in self.pods.items():
            for goal, asked in self.pods.items():
                own, other = (asking, asked) if way == "egress" else (asked, asking)
                for port in self.ports if source != goal else ():
                    if self._open(own, way, port, other, self._namespace, addresses=addresses):
                        yield source, goal, port

    def public(self) -> Iterator[tuple[Pods, int]]:
        """Yield what anybody outside of the namespace may reach."""
        for pods, labels in self.pods.items():
            for port in self.ports:
                if self._open(labels, "ingress", port, {}, {}):
                    yield pods, port

    def asks_for_names(self, pods: Pods) -> bool:
        asked = {self.asks(pods, *server) for server in SERVERS}
        assert len(asked) == 1, "some servers are reached and others are not"
        return asked.pop()

    def asks(self, pods: Pods, namespace: str, labels: Labels, port: int) -> bool:
        """Say whether pods may reach those with these labels in another namespace."""
        return self._open(self.pods[pods], "egress", port, labels, {"kubernetes.io/metadata.name": namespace})

    def asked_from(self, pods: Pods, namespace: str, port: int) -> bool:
        """Say whether pods may be reached by those of another namespace, which have any labels."""
        return self._open(
            self.pods[pods],
            "ingress",
            port,
            {"app": "prometheus"},
            {"kubernetes.io/metadata.name": namespace},
        )

    def leaves(self, pods: Pods, address: str, port: int) -> bool:
        """Say whether pods may reach an address that no pod has."""
        return self._open(self.pods[pods], "egress", port, addresses=(address,))

    def _open(
        self,
        own: Labels,
        way: str,
        port: int,
        other: Labels | None = None,
        namespace: Labels | None = None,
        *,
        addresses: tuple[str, ...] = PODS,
    ) -> bool:
        word = {"egress": "to", "ingress": "from"}[way]
        applied = [
            policy
            for policy in self._policies
            if way.capitalize() in policy["policyTypes"] and _selects(policy["podSelector"], own)
        ]
        rules = (rule for policy in applied for rule in policy.get(way, ()))
        return not applied or any(
            _port(rule, port) and self._peers(rule.get(word, ()), other, namespace, addresses)
            for rule in rules
        )

    def _peers(self, peers: Iterable[Object], *who: Any) -> bool:
        """Say whether one of the peers of a rule is meant; a rule without peers means all."""
        found = list(peers)
        return not found or any(self._peer(peer, *who) for peer in found)

    def _peer(
        self, peer: Object, labels: Labels | None, namespace: Labels | None, addresses: tuple[str, ...]
    ) -> bool:
        if "ipBlock" in peer:
            return any(_inside(peer["ipBlock"], address) for address in addresses)
        if labels is None or namespace is None:
            return False
        if "namespaceSelector" in peer:
            near = _selects(peer["namespaceSelector"], namespace)
        else:
            near = namespace == self._namespace
        return near and _selects(peer.get("podSelector", {}), labels)


def _selects(selector: Object, labels: Labels) -> bool:
    assert selector.keys() <= {"matchLabels"}
    return selector.get("matchLabels", {}).items() <= labels.items()


def _port(rule: Object, port: int) -> bool:
    ports = rule.get("ports", [{"protocol": "TCP", "port": port}])
    return any((each["protocol"], each["port"]) == ("TCP", port) for each in ports)


def _inside(block: Object, address: str) -> bool:
    within = ip_network(block["cidr"])
    assert all(ip_network(hole).subnet_of(within) for hole in block.get("except", ()))  # type: ignore[arg-type]
    where = ip_address(address)
    return where in within and not any(where in ip_network(hole) for hole in block.get("except", ()))


def declared(spec: Spec, environment: str) -> set[Edge]:
    """Return who may reach whom by a spec."""
    return set(_declared(spec["services"], spec["environments"][environment].get("database") == "external"))


def _declared(services: Mapping[str, Any], external: bool) -> Iterator[Edge]:
    ids = {name: service.get("id", name) for name, service in services.items()}
    for name, service in services.items():
        own = (ids[name], "service")
        for callee in service.get("calls", ()):
            yield own, (ids[callee], "service"), services[callee].get("port", 8080)
        if service.get("route"):
            yield GATEWAY, own, service.get("port", 8080)
        if service.get("database") and not external:
            yield own, (ids[name], "database"), DATABASE_PORT
            if service.get("runtime", "dockerfile") != "dockerfile":
                yield (ids[name], "migration"), (ids[name], "database"), DATABASE_PORT


def egress(service: Mapping[str, Any], environment: str) -> Any:
    """Return what a spec says of a service's egress in an environment."""
    override = service.get("environments", {}).get(environment, {})
    return override.get("egress", service.get("egress", "none"))


def may_leave(said: Any, address: str, port: int) -> bool:
    """Say whether `egress` of a spec opens an address and a port."""
    if said == "none":
        return False
    if said == "internet":
        return not _any_holds(PRIVATE, address)
    parts = (entry.rpartition(":") for entry in said)
    return any(int(end) == port and _any_holds([network.strip("[]")], address) for network, _, end in parts)


def _any_holds(networks: Iterable[str], address: str) -> bool:
    return any(ip_address(address) in ip_network(network) for network in networks)
