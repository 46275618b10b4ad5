"""What is said of faults in how people reach a gateway on a cluster."""

import pytest

from pulumi_stacks.system import load
from tests.unit.spec.test_cluster_messages import faults

CONTROLLER = "set externalTrafficPolicy: Local on the Service of its controller, and remove this field"
ONLY = "requires gateway: loadbalancer; with"
NETWORK = "a network (such as 203.0.113.0/24 or 2001:db8::/32)"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ("sources: 10.0.0.0/8", 'sources: "10.0.0.0/8" is not a list (such as [one, two])'),
        ("sources: [10.0.0.1/8]", (
            'sources[0]: "10.0.0.1/8" has host bits set; '
            'write 10.0.0.1/32 for this address, or 10.0.0.0/8 for the network'
        )),
        ("sources: [10.0.0.0/33]", f'sources[0]: "10.0.0.0/33" is not {NETWORK}'),
        ("sources: [office.example]", (
            f'sources[0]: "office.example" is not {NETWORK}; write addresses instead of a name'
        )),
        ("sources: ['2001:db8::1/32']", (
            'sources[0]: "2001:db8::1/32" has host bits set; '
            'write 2001:db8::1/128 for this address, or 2001:db8::/32 for the network'
        )),
        ("gateway: ingress, domain: a.example, sources: [10.0.0.0/8]", (
            f"sources: {ONLY} ingress use an annotation of its controller (such as "
            "nginx.ingress.kubernetes.io/whitelist-source-range)"
        )),
        ("gateway: gateway-api, domain: a.example, sources: [10.0.0.0/8]", (
            f"sources: {ONLY} gateway-api use a policy or an annotation of its controller"
        )),
        ("gateway: ingress, domain: a.example, client_address: true", (
            f"client_address: {ONLY} ingress {CONTROLLER}"
        )),
        ("gateway: gateway-api, domain: a.example, client_address: true", (
            f"client_address: {ONLY} gateway-api {CONTROLLER}"
        )),
        ("client_address: 'yes'", 'client_address: "yes" is not true or false'),
        ("annotations: [a]", "annotations: a list is not a mapping of fields"),
        ("annotations: {a: true}", 'annotations.a: true is not a string; quote it: "true"'),
        ("annotations: {a: AKIAABCDEFGHIJKLMNOP}", (
            "annotations.a: looks like a secret (an AWS access key); remove it, as cn.yaml is "
            "committed; set the annotation outside of cn-new"
        )),
    ],
)  # fmt: skip
def test_a_fault_of_the_way_in_says_what_would_be_right(fields: str, said: str) -> None:
    assert faults(f"{{prod: {{target: kubernetes, {fields}}}}}") == [f"environments.prod.{said}"]


@pytest.mark.parametrize(
    "fields",
    [
        "gateway: ingress, domain: a.example, client_address: false",
        "annotations: {nginx.ingress.kubernetes.io/auth-secret: basic-auth, x-a: b, A.b/C_d: ''}",
        "sources: [203.0.113.7, 0.0.0.0/0, '::/0']",
    ],
)
def test_what_says_nothing_wrong_is_taken(fields: str) -> None:
    assert faults(f"{{prod: {{target: kubernetes, {fields}}}}}") == []


def test_sources_are_read_in_their_shortest_form() -> None:
    text = (
        b"name: s\nenvironments: {prod: {target: kubernetes, sources: [203.0.113.7, '2001:DB8::/32']}}\n"
        b"services: {a: {image: a/b}}\n"
    )
    assert load(text).environments["prod"].sources == ("203.0.113.7/32", "2001:db8::/32")
