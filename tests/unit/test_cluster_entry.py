"""By which address people reach the gateway of a cluster."""

from typing import Any

import pytest

from pulumi_stacks.kubernetes import entry


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
