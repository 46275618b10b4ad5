"""A gateway that takes other configurations while it runs."""

import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException, RemoteDisconnected

import pytest

from pulumi_stacks.docker.engine import EngineError
from pulumi_stacks.gateway import Route
from tests.e2e.gateways import Gateway, ask, configured, docker


def fetch(connection: HTTPConnection) -> int:
    """Send a request; on a new connection when a kept one was closed before, as clients of HTTP do."""
    kept = connection.sock is not None
    try:
        connection.request("GET", "/orders/items")
        response = connection.getresponse()
    except (RemoteDisconnected, ConnectionError):
        connection.close()
        if not kept:
            raise
        connection.request("GET", "/orders/items")
        response = connection.getresponse()
    response.read()
    return response.status


@pytest.fixture
def failures(port: int) -> Iterator[list[object]]:
    """What fails while requests come all the time, from clients that keep their connection."""
    failed: list[object] = []
    sent: list[int] = []
    over = threading.Event()

    def client() -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=20)
        while not over.is_set():
            try:
                status = fetch(connection)
                sent.append(status)
                if status != 200:
                    failed.append(status)
            except (OSError, HTTPException) as error:
                failed.append(error)
                connection.close()
            time.sleep(0.01)

    clients = [threading.Thread(target=client) for _ in range(4)]
    for each in clients:
        each.start()
    yield failed
    over.set()
    for each in clients:
        each.join()
    assert len(sent) > 50, "there was load"


def test_a_route_comes_and_goes_under_load(gateway: Gateway, failures: list[object]):
    for number in range(5):
        assert ask(gateway.port, "/new/x")[0] == 404
        gateway.read(configured(Route("/new", "new", ("up-a:8080", "up-b:8080"))))
        time.sleep(0.3)
        assert ask(gateway.port, "/new/x")[:2] == (200, "/x"), number
        gateway.read(configured())
        time.sleep(0.3)
    # Ten changes; what was taken and not yet read in the moment of one may be lost.
    assert len(failures) <= 2


def test_there_may_be_any_number_of_routes(gateway: Gateway):
    text = configured(*(Route(f"/far/{number}", f"s{number}", ("up-a:8080",)) for number in range(400)))
    assert len(text) > 131_072, "more than Linux takes as one variable"
    gateway.read(text)
    assert ask(gateway.port, "/far/399/x")[:2] == (200, "/x")
    gateway.read(configured())


def test_a_configuration_that_is_wrong_changes_nothing(gateway: Gateway):
    with pytest.raises(EngineError, match="syntax error"):
        gateway.read("nonsense {")
    assert ask(gateway.port, "/orders/items")[0] == 200
    gateway.read(configured())


def test_nobody_on_its_networks_gives_it_orders(gateway: Gateway):
    listening = docker("exec", f"{gateway.tag}-gateway", "netstat", "-ltn")
    assert sorted(
        line.split()[3].rpartition(":")[2] for line in listening.splitlines()[2:] if "127.0.0.11" not in line
    ) == ["8080", "8081"]
    assert (
        docker("exec", f"{gateway.tag}-gateway", "stat", "-c", "%a %u", "/config/admin.sock") == "200 10001"
    )
