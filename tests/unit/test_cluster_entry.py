"""By which address people reach the gateway of a cluster."""

from typing import Any

import pytest

from pulumi_stacks.kubernetes import entry
from tests.unit.clusters import live, objects, of_kind


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([{"ip": "203.0.113.7"}], "203.0.113.7"),
        ([{"ip": "2001:db8::7"}], "[2001:db8::7]"),
        ([{"hostname": "a.elb.example.com"}], "a.elb.example.com"),
        ([{"ip": "203.0.113.7"}, {"ip": "203.0.113.8"}], "203.0.113.7"),
        ([], ""),
        (None, ""),
    ],
)
def test_a_load_balancer_is_named_as_a_url_has_it(given: Any, told: str) -> None:
    assert entry.host({"loadBalancer": {"ingress": given}}) == told


def test_without_a_status_there_is_no_address_yet() -> None:
    assert entry.host(None) == entry.host({}) == entry.host({"loadBalancer": {}}) == ""


@pytest.mark.parametrize(("body", "limit"), [({}, "10000000"), ({"body": "50Mi"}, "52428800")])
def test_an_ingress_lets_the_largest_body_of_any_route_through(body: dict[str, str], limit: str) -> None:
    services = {
        "api": {"image": "caddy:2", "route": "/api", **body},
        "web": {"image": "caddy:2", "route": "/", "body": "1Ki"},
        "inner": {"image": "caddy:2", "body": "10Gi"},
    }
    spec = live({"name": "shop", "services": services}, gateway="ingress", domain="shop.example.com")
    [ingress] = of_kind(objects(spec), "Ingress")
    assert ingress["metadata"]["annotations"] == {"nginx.ingress.kubernetes.io/proxy-body-size": limit}
