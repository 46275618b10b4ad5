"""Stopping: not ready, serve on, finish what is open, exit 0."""

import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.contract.conftest import Bench
from tests.contract.engine import SLACK, START, Answer, Container, ask, until
from tests.contract.promises import amount

DRAIN = 8  # seconds, so that a busy machine has some to spare


def started(bench: Bench, **variables: str | None) -> Container:
    address = bench.database()
    bench.migrate(address)
    container = bench.start(DATABASE_URL=address, **variables)
    until(START, "it is ready", lambda: container.get("/readyz").status == 200)
    return container


def slowly(body: bytes, seconds: float) -> Iterator[bytes]:
    for byte in body:
        time.sleep(seconds / len(body))
        yield bytes([byte])


class SlowRequest(threading.Thread):
    """A POST whose body takes its time."""

    def __init__(self, port: int, seconds: float) -> None:
        super().__init__(daemon=True)
        self._port, self._seconds = port, seconds
        self.answer: Answer | None = None
        self.start()
        time.sleep(0.5)  # now it is under way

    def run(self) -> None:
        body = json.dumps({"name": "slow"}).encode()
        headers = {"Content-Type": "application/json", "Content-Length": str(len(body))}
        with suppress(OSError, http.client.HTTPException):  # no answer is for the test to report
            self.answer = ask(self._port, "POST", "/items", slowly(body, self._seconds), headers)


@pytest.mark.promise("drain")
def test_sigterm_loses_no_request(bench: Bench) -> None:
    container = started(bench, DRAIN_SECONDS=str(DRAIN))
    port = container.port
    idle = http.client.HTTPConnection("127.0.0.1", port)
    idle.request("GET", "/healthz")
    idle.getresponse().read()
    open_request = SlowRequest(port, DRAIN + 1)
    told = time.monotonic()
    container.kill("SIGTERM")
    notice = amount("drain", "notice") + DRAIN / 4
    until(notice, "it says that it is not ready", lambda: ask(port, "GET", "/readyz").status == 503)
    served = 0
    while time.monotonic() - told < DRAIN / 2:
        answer = ask(port, "GET", "/items")
        assert answer.status == 200
        assert answer.headers["connection"].lower() == "close"
        served += 1
        time.sleep(0.05)
    assert served > 3
    late_request = SlowRequest(port, DRAIN / 2 + 1)  # connects before the listener is closed, ends after
    assert container.wait(START) == 0
    assert DRAIN <= time.monotonic() - told < DRAIN + 2 + 2 * SLACK
    for request in (open_request, late_request):
        request.join(START)
        assert request.answer is not None
        assert request.answer.status == 201
    with suppress(ConnectionResetError):
        assert idle.sock is None or idle.sock.recv(1) == b""


@pytest.mark.promise("drain-default")
def test_the_default_drain(bench: Bench) -> None:
    container = started(bench)
    told = time.monotonic()
    container.kill("SIGTERM")
    assert container.wait(START) == 0
    assert 0 <= time.monotonic() - told - amount("drain-default", "default") < SLACK


@pytest.mark.promise("drain-cut")
def test_a_second_signal_ends_the_drain(bench: Bench) -> None:
    container = started(bench, DRAIN_SECONDS="60")
    container.kill("SIGTERM")
    until(START, "the first was heard", lambda: container.get("/readyz").status == 503)
    told = time.monotonic()
    container.kill("SIGTERM")
    assert container.wait(START) == 0
    assert time.monotonic() - told < 4 * SLACK


@pytest.mark.promise("interrupt")
def test_ctrl_c_does_not_drain(bench: Bench) -> None:
    container = started(bench, DRAIN_SECONDS="60")
    told = time.monotonic()
    container.kill("SIGINT")
    container.wait(START)
    assert time.monotonic() - told < 4 * SLACK


@pytest.mark.promise("stop-while-starting")
@pytest.mark.parametrize("seconds", [0.2, 0.6, 1.2])
def test_sigterm_while_starting_is_heard(bench: Bench, seconds: float) -> None:
    # With an init process, as the targets start it: without one the kernel drops the earliest signals.
    container = bench.start_with(("--init",), DRAIN_SECONDS="1")
    time.sleep(seconds)
    container.kill("SIGTERM")
    container.wait(START)  # one that was not heard never ends
