"""A gateway whose routes change while it is asked."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException

from pulumi_stacks.network.caddyfile import Route
from tests.e2e.gateways import Gateway, ask, configured, docker

NEW = Route("/new", "new", ("up-a:8080",))


@contextmanager
def load(port: int, *, kept: bool) -> Iterator[list[object]]:
    """Send requests all the time, over connections that are kept or new ones; the list has what fails."""
    failed: list[object] = []
    sent: list[int] = []
    over = threading.Event()

    def client() -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=20)
        while not over.is_set():
            try:
                connection.request("GET", "/orders/items")
                response = connection.getresponse()
                response.read()
                sent.append(response.status)
                if response.status != 200:
                    failed.append(response.status)
            except (OSError, HTTPException) as error:
                failed.append(error)
                connection.close()
            if not kept:
                connection.close()
            time.sleep(0.005)

    clients = [threading.Thread(target=client) for _ in range(4)]
    for each in clients:
        each.start()
    try:
        yield failed
    finally:
        over.set()
        for each in clients:
            each.join()
    assert len(sent) > 500, "there was load"


def test_routes_come_and_go_under_load_and_nothing_is_lost(gateway: Gateway):
    with load(gateway.port, kept=True) as kept, load(gateway.port, kept=False) as new:
        for number in range(3):
            gateway.route(configured(NEW))
            assert ask(gateway.port, "/new/x")[:2] == (200, "/x"), number
            gateway.route(configured())
            assert ask(gateway.port, "/new/x")[0] == 404
    assert (kept, new) == ([], [])


def test_there_may_be_any_number_of_routes(gateway: Gateway):
    text = configured(*(Route(f"/far/{number}", f"s{number}", ("up-a:8080",)) for number in range(400)))
    assert len(text) > 131_072, "more than Linux takes as one variable"
    gateway.route(text)
    assert ask(gateway.port, "/far/399/x")[:2] == (200, "/x")
    gateway.route(configured())


def test_services_do_not_reach_each_other_through_the_router(gateway: Gateway):
    address = f"http://{gateway.tag}-router-{gateway.made}:8080/orders/items"
    script = "import sys, urllib.request as r; print(r.urlopen(sys.argv[1], timeout=5).status)"
    refused = docker("exec", f"{gateway.tag}-up", "python", "-c", script, address, ok=False)
    assert "Remote end closed connection without response" in refused
    assert ask(gateway.port, "/orders/items")[0] == 200


def test_no_container_on_its_networks_can_control_it(gateway: Gateway):
    for name in ("gateway", f"router-{gateway.made}"):
        listening = docker("exec", f"{gateway.tag}-{name}", "netstat", "-ltn").splitlines()[2:]
        ports = {line.split()[3].rpartition(":")[2] for line in listening if "127.0.0.11" not in line}
        assert ports == {"8080", "8081"}


def test_a_service_learns_of_its_client_what_the_gateway_saw(gateway: Gateway):
    headers = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https", "Via": "1.1 spoofed"}
    connection = HTTPConnection("127.0.0.1", gateway.port, timeout=20)
    connection.request("GET", "/orders/headers", headers=headers)
    told = connection.getresponse().read().decode().lower()
    connection.close()
    assert "203.0.113.9" not in told
    assert "spoofed" not in told
    assert "x-forwarded-proto: http\n" in told
    [addresses] = [line for line in told.splitlines() if line.startswith("x-forwarded-for: ")]
    assert "," not in addresses, "the client's alone"
    assert f"x-forwarded-host: 127.0.0.1:{gateway.port}\n" in told
