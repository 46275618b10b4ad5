"""What cn.yaml may say of clusters, scaling and egress: every fault with its place."""

import json

import pytest

from pulumi_stacks.system import load
from tests.unit.spec.test_loader import messages

HEAD = "name: shop\nregistry: ghcr.io/acme\nenvironments:\n"
ONE = "services: {api: {runtime: python}}\n"


def of_environments(text: str, services: str = ONE) -> list[str]:
    """Return the faults of environments that stand on line 4 and below."""
    return [line.removeprefix("cn.yaml:") for line in messages(f"{HEAD}{text}\n{services}")]


def of_service(fields: str) -> list[str]:
    text = f"name: shop\nservices:\n  api: {{runtime: python, {fields}}}\n"
    return [line.removeprefix("cn.yaml:") for line in messages(text)]


@pytest.mark.parametrize(
    ("environment", "fault"),
    [
        ("domain: a", '"a" is not a domain (such as shop.example.com): it must contain a dot'),
        (
            "namespace: kube-system",
            (
                '"kube-system" is not a namespace (1 to 63 of a-z, 0-9 and -; not default or kube-...)'
                ": Kubernetes reserves it"
            ),
        ),
        (
            "kube_context: 'a b'",
            (
                '"a b" is not the name of a context in a kubeconfig: it may only contain letters, digits, _, '
                "., :, /, @ and -"
            ),
        ),
        (
            "storage_class: Fast",
            (
                '"Fast" is not the name of a class of the cluster (such as standard): it must be '
                "lower case; write fast"
            ),
        ),
        (
            "gateway: nodeport",
            '"nodeport" is not one of: gateway-api, ingress, loadbalancer',
        ),
        (
            "gateway: ingress",
            ("ingress requires domain (such as domain: shop.example.com)"),
        ),
        (
            "gateway: gateway-api",
            "gateway-api requires domain (such as domain: shop.example.com)",
        ),
        ("database: mine", '"mine" is not one of: external, in-cluster'),
        (
            "approvers: [a]",
            "is not supported yet; remove it",
        ),
    ],
)
def test_a_bad_field_of_a_cluster_is_refused_at_its_place(environment: str, fault: str) -> None:
    name = environment.partition(":")[0]
    column = len("  prod: {target: kubernetes, ") + 1 + (0 if name == "approvers" else len(name) + 2)
    found = of_environments(f"  prod: {{target: kubernetes, {environment}}}")
    assert found == [f"4:{column}: environments.prod.{name}: {fault}"]


@pytest.mark.parametrize(
    "field",
    [
        "domain: a.example",
        "namespace: a",
        "kube_context: a",
        "storage_class: a",
        "gateway: loadbalancer",
        "database: in-cluster",
        "state: local",
        "protected: false",
        "pull_secret: a",
        "metrics_from: [a]",
        "annotations: {}",
        "sources: [203.0.113.0/24]",
        "client_address: false",
    ],
)
def test_a_field_of_clusters_is_refused_on_one_engine(field: str) -> None:
    [fault] = of_environments(f"  dev: {{target: docker, {field}}}")
    name = field.partition(":")[0]
    column = len("  dev: {target: docker, ") + 1 + len(name) + 2
    told = "requires target kubernetes (remove it, or change the target)"
    assert fault == f"4:{column}: environments.dev.{name}: {told}"


def test_two_environments_share_no_namespace_of_one_cluster() -> None:
    text = "  prod: {target: kubernetes}\n  test: {target: kubernetes, namespace: shop-prod}"
    assert of_environments(text) == [
        (
            '5:41: environments.test.namespace: the namespace "shop-prod" is already used by '
            "environments.prod; choose another one"
        )
    ]
    assert not of_environments(text.replace("shop-prod", "shop-prod, kube_context: other"))


def test_a_namespace_that_would_be_too_long_has_to_be_named() -> None:
    long = "a" * 40
    text = f"name: {'s' * 40}\nregistry: ghcr.io/acme\nenvironments:\n  {long}: {{target: kubernetes}}\n{ONE}"
    assert messages(text) == [
        (
            f"cn.yaml:4:3: environments.{long}: the default namespace has 81 characters (at most 63); "
            "set namespace"
        )
    ]
    assert not messages(text.replace("kubernetes}", "kubernetes, namespace: short}"))


def test_a_cluster_needs_a_registry_unless_all_images_are_ready() -> None:
    text = "name: shop\nenvironments: {prod: {target: kubernetes}}\n"
    assert messages(text + ONE) == [
        (
            "cn.yaml:2:31: environments.prod.target: a cluster pulls images from a registry, and "
            "no registry is set "
            "(such as registry: ghcr.io/acme)"
        )
    ]
    assert not messages(text + "services: {api: {image: caddy:2}}\n")


STORED = "services:\n  orders: {runtime: go, database: postgres}\n"


def test_an_external_database_has_to_be_reached() -> None:
    place = "  prod: {target: kubernetes, database: external}"
    assert of_environments(place, STORED) == [
        (
            "6:35: services.orders.database: is external in environments.prod; add its network and "
            "port to egress "
            "(such as [10.20.0.0/16:5432])"
        )
    ]
    open_everywhere = STORED.replace("postgres}", "postgres, egress: internet}")
    assert not of_environments(place, open_everywhere)
    closed = open_everywhere.replace("internet}", "internet, environments: {prod: {egress: none}}}")
    assert len(of_environments(place, closed)) == 1


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ("scale: {min: 3, max: 2}", "3:47: services.api.scale.max: 2 is less than scale.min (3)"),
        ("scale: {max: 0}", "3:39: services.api.scale.max: 0 is not between 1 and 100"),
        (
            "scale: {max: 2}, environments: {dev: {scale: {min: 3}}}",
            (
                "3:77: services.api.environments.dev.scale.min: 3 is more than "
                "services.api.scale.max (2); set max here too"
            ),
        ),
        (
            "scale: {min: 3}, environments: {dev: {scale: {max: 2}}}",
            (
                "3:77: services.api.environments.dev.scale.max: 2 is less than "
                "services.api.scale.min (3); set min here too"
            ),
        ),
        (
            "scale: {max: 2}, environments: {dev: {scale: {min: 3, max: null}}}",
            (
                "3:77: services.api.environments.dev.scale.min: 3 is more than "
                "services.api.scale.max (2); set max here too"
            ),
        ),
        (
            "environments: {dev: {scale: {min: 4, max: 2}}}",
            "3:68: services.api.environments.dev.scale.max: 2 is less than scale.min (4)",
        ),
        ("scale: {cpu: 100}", "3:39: services.api.scale.cpu: 100 is not between 10 and 95"),
        ("scale: {cpu: 9}", "3:39: services.api.scale.cpu: 9 is not between 10 and 95"),
    ],
)
def test_a_scale_that_is_invalid_is_refused(fields: str, fault: str) -> None:
    assert of_service(fields) == [fault]


def test_an_environment_may_have_as_many_replicas_as_the_service_at_most() -> None:
    assert of_service("scale: {max: 4}, environments: {dev: {scale: {min: 4}}}") == []


WANTED = "a network with a port (such as 203.0.113.0/24:443 or [2001:db8::/32]:443)"


@pytest.mark.parametrize(
    ("egress", "fault"),
    [
        ("all", '"all" is not none, internet, or a list such as [203.0.113.0/24:443]'),
        ("true", "true is not none, internet, or a list such as [203.0.113.0/24:443]"),
        ("[]", "[] is not none, internet, or a list such as [203.0.113.0/24:443]"),
        ("5", "5 is not none, internet, or a list such as [203.0.113.0/24:443]"),
        ("[internet]", f'"internet" is not {WANTED}; write egress: internet, without a list'),
        (
            "[10.0.0.0/8]",
            f'"10.0.0.0/8" is not {WANTED}: port missing; write 10.0.0.0/8:443 for https',
        ),
        ("['10.0.0.0/8:0']", f'"10.0.0.0/8:0" is not {WANTED}: port not between 1 and 65535'),
        ("['10.0.0.0/8:65536']", f'"10.0.0.0/8:65536" is not {WANTED}: port not between 1 and 65535'),
        (
            "['10.0.0.1/8:1']",
            (
                '"10.0.0.1/8:1" has host bits set; '
                "write 10.0.0.1/32:1 for this address, or 10.0.0.0/8:1 for the network"
            ),
        ),
        ("['10.0.0.0/33:1']", f"\"10.0.0.0/33:1\" is not {WANTED}: '33' is not a valid netmask"),
        ("['::/0:1']", f'"::/0:1" is not {WANTED}: IPv6 requires brackets; write [::/0]:1'),
        (
            "['[2001:db8::1/32]:1']",
            (
                '"[2001:db8::1/32]:1" has host bits set; '
                "write [2001:db8::1/128]:1 for this address, or [2001:db8::/32]:1 for the network"
            ),
        ),
        (
            "['a.example:443']",
            (
                f'"a.example:443" is not {WANTED}; host names are not supported: write its '
                "addresses, or egress: internet"
            ),
        ),
        (
            "[a.example]",
            (
                f'"a.example" is not {WANTED}; host names are not supported: write its '
                "addresses, or egress: internet"
            ),
        ),
        ("[443]", f"443 is not {WANTED}"),
    ],
)
def test_an_egress_that_is_invalid_is_refused(egress: str, fault: str) -> None:
    assert of_service(f"egress: {egress}") == [f"3:34: services.api.egress: {fault}"]
    place = "3:55: services.api.environments.dev.egress: "
    assert of_service(f"environments: {{dev: {{egress: {egress}}}}}") == [f"{place}{fault}"]


@pytest.mark.parametrize(
    ("written", "read", "again"),
    [
        ("none", (), "none"),
        ("internet", ("internet",), "internet"),
        (["10.0.0.0/8:5432"], ("10.0.0.0/8:5432",), ["10.0.0.0/8:5432"]),
        (["10.0.0.1:22", "10.0.0.1/32:00022"], ("10.0.0.1/32:22",), ["10.0.0.1/32:22"]),
        (["[2001:DB8:0::/32]:443"], ("[2001:db8::/32]:443",), ["[2001:db8::/32]:443"]),
        (
            ["[::1]:1", "0.0.0.0/0:65535"],
            ("[::1/128]:1", "0.0.0.0/0:65535"),
            ["[::1/128]:1", "0.0.0.0/0:65535"],
        ),
    ],
)
def test_an_egress_is_read_in_its_shortest_form_and_written_so_that_it_can_be_read(
    written: object, read: tuple[str, ...], again: object
) -> None:
    spec = load(json.dumps({"name": "s", "services": {"a": {"runtime": "go", "egress": written}}}).encode())
    assert spec.services["a"].egress == read
    dumped = spec.model_dump(mode="json", exclude_unset=True)
    assert dumped["services"]["a"]["egress"] == again
    assert load(json.dumps(dumped).encode()) == spec
