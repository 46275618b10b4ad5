"""The gateway's configuration in a real Caddy, asked in evasive spellings."""

import subprocess

import pytest

from pulumi_stacks.network.caddyfile import Route, caddyfile
from pulumi_stacks.plan.scope import BASE_IMAGES
from tests.e2e.gateways import ask

PRIVATE = [
    "/orders/metrics",
    "/orders/metrics/",
    "/orders/METRICS",
    "/orders/%6detrics",
    "/orders//metrics",
    "//orders/metrics",
    "/orders/./metrics",
    "/orders/%2e/metrics",
    "/orders/x/../metrics",
    "/orders/x/%2e%2e/metrics",
    "/x/../orders/metrics",
    "/orders/%2fmetrics",
    "/orders%2fmetrics",
    "/orders/metrics%0a",
    "/orders/metrics%00",
    "/orders/metrics;x",
    "/orders/;x/metrics",
    "/orders/..;/metrics",
    "/orders/%5cmetrics",
    "/%6frders/metrics",
    "/orders/healthz?x=1",
    "/orders/readyz",
    "/orders/peers",
    "/orders/archive/metrics",
]
PUBLIC = {
    "/orders": "/",
    "/orders/": "/",
    "/orders/items?a=1": "/items?a=1",
    "/orders/a%2Fb": "/a%2Fb",
    "/orders/%C3%A9": "/%C3%A9",
    "/orders/metrics-report": "/metrics-report",
    "/orders/items/metrics": "/items/metrics",
    "/orders/archives": "/archives",
    "/orders/archive": "/orders/archive",
    "/orders/archive/a%2Fb?c=1": "/orders/archive/a%2Fb?c=1",
    "/orders/%61rchive/x": "/orders/%61rchive/x",
}
UNKNOWN = ["/", "/ordersx", "/ORDERS/items", "/nothing"]


def test_services_called_like_our_own_matchers_are_served():
    names = ("api", "api-private", "ambiguous", "private", "public", "private-api")
    text = caddyfile([Route(f"/{name}", name, (f"{name}:8080",)) for name in names], diagnostics=False)
    validate = ("caddy", "validate", "--adapter", "caddyfile", "--config", "-")
    done = subprocess.run(
        ["docker", "run", "--rm", "--interactive", BASE_IMAGES["caddy"], *validate],
        input=text,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", [*PRIVATE, *UNKNOWN])
def test_what_is_private_or_unknown_is_not_found_however_it_is_spelt(port: int, path: str):
    status, body, headers = ask(port, path)
    assert status == 404
    assert headers["content-type"] == "application/problem+json"
    assert body == '{"title":"Not Found","status":404}'


@pytest.mark.parametrize(("path", "passed_on"), PUBLIC.items())
def test_what_is_public_arrives_without_its_prefix_unless_it_keeps_it(port: int, path: str, passed_on: str):
    status, body, headers = ask(port, path)
    assert (status, body) == (200, passed_on)
    assert "server" not in headers


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_request_that_was_sent_is_not_sent_again(port: int, method: str):
    before = int(ask(port, "/orders/crashes")[1])
    assert ask(port, "/orders/crash", method)[0] == 502
    assert int(ask(port, "/orders/crashes")[1]) == before + 1


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("/orders", 9_000_000, 200),
        ("/orders", 11_000_000, 413),
        ("/orders/archive", 12 * 2**20, 200),
        ("/orders/archive", 12 * 2**20 + 1, 413),
    ],
)
def test_a_body_may_be_as_large_as_its_route_allows(port: int, path: str, size: int, status: int):
    try:
        assert ask(port, path, "PUT", bytes(size))[0] == status
    except BrokenPipeError:
        # The gateway closes on what it does not read.
        assert status == 413
