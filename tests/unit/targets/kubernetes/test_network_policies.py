"""On a cluster a pod reaches what the spec declares, in that direction, and nothing else."""

from copy import deepcopy

import pytest
from hypothesis import Phase, given, settings

from tests.examples import examples
from tests.property.specs import NETWORKS, specs
from tests.unit.clusters import LIVE, Object, Spec, clusters, example, live, named, objects, of_kind
from tests.unit.reachable import GATEWAY, Policies, declared, egress, may_leave

ADDRESSES = (
    *("203.0.113.0", "203.0.114.0", "1.1.1.1"),
    *("10.0.0.1", "100.64.0.1", "169.254.169.254", "172.16.0.1", "172.32.0.1", "192.168.1.1"),
    *("2001:db8::1", "2001:db9::1", "fd00::1", "fe80::1"),
)
PORTS = (443, 5432, 80, 65535, 22)
PLACES = [(name, place) for name in ("02-shop", "03-full") for place in clusters(example(name))]
CALLS = {
    "a": {"runtime": "python", "database": "postgres", "route": "/a", "calls": ["b", "c"]},
    "b": {"runtime": "dockerfile", "database": "postgres", "port": 9000, "calls": ["c"], "id": "bee"},
    "c": {"image": "caddy:2", "ready": "none", "egress": "internet"},
    "d": {"runtime": "go", "egress": ["10.0.0.0/8:5432", "[2001:db8::/32]:443"]},
}
SYSTEM: Spec = live({"name": "s", "services": CALLS})


def assert_as_declared(spec: Spec, environment: str) -> None:
    made = objects(spec, environment, gateway_class="any")
    policies = Policies(made)
    assert set(policies.edges()) == declared(spec, environment)
    # Each end says it by itself; all may ask the gateway.
    assert set(policies.one_sided("egress")) == declared(spec, environment)
    asked = {edge for edge in policies.one_sided("ingress") if edge[1] != GATEWAY}
    assert asked == declared(spec, environment)
    assert set(policies.public()) == {(GATEWAY, 8080)}
    place = spec["environments"][environment]
    assert_read(policies, spec, place.get("metrics_from", []))
    external = place.get("database") == "external"
    for name, service in spec["services"].items():
        identity, said = service.get("id", name), egress(service, environment)
        migration = said if external else "none"
        for component, words in (("service", said), ("migration", migration), ("database", "none")):
            pods = (identity, component)
            if pods in policies.pods:
                assert policies.asks_for_names(pods) == (component != "database")
                for address in ADDRESSES:
                    for port in PORTS:
                        allowed = policies.leaves(pods, address, port)
                        assert allowed == may_leave(words, address, port), (pods, address, port)
    assert not any(policies.leaves(GATEWAY, address, 443) for address in ADDRESSES)


def assert_read(policies: Policies, spec: Spec, readers: list[str]) -> None:
    """See that pods of these namespaces reach services at their port, and nothing else."""
    ports = {service.get("id", name): service.get("port", 8080) for name, service in spec["services"].items()}
    for pods in policies.pods:
        for reader in ("monitoring", "kube-system", "other"):
            for port in policies.ports:
                wanted = reader in readers and pods[1] == "service" and port == ports[pods[0]]
                assert policies.asked_from(pods, reader, port) == (wanted or (pods, port) == (GATEWAY, 8080))


@pytest.mark.parametrize(("name", "place"), PLACES)
def test_the_policies_of_an_example_are_its_arrows(name: str, place: str) -> None:
    assert_as_declared(example(name), place)
    assert declared(example(name), place)


def test_the_policies_of_every_kind_of_service_are_its_arrows() -> None:
    assert_as_declared(SYSTEM, LIVE)
    assert (("a", "service"), ("bee", "service"), 9000) in declared(SYSTEM, LIVE)
    assert (("bee", "migration"), ("bee", "database"), 5432) not in declared(SYSTEM, LIVE)


@settings(max_examples=examples(30), phases=(Phase.explicit, Phase.generate))
@given(specs())
def test_the_policies_of_every_spec_are_its_arrows(spec: Spec) -> None:
    for place in clusters(spec) or [LIVE]:
        assert_as_declared(spec if clusters(spec) else live(spec), place)


def test_everything_is_denied_by_one_policy_first() -> None:
    [_, first, *_] = made = objects(SYSTEM)
    assert first["kind"] == "NetworkPolicy"
    assert first["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    assert not set(Policies([made[0], first, *of_kind(made, "Deployment", "StatefulSet", "Job")]).edges())


def blocks(made: list[Object], name: str) -> list[Object]:
    _, cache, *rules = named(made, "NetworkPolicy", name)["spec"]["egress"]
    assert cache["to"] == [{"ipBlock": {"cidr": "169.254.0.0/16"}}]
    assert {each["port"] for each in cache["ports"]} == {53}
    return [rule for rule in rules if "ipBlock" in rule["to"][0]]


def test_a_list_of_networks_is_written_as_blocks_with_their_ports() -> None:
    assert blocks(objects(SYSTEM), "d") == [
        {"to": [{"ipBlock": {"cidr": "10.0.0.0/8"}}], "ports": [{"protocol": "TCP", "port": 5432}]},
        {"to": [{"ipBlock": {"cidr": "2001:db8::/32"}}], "ports": [{"protocol": "TCP", "port": 443}]},
    ]
    assert blocks(objects(SYSTEM), "a") == []


def test_the_internet_is_all_addresses_but_private_ones_on_every_port() -> None:
    found = blocks(objects(SYSTEM), "c")
    assert [rule["to"][0]["ipBlock"]["cidr"] for rule in found] == ["0.0.0.0/0", "::/0"]
    assert "169.254.0.0/16" in found[0]["to"][0]["ipBlock"]["except"], "metadata of a cloud"
    assert all("ports" not in rule for rule in found)


@pytest.mark.parametrize(
    ("namespace", "labels", "port"),
    [
        ("kube-system", {"k8s-app": "kube-dns"}, 443),
        ("kube-system", {"k8s-app": "metrics-server"}, 53),
        ("default", {"k8s-app": "kube-dns"}, 53),
        ("openshift-dns", {"k8s-app": "kube-dns"}, 5353),
        ("openshift-dns", {"dns.operator.openshift.io/daemonset-dns": "other"}, 5353),
    ],
)
def test_of_the_servers_of_names_nothing_else_is_reached(
    namespace: str, labels: dict[str, str], port: int
) -> None:
    policies = Policies(objects(SYSTEM))
    assert not any(policies.asks(pods, namespace, labels, port) for pods in policies.pods)


NAT64 = {
    "64:ff9b::101:101": True,  # 1.1.1.1
    "64:ff9b::cb00:7107": True,  # 203.0.113.7
    "64:ff9b::a9fe:a9fe": False,  # 169.254.169.254, the metadata of a cloud
    "64:ff9b::a83f:8110": False,  # 168.63.129.16, those of another one
    "64:ff9b::a83f:8111": True,  # 168.63.129.17
    "64:ff9b::aff:ffff": False,  # 10.255.255.255
    "64:ff9b::b00:0": True,  # 11.0.0.0
    "64:ff9b::ac1f:ffff": False,  # 172.31.255.255
    "64:ff9b::ac20:1": True,  # 172.32.0.1
    "64:ff9b::c0a8:101": False,  # 192.168.1.1
    "64:ff9b::6440:1": False,  # 100.64.0.1
    "64:ff9b:1::101:101": False,  # whatever a network shows there
}


@pytest.mark.parametrize(("address", "public"), NAT64.items())
def test_the_internet_by_nat64_is_that_without_what_is_private(address: str, public: bool) -> None:
    policies = Policies(objects(SYSTEM))
    assert policies.leaves(("c", "service"), address, 443) == public


@pytest.mark.parametrize("network", NETWORKS)
def test_an_environment_decides_on_egress_for_itself(network: str) -> None:
    services = {"x": {"runtime": "go", "egress": "internet", "environments": {LIVE: {"egress": [network]}}}}
    assert len(blocks(objects(live({"name": "s", "services": services})), "x")) == 1
    services["x"]["environments"] = {LIVE: {"egress": "none"}}
    assert blocks(objects(live({"name": "s", "services": services})), "x") == []


def test_an_external_database_is_reached_by_egress_and_has_no_pod() -> None:
    services = {"x": {"runtime": "go", "database": "postgres", "egress": ["10.20.0.0/16:5432"]}}
    spec = live({"name": "s", "services": services}, database="external")
    assert_as_declared(spec, LIVE)
    assert len(blocks(objects(spec), "migrate--x")) == 1
    assert not of_kind(objects(spec), "StatefulSet")


def broken(policy: str, way: str, value: object) -> list[Object]:
    made = deepcopy(objects(SYSTEM))
    named(made, "NetworkPolicy", policy)["spec"][way] = value
    return made


def test_what_reads_metrics_reaches_services_and_no_database() -> None:
    spec = live({"name": "s", "services": CALLS}, metrics_from=["monitoring", "kube-system"])
    assert_as_declared(spec, LIVE)
    policies = Policies(objects(spec))
    assert policies.asked_from(("d", "service"), "monitoring", 8080)
    assert policies.asked_from(("bee", "service"), "kube-system", 9000)
    assert not policies.asked_from(("bee", "database"), "monitoring", 5432)
    assert not policies.asked_from(("d", "service"), "monitoring", 9000)


@pytest.mark.parametrize(
    ("policy", "way", "value"),
    [
        ("c", "ingress", [{}]),
        ("a", "egress", []),
        ("database--bee", "ingress", [{"ports": [{"protocol": "TCP", "port": 5432}]}]),
        ("c", "podSelector", {"matchLabels": {"app.kubernetes.io/name": "other"}}),
    ],
)
def test_a_policy_that_says_something_else_is_seen(policy: str, way: str, value: object) -> None:
    found = Policies(broken(policy, way, value))
    wanted = (declared(SYSTEM, LIVE), {(GATEWAY, 8080)})
    assert (set(found.edges()), set(found.public())) != wanted
