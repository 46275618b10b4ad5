"""One life of examples/02-shop, in order: each test continues where the previous one ended.

It continues in test_shop_changes.py and test_shop_compose.py, and ends in test_shop_down.py.
"""

import pytest

from tests.e2e.figures import timed
from tests.e2e.probes import (
    assert_hardened,
    beside,
    connects,
    ids,
    query,
    reached,
    sign_in,
)
from tests.e2e.system import System, addresses, execute

TIMEOUT = 45  # seconds that a service has to get ready; the default is longer
ITEMS = "/orders/items"

_PEERS = """
import urllib.request
print(urllib.request.urlopen("http://127.0.0.1:8080/peers", timeout=9).read().decode())
"""

_ASKED = """
import sys, urllib.request
try:
    print(urllib.request.urlopen(sys.argv[1], timeout=5).status)
except OSError as error:
    print(error)
"""


def test_up_on_a_fresh_stack_answers_through_the_gateway(shop: System) -> None:
    shop.configure(port=shop.port, timeout=TIMEOUT)
    with timed("up, images cold or from cache"):
        said = shop.make("up").stdout
    assert f"http://127.0.0.1:{shop.port}" in said
    status, item = shop.call("POST", ITEMS, {"name": "first"})
    assert (status, item["name"]) == (201, "first")
    assert shop.call("GET", f"{ITEMS}/{item['id']}") == (200, item)
    status, page = shop.call("GET", ITEMS)
    assert status == 200
    assert item in page["items"]
    assert shop.call("GET", "/catalog/openapi.json")[0] == 200
    assert shop.call("GET", "/billing/items")[0] == 404, "a service without a route is internal"


def test_orders_reaches_billing_through_its_own_client(shop: System) -> None:
    peers = execute(shop.one("service", "orders"), "python", "-c", _PEERS)
    assert "billing" in peers
    assert '"state":"up"' in peers


def test_each_service_has_its_own_database(shop: System) -> None:
    orders, billing = shop.one("database", "orders"), shop.one("database", "billing")
    assert int(query(orders, "select count(*) from items")) >= 1
    assert query(billing, "select count(*) from items") == "0"


def test_the_credentials_of_one_service_do_not_open_the_database_of_another(shop: System) -> None:
    orders = shop.one("service", "orders")
    assert sign_in(orders, shop.one("database", "orders")) == "open"
    assert "password authentication failed" in sign_in(orders, shop.one("database", "billing"))


def test_a_second_up_changes_nothing(shop: System) -> None:
    before = ids(shop, "orders", "billing", "catalog", "gateway")
    with timed("second up, nothing changed"):
        said = shop.make("up").stdout
    assert "unchanged" in said
    assert not any(word in said for word in (" created", " updated", " replaced", " deleted"))
    shop.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes")
    assert ids(shop, "orders", "billing", "catalog", "gateway") == before


def test_what_is_not_declared_neither_resolves_nor_connects(shop: System) -> None:
    parts = {
        "orders": (shop.one("service", "orders"), 8080),
        "billing": (shop.one("service", "billing"), 8080),
        "orders' database": (shop.one("database", "orders"), 5432),
        "billing's database": (shop.one("database", "billing"), 5432),
        "the gateway": (shop.one("gateway", "gateway"), 8080),
    }
    names = ["orders", "billing", "orders.1.a", "orders.1.b", "orders.database", "billing.database"]
    names += [part["Name"].lstrip("/") for part, _ in parts.values()]
    catalog = shop.one("service", "catalog")
    targets = [(name, port) for name in names for port in (8080, 5432)]
    targets += [(address, port) for part, port in parts.values() for address in addresses(part).values()]
    assert reached(catalog, targets) == []
    orders = parts["orders"][0]
    database, port = parts["billing's database"]
    assert not connects(orders, "billing.database", port)
    assert not reached(orders, [(address, port) for address in addresses(database).values()])


def test_the_router_gives_a_service_no_answer(shop: System) -> None:
    """It is on the networks of routes, so a service may connect to it: it gets nothing from there."""
    catalog = shop.one("service", "catalog")
    router = addresses(shop.one("router", "gateway"))
    shared = router[f"{shop.name}_dev_route-catalog"]
    assert reached(catalog, [(shared, 8080)]) == [(shared, 8080)]
    assert reached(catalog, [(address, 8080) for address in router.values() if address != shared]) == []
    said = beside(catalog, "python", "-c", _ASKED, f"http://{shared}:8080/orders/items")
    assert "Remote end closed connection without response" in said


def test_what_is_declared_connects(shop: System) -> None:
    orders = shop.one("service", "orders")
    assert connects(orders, "billing", 8080)
    assert connects(orders, "orders.database", 5432)


@pytest.mark.parametrize("role", ["router", "gateway"])
def test_the_router_reaches_only_what_has_a_route_and_the_gateway_no_service(shop: System, role: str) -> None:
    gateway = shop.one(role, "gateway")

    def fetches(host: str, port: int = 8080) -> bool:
        said = execute(
            gateway, "wget", "-q", "-T", "2", "-t", "1", "-O", "-", f"http://{host}:{port}/healthz", ok=False
        )
        return '"ok"' in said

    route = f"{shop.name}_dev_route-orders"
    assert fetches(addresses(shop.one("service", "orders"))[route]) is (role == "router")
    others = [
        address
        for role, service in (("service", "billing"), ("database", "billing"), ("database", "orders"))
        for address in addresses(shop.one(role, service)).values()
    ]
    others += [a for name, a in addresses(shop.one("service", "orders")).items() if name != route]
    assert [address for address in others if fetches(address)] == []
    assert not fetches("billing")
    for address in addresses(shop.one("database", "orders")).values():
        said = execute(gateway, "wget", "-T", "2", "-t", "1", "-O", "-", f"http://{address}:5432/", ok=False)
        assert "error getting response" not in said, "the connection itself must fail"


def test_every_container_is_hardened_as_the_kernel_says(shop: System) -> None:
    containers = shop.containers()
    assert len(containers) == 7
    for container in containers:
        assert_hardened(container, binds="gateway" in container["Name"] or "router" in container["Name"])
        if "gateway" not in container["Name"]:
            assert not container["HostConfig"]["PortBindings"], container["Name"]
    published = [p for c in containers for p in (c["HostConfig"]["PortBindings"] or {}).values()]
    assert published == [[{"HostIp": "127.0.0.1", "HostPort": str(shop.port)}]]


@pytest.mark.parametrize("path", ["healthz", "readyz", "metrics", "peers"])
def test_diagnostics_are_closed_from_outside_in_every_spelling(shop: System, path: str) -> None:
    for spelling in (
        path,
        path.upper(),
        f"/{path}",
        f"./{path}",
        f"x/../{path}",
        f"%{ord(path[0]):x}{path[1:]}",
        f"{path}/",
    ):
        status, _ = shop.call("GET", f"/orders/{spelling}")
        assert status in {400, 404}, spelling
