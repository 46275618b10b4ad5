"""The same examples/02-shop over its compose.yaml, beside the stack that test_shop.py left running."""

import json
import os
import signal
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.e2e.figures import timed
from tests.e2e.load import load
from tests.e2e.probes import assert_hardened, connects, ids, query, reached
from tests.e2e.system import System, addresses, docker, execute, free_port

ITEMS = "/orders/items"
PARTS = ("billing", "catalog", "gateway", "orders", "billing_database", "orders_database")


class Composed:
    """The system as compose runs it, and the stack beside it."""

    def __init__(self, stack: System) -> None:
        self.stack = stack
        port = free_port()
        variables = {**stack.environment, "GATEWAY_PORT": str(port)}
        self.system = replace(stack, environment=variables, port=port)

    def run(self, *words: str, ok: bool = True) -> str:
        return self.system.run("docker", "compose", *words, ok=ok).stdout

    def up(self) -> None:
        self.run("up", "--build", "--wait")

    def container(self, name: str) -> dict[str, Any]:
        found: list[dict[str, Any]] = json.loads(docker("inspect", self.run("ps", "-q", name).strip()))
        return found[0]

    def call(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        return self.system.call(method, path, body)


@pytest.fixture(scope="module")
def composed(shop: System) -> Iterator[Composed]:
    shop.configure(port=shop.port)
    shop.make("up")
    running = Composed(shop)
    yield running
    running.run("down", "--volumes", ok=False)


def until(seconds: float, what: str, holds: Callable[[], bool]) -> float:
    """Wait until something holds, and return how many seconds that took."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        try:
            if holds():
                return time.monotonic() - began
        except OSError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} s: {what}")


def test_without_passwords_it_says_how_to_make_them(composed: Composed) -> None:
    said = composed.run("up", "--wait", ok=False)
    assert "make secrets" in said


def test_the_passwords_are_kept_for_the_owner_and_never_in_git(composed: Composed) -> None:
    composed.system.run("make", "secrets")
    file = composed.system.folder / ".env"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert composed.system.run("git", "check-ignore", ".env").stdout.strip() == ".env"
    before = file.read_text()
    assert len({line.partition("=")[2] for line in before.splitlines()}) == 2
    composed.system.run("make", "secrets")
    assert file.read_text() == before


def test_up_beside_the_stack_answers_through_a_gateway_of_its_own(composed: Composed) -> None:
    stack = ids(composed.stack, "orders", "billing", "catalog", "gateway")
    with timed("compose up beside the stack"):
        composed.up()
    status, item = composed.call("POST", ITEMS, {"name": "composed"})
    assert (status, item["name"]) == (201, "composed")
    assert composed.call("GET", f"{ITEMS}/{item['id']}") == (200, item)
    names = [entry["name"] for entry in composed.stack.call("GET", ITEMS)[1]["items"]]
    assert "composed" not in names, "each has data of its own"
    assert composed.call("GET", "/catalog/openapi.json")[0] == 200
    assert composed.call("GET", "/billing/items")[0] == 404
    peers = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:8080/peers').read().decode())"
    assert '"state":"up"' in execute(composed.container("orders"), "python", "-c", peers)
    assert ids(composed.stack, "orders", "billing", "catalog", "gateway") == stack


def test_its_containers_are_hardened_as_the_kernel_says(composed: Composed) -> None:
    for name in PARTS:
        assert_hardened(composed.container(name), binds=name == "gateway")


def test_its_services_reach_only_what_is_declared(composed: Composed) -> None:
    catalog, orders = composed.container("catalog"), composed.container("orders")
    others = {name: composed.container(name) for name in PARTS if name != "catalog"}
    hosts = [host for name, part in others.items() for host in [name, *addresses(part).values()]]
    assert reached(catalog, [(host, port) for host in hosts for port in (8080, 5432)]) == []
    assert connects(orders, "billing", 8080)
    assert connects(orders, "orders.database", 5432)
    assert not reached(orders, [(host, 5432) for host in addresses(others["billing_database"]).values()])


def test_a_changed_line_replaces_only_its_service(composed: Composed) -> None:
    before = {name: composed.container(name)["Id"] for name in PARTS}
    file, old, new = "services/catalog/src/routes/health.ts", "service: NAME", "service: NAME.toUpperCase()"
    composed.system.edit(file, old, new)
    composed.up()
    after = {name: composed.container(name)["Id"] for name in PARTS}
    assert {name for name in PARTS if before[name] != after[name]} == {"catalog"}
    composed.system.edit(file, new, old)


@pytest.mark.parametrize("part", ["orders", "orders_database"])
def test_a_row_survives_kill_9(composed: Composed, part: str) -> None:
    item = composed.call("POST", ITEMS, {"name": f"before {part} was killed"})[1]
    container = composed.container(part)
    # A kill by the engine would count as a stop by hand. The first process is the engine's own init.
    os.kill(container["State"]["Pid"], signal.SIGKILL)
    restarts = container["RestartCount"]
    until(30, "it was restarted", lambda: composed.container(part)["RestartCount"] > restarts)
    until(60, "the row answers", lambda: composed.call("GET", f"{ITEMS}/{item['id']}") == (200, item))


def test_a_restart_of_a_database_under_load_hurts_only_its_own_route(composed: Composed) -> None:
    database = composed.container("orders_database")
    with (
        load(composed.system.port, "/catalog/", "GET") as others,
        load(composed.system.port, ITEMS) as own,
    ):
        time.sleep(2)
        composed.run("restart", "orders_database")
        ready = ("pg_isready", "--host=127.0.0.1", "--username=app", "--dbname=app")
        until(60, "the database answers", lambda: "accepting" in execute(database, *ready, ok=False))
        back = until(5, "its own route is back", lambda: composed.call("GET", ITEMS)[0] == 200)
        time.sleep(3)
        failed = len(own.failures)
        time.sleep(2)
        assert len(own.failures) == failed, "it stays well"
    print(f"back {back:.1f} s after its database; {failed} of {own.sent.total()} failed meanwhile")
    assert others.failures == []
    assert others.sent.total() > 100
    assert len(own.created) > 50
    stored = query(database, "select count(*) from items where name = 'under load'")
    assert int(stored) >= len(own.created), "every acknowledged row is there"
    newest = own.created[-1]
    assert composed.call("GET", f"{ITEMS}/{newest}")[0] == 200


def test_down_and_up_find_the_rows_and_down_with_volumes_leaves_nothing(composed: Composed) -> None:
    item = composed.call("POST", ITEMS, {"name": "kept"})[1]
    composed.run("down")
    composed.up()
    assert composed.call("GET", f"{ITEMS}/{item['id']}") == (200, item)
    composed.run("down", "--volumes")
    mine = f"--filter=label=com.docker.compose.project={composed.system.name}"
    assert [docker(kind, "ls", "-q", mine) for kind in ("container", "network", "volume")] == ["", "", ""]
    assert composed.stack.call("GET", ITEMS)[0] == 200, "the stack never noticed"
