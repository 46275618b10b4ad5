"""One life of examples/02-shop, in order: each test goes on where the one before it ended.

It goes on in test_shop_compose.py and ends in test_shop_down.py.
"""

import time
from pathlib import Path

import pytest

from tests.e2e.figures import FIGURES, timed
from tests.e2e.leaks import leaks, passwords
from tests.e2e.load import load
from tests.e2e.probes import (
    assert_hardened,
    beside,
    connects,
    ids,
    images,
    query,
    reached,
    service_images,
    sign_in,
)
from tests.e2e.system import System, addresses, docker, execute
from tests.e2e.system import reason as why

TIMEOUT = 45  # seconds that a service has to get ready; the default is longer
ITEMS = "/orders/items"
_ids: dict[str, int] = {}

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
    _ids["first"] = item["id"]
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


def test_a_changed_line_replaces_only_its_service_and_loses_no_request(shop: System) -> None:
    others, before = ids(shop, "billing", "catalog", "gateway"), ids(shop, "orders")
    old_images = images(shop)
    shop.edit(
        "services/orders/app/items.py",
        "limit: Annotated[int, Query(ge=1, le=100)] = 20",
        "limit: Annotated[int, Query(ge=1, le=100)] = 21",
    )
    with load(shop.port, ITEMS) as running:
        time.sleep(2)
        with timed("up, one line of orders changed, under load"):
            shop.make("up")
        time.sleep(10)
        deadline = time.monotonic() + 60
        while running.sent.total() < 1000 and time.monotonic() < deadline:
            time.sleep(0.5)
    FIGURES["requests during that"] = f"{dict(running.sent)}, failed: {len(running.failures)}"
    assert running.failures == []
    assert running.sent.total() >= 1000
    assert min(running.sent["GET"], running.sent["POST"]) >= 400
    assert ids(shop, "billing", "catalog", "gateway") == others
    database = {shop.one("database", "orders")["Id"]}
    assert ids(shop, "orders")["orders"] & before["orders"] == database
    new_images = images(shop)
    assert new_images["orders"] != old_images["orders"]
    assert {**new_images, "orders": set()} == {**old_images, "orders": set()}
    contract = shop.call("GET", "/orders/openapi.json")[1]
    assert contract["paths"]["/items"]["get"]["parameters"][1]["schema"]["default"] == 21
    assert shop.call("GET", f"{ITEMS}/{_ids['first']}")[1]["name"] == "first"
    stored = int(
        query(shop.one("database", "orders"), "select count(*) from items where name = 'under load'")
    )
    assert stored == len(running.created), "every acknowledged row is there"


BROKEN = {
    "exits at once": (
        "services/orders/app/__main__.py",
        "import logging\n",
        'raise SystemExit("planted: leaves at once")\nimport logging\n',
        "planted: leaves at once",
    ),
    "answers 503 for ever": (
        "services/orders/app/health.py",
        "    if request.app.state.draining:\n",
        '    raise HTTPException(503, "planted: never ready")\n    if request.app.state.draining:\n',
        "planted: never ready",
    ),
}


@pytest.mark.parametrize("form", BROKEN)
def test_a_broken_deploy_fails_with_its_reason_while_the_old_one_serves(shop: System, form: str) -> None:
    path, sound, broken, reason = BROKEN[form]
    shop.edit(path, sound, broken)
    with load(shop.port, ITEMS) as running:
        began = time.monotonic()
        failed = shop.make("up", ok=False)
        took = time.monotonic() - began
        # One form is enough to see that success is never claimed before it is ready.
        again = shop.make("up", ok=False) if form == "exits at once" else failed
        shop.edit(path, broken, sound)
        mended = shop.make("up", ok=False)
        time.sleep(3)
    assert failed.returncode != 0, failed.stdout
    assert took < TIMEOUT + 60
    last = why(failed.stdout)
    assert last.startswith("services.orders: ")
    assert reason in last
    assert "Traceback" not in failed.stdout.replace(reason, "")
    assert again.returncode != 0, f"it is still not ready:\n{again.stdout}"
    assert mended.returncode == 0, mended.stdout
    assert running.failures == []
    assert running.sent.total() > 200
    [orders] = shop.containers(service="orders", role="service")
    assert orders["State"]["Health"]["Status"] == "healthy"
    shop.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes")


def test_no_password_is_anywhere_in_plain_text(shop: System) -> None:
    shop.make("preview")
    found = passwords(shop)
    assert len(set(found)) == 2
    assert min(map(len, found)) >= 20
    assert leaks(shop, service_images(shop), found) == []


def test_a_planted_password_is_found(shop: System, tmp_path: Path) -> None:
    [password, _] = passwords(shop)
    orders = shop.one("service", "orders")
    planted = shop.folder / "infra" / "planted.txt"
    before = list(shop.printed)
    try:
        planted.write_text(password)
        shop.printed.append(f"password: {password}")
        execute(orders, "sh", "-c", f"echo {password} > /proc/1/fd/1")
        (tmp_path / "planted").write_text(password)
        (tmp_path / "Dockerfile").write_text(f"FROM {service_images(shop)[0]}\nCOPY planted /planted\n")
        docker("build", "-q", "-t", "e2e-planted", str(tmp_path))
        assert leaks(shop, ["e2e-planted"], [password]) == [
            f"printed output {len(before) + 1}",
            "file infra/planted.txt",
            f"log of {orders['Name']}",
            "image e2e-planted",
        ]
    finally:
        shop.printed[:] = before
        planted.unlink()
        docker("rmi", "e2e-planted", ok=False)


def test_with_diagnostics_on_they_answer_from_outside(shop: System) -> None:
    shop.edit("cn.yaml", "dev: {target: docker}", "dev: {target: docker, diagnostics: true}")
    shop.make("up")
    for path, words in (
        ("readyz", "ok"),
        ("healthz", "ok"),
        ("metrics", "http_request_duration_seconds"),
        ("peers", "billing"),
    ):
        status, body = shop.call("GET", f"/orders/{path}")
        assert status == 200, path
        assert words in str(body), path


def test_what_was_removed_by_hand_is_made_anew_on_request(shop: System) -> None:
    docker("rm", "--force", shop.one("service", "catalog")["Id"])
    failed = shop.make("up", ok=False)
    assert failed.returncode != 0
    assert "REFRESH=yes" in failed.stdout
    shop.make("unlock")
    shop.make("up", "REFRESH=yes")
    assert shop.call("GET", "/catalog/openapi.json")[0] == 200
