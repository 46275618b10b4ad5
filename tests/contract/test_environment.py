"""The effect of optional variables."""

import json

import pytest

from tests.contract.conftest import Bench
from tests.contract.engine import START, Container, ask, until
from tests.contract.promises import word


def asked(container: Container) -> list[dict[str, str]]:
    """Ask for something that is not there, and return the lines that were logged until the answer came."""
    until(START, "it is alive", lambda: container.get("/healthz").status == 200)
    assert container.get("/nothing").status == 404
    return [json.loads(line) for line in container.lines()]


@pytest.mark.promise("service-name", "log-level")
def test_its_name_in_the_log_can_be_chosen(bench: Bench) -> None:
    lines = asked(bench.start(SERVICE_NAME="other"))
    assert {line["service"] for line in lines} == {"other"}
    assert word("log-level", "default") in {line["level"] for line in lines}
    assert "debug" not in {line["level"] for line in lines}


@pytest.mark.promise("log-level")
def test_what_is_below_the_log_level_is_not_logged(bench: Bench) -> None:
    assert asked(bench.start(LOG_LEVEL="error")) == []


@pytest.mark.promise("body-limit")
def test_the_largest_body_can_be_chosen(bench: Bench) -> None:
    container = bench.start(MAX_BODY_BYTES="3000000")
    until(START, "it is alive", lambda: container.get("/healthz").status == 200)

    def answer(size: int) -> int:
        body = json.dumps({"name": "x" * size}).encode()
        return ask(container.port, "POST", "/items", body, {"Content-Type": "application/json"}).status

    assert answer(2_900_000) == 422
    assert answer(3_000_000) == 413
