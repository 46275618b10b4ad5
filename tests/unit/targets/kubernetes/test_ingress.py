"""By which address people reach the gateway of a cluster."""

from typing import Any

import pytest

from pulumi_stacks.targets.kubernetes.manifests import ingress
from tests.unit.clusters import Object, live, named, objects, of_kind, plan


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
    assert ingress.load_balancer_host({"loadBalancer": {"ingress": given}}) == told


def test_without_a_status_there_is_no_address_yet() -> None:
    assert (
        ingress.load_balancer_host(None)
        == ingress.load_balancer_host({})
        == ingress.load_balancer_host({"loadBalancer": {}})
        == ""
    )


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


SITE = {"name": "shop", "services": {"site": {"image": "caddy:2", "route": "/"}}}
DOMAIN = "shop.example.com"
KINDS = {"loadbalancer": "Service", "ingress": "Ingress", "gateway-api": "Gateway"}


def way_in(gateway: str, **fields: Any) -> Object:
    spec = live(SITE, gateway=gateway, **fields)
    return named(objects(spec, gateway_class="any"), KINDS[gateway], "gateway")


@pytest.mark.parametrize("gateway", KINDS)
def test_annotations_are_those_of_the_way_in_alone(gateway: str) -> None:
    spec = live(SITE, gateway=gateway, domain=DOMAIN, annotations={"example.com/a": "b"})
    made = objects(spec, gateway_class="any")
    has = [
        (each["kind"], each["metadata"]["name"])
        for each in made
        if each["metadata"].get("annotations", {}).get("example.com/a") == "b"
    ]
    assert has == [(KINDS[gateway], "gateway")]


def test_an_annotation_of_the_file_stands_beside_ours_and_decides_where_both_have_it() -> None:
    annotations = {"a": "b", ingress.HOSTNAME: "other.example.com"}
    made = way_in("loadbalancer", domain=DOMAIN, annotations=annotations)
    assert made["metadata"]["annotations"] == annotations
    assert way_in("loadbalancer", domain=DOMAIN)["metadata"]["annotations"] == {ingress.HOSTNAME: DOMAIN}
    made = way_in("ingress", domain=DOMAIN, annotations={"a": "b", ingress.BODY_LIMIT: "0"})
    assert made["metadata"]["annotations"] == {"a": "b", ingress.BODY_LIMIT: "0"}
    assert "annotations" not in way_in("gateway-api", domain=DOMAIN)["metadata"]


def test_a_load_balancer_lets_in_those_that_the_file_names_and_keeps_their_addresses() -> None:
    spec = way_in("loadbalancer", sources=["203.0.113.0/24", "2001:db8::/32"], client_address=True)["spec"]
    assert spec["loadBalancerSourceRanges"] == ["203.0.113.0/24", "2001:db8::/32"]
    assert spec["externalTrafficPolicy"] == "Local"
    plain = way_in("loadbalancer")["spec"]
    assert not {"loadBalancerSourceRanges", "externalTrafficPolicy"} & plain.keys()


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"domain": DOMAIN},
        {"client_address": True},
        {"sources": ["0.0.0.0/0"]},
        {"sources": ["203.0.113.0/24", "::/0"]},
        {"annotations": {"service.beta.kubernetes.io/aws-load-balancer-scheme": "internet-facing"}},
        {"annotations": {"service.beta.kubernetes.io/aws-load-balancer-internal": "false"}},
        {"annotations": {"networking.gke.io/load-balancer-type": "External"}},
        {"annotations": {"example.com/colour-scheme": "blue"}},
        {"annotations": {"example.com/team": "internal"}},
    ],
)
def test_a_public_load_balancer_is_warned_of_with_the_ways_out(fields: dict[str, Any]) -> None:
    [told] = plan(live(SITE, **fields)).warnings
    assert told == (
        "environments.live.gateway: the load balancer is public and speaks plain HTTP; choose gateway: "
        "ingress with a domain, or set the networks of its clients in sources (such as "
        "sources: [203.0.113.0/24])"
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"gateway": "ingress", "domain": DOMAIN},
        {"gateway": "gateway-api", "domain": DOMAIN},
        {"sources": ["203.0.113.0/24"]},
        {"annotations": {"service.beta.kubernetes.io/aws-load-balancer-scheme": "internal"}},
        {"annotations": {"networking.gke.io/load-balancer-type": "Internal"}},
        {"annotations": {"service.beta.kubernetes.io/azure-load-balancer-internal": "true"}},
    ],
)
def test_a_way_in_that_is_not_public_or_speaks_tls_is_not_warned_of(fields: dict[str, Any]) -> None:
    assert plan(live(SITE, **fields)).warnings == ()
