"""The configuration of the gateway and the router."""

import re
from dataclasses import replace

import pytest

from pulumi_stacks.network.caddyfile import PRIVATE_PATHS, Route, before_router, caddyfile, slots

ORDERS = Route("/orders", "orders", ("orders.1.a:8080", "orders.1.b:8080"))
API = Route("/api/v1.0", "api", ("api.1.a:8080",))
ROOT = Route("/", "web", ("web.1.a:8080",))


def pattern(text: str, matcher: str) -> re.Pattern[str]:
    # The few constructs in use mean the same in Go and in Python, but for the end of the text.
    found = re.search(rf"@{re.escape(matcher)} (?:path|vars)_regexp (?:\S+ )?`(.*)`", text)
    assert found is not None
    return re.compile(found[1].replace("$", r"\Z"))


@pytest.mark.parametrize("path", PRIVATE_PATHS)
@pytest.mark.parametrize("tail", ["", "/", "/x", ".json", "\n", " ", ";a"])
def test_private_paths_are_private_in_any_case_and_with_anything_behind(path: str, tail: str):
    private = pattern(caddyfile([ORDERS], diagnostics=False), "private.orders")
    assert private.match(f"/orders{path}{tail}")
    assert private.match(f"/orders{path.upper()}{tail}")


@pytest.mark.parametrize(
    "path", ["/orders/metrics-report", "/orders/metrics2", "/orders/items/metrics", "/orders"]
)
def test_paths_that_only_look_private_are_public(path: str):
    text = caddyfile([ORDERS], diagnostics=False)
    assert not pattern(text, "private.orders").match(path)
    assert pattern(text, "public.orders").match(path)


@pytest.mark.parametrize(
    "path",
    [
        "//metrics",
        "/orders//x",
        "/orders/./x",
        "/orders/../x",
        "/orders/..",
        "/orders/a;b/x",
        "/orders/\\x",
        "/\x00",
    ],
)
def test_paths_that_servers_read_in_different_ways_are_refused(path: str):
    assert pattern(caddyfile([ORDERS], diagnostics=False), "ambiguous").search(path)


@pytest.mark.parametrize(
    "path", ["/orders", "/orders/", "/orders/a.b", "/orders/...", "/orders/.well-known/x"]
)
def test_ordinary_paths_are_not_refused(path: str):
    assert not pattern(caddyfile([ORDERS], diagnostics=False), "ambiguous").search(path)


def test_a_route_matches_itself_and_below_and_nothing_else():
    route = pattern(caddyfile([API], diagnostics=False), "public.api")
    assert route.match("/api/v1.0")
    assert route.match("/api/v1.0/x")
    assert not route.match("/api/v1x0/x")
    assert not route.match("/api/v1.00")
    assert not route.match("/API/v1.0")


def test_diagnostics_open_the_private_paths():
    assert "private" in caddyfile([ORDERS], diagnostics=False)
    assert "private" not in caddyfile([ORDERS], diagnostics=True)


def test_the_root_route_strips_nothing():
    text = caddyfile([ROOT], diagnostics=False)
    assert "strip_prefix" not in text
    assert pattern(text, "public.web").match("/anything")
    assert pattern(text, "private.web").match("/metrics")


def test_longer_routes_come_first_whatever_the_order():
    assert caddyfile([ROOT, ORDERS, API], diagnostics=False) == caddyfile(
        [API, ROOT, ORDERS], diagnostics=False
    )
    text = caddyfile([ROOT, ORDERS, API], diagnostics=False)
    assert (
        text.index("handle @public.api ")
        < text.index("handle @public.orders ")
        < text.index("handle @public.web ")
    )


def served(text: str, path: str) -> str:
    """Name the first handler that takes a path, as Caddy asks them in the order of the file."""
    names = re.findall(r"handle @(\S+) \{", text)
    return next((name for name in names if pattern(text, name).search(path)), "")


@pytest.mark.parametrize(
    ("path", "handler"),
    [
        ("/", "public.web"),
        ("/about", "public.web"),
        ("/apis", "public.web"),
        ("/metrics", "private.web"),
        ("/api", "public.api"),
        ("/api/items", "public.api"),
        ("/api/metrics", "private.api"),
        ("/api/v2/items", "public.next"),
        ("/api/v2/healthz", "private.next"),
        ("/api/metrics/daily", "public.report"),
        ("/peers/x", "public.peers"),
    ],
)
def test_the_longest_route_that_matches_gets_the_request(path: str, handler: str):
    names = {"web": "/", "api": "/api", "next": "/api/v2", "report": "/api/metrics/daily", "peers": "/peers"}
    routes = [Route(route, name, (f"{name}:8080",)) for name, route in names.items()]
    assert served(caddyfile(routes, diagnostics=False), path) == handler


def test_a_route_that_is_not_stripped_is_passed_on_and_its_private_paths_stay_private():
    kept = replace(ORDERS, strip=False)
    text = caddyfile([kept], diagnostics=False)
    assert "strip_prefix" not in text
    assert served(text, "/orders/metrics") == "private.orders"
    assert served(text, "/orders/items") == "public.orders"


@pytest.mark.parametrize("route", [ROOT, replace(ORDERS, strip=False)])
def test_a_prefix_that_a_client_makes_up_is_not_passed_on(route: Route):
    assert re.findall(r"header_up (.*)", caddyfile([route], diagnostics=False)) == ["-X-Forwarded-Prefix"]
    assert "header_up X-Forwarded-Prefix /api/v1.0\n" in caddyfile([API], diagnostics=False)


def test_each_route_has_its_own_limit_of_bodies():
    text = caddyfile([ORDERS, replace(API, body="50Mi"), replace(ROOT, body="1500")], diagnostics=False)
    assert re.findall(r"max_size (\S+)", text) == ["50MiB", "10MB", "1500B"]


@pytest.mark.parametrize(
    ("body", "read", "write"),
    [("10M", 60, 300), ("1Ki", 60, 300), ("50Mi", 314, 554), ("10Gi", 64424, 64664)],
)
def test_a_larger_body_has_more_time_to_arrive(body: str, read: int, write: int):
    text = caddyfile([ORDERS, replace(API, body=body)], diagnostics=False)
    assert f"\t\t\tread_body {read}s\n\t\t\twrite {write}s\n" in text


def test_a_sent_request_is_never_sent_again():
    text = caddyfile([ORDERS], diagnostics=False)
    assert re.search(r"lb_retry_match \{\n\s+method NONE\n\s+\}", text)
    assert "keepalive off" in text


def test_every_upstream_is_listed_and_asked_whether_it_is_ready():
    text = caddyfile([ORDERS], diagnostics=False)
    assert "reverse_proxy orders.1.a:8080 orders.1.b:8080 {" in text
    assert "health_uri /readyz" in text
    assert slots("orders", 1) == ("orders.1.a", "orders.1.b")
    assert not set(slots("orders", 1)) & set(slots("orders-1", 1))


def test_without_routes_everything_is_not_found():
    text = caddyfile([], diagnostics=False)
    assert "reverse_proxy " not in text
    assert "\thandle {\n\t\terror 404\n" in text


def test_the_text_is_indented_by_tabs_and_ends_with_one_line_feed():
    text = caddyfile([ORDERS, API, ROOT], diagnostics=False)
    assert text.endswith("}\n")
    assert "\n\n\n" not in text
    assert not re.search(r"^\t* +", text, re.MULTILINE)
    depth = 0
    for line in text.splitlines():
        depth -= line.strip() == "}"
        assert not line or line.startswith("\t" * depth + line.strip()[0])
        depth += line.endswith("{")
    assert depth == 0


def test_the_gateway_before_a_router_knows_of_routes_only_where_bodies_have_another_limit() -> None:
    plain = before_router([ORDERS, API, ROOT])
    assert plain == before_router([])
    assert re.findall(r"max_size (.*)", plain) == ["10MB"]
    below = replace(ORDERS, path="/big/orders", service="below")
    big = replace(API, path="/big", service="big", body="50Mi")
    text = before_router([ORDERS, big, below])
    assert re.findall(r"handle @body\.(\S+)|max_size (.*)", text) == [
        ("below", ""),
        ("", "10MB"),
        ("big", ""),
        ("", "50MiB"),
        ("", "10MB"),
    ]


def test_the_router_names_the_client_alone() -> None:
    assert "header_up X-Forwarded-For {client_ip}\n" in caddyfile([ORDERS], diagnostics=False, place="router")
    assert "X-Forwarded-For" not in caddyfile([ORDERS], diagnostics=False)
