"""Calls to other services: what becomes of them when a callee fails, and when it is back.

The only calls that every service makes are those of /peers, each of which is a GET to the callee's /healthz.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from tests.contract.conftest import Bench
from tests.contract.engine import START, Answer, Container, ask, at_once, docker, sample, until
from tests.contract.promises import amount

FAULTS = ("hanging", "cutting", "failing", "passing", "flooding", "gone")
STATE = "http_client_breaker_state"


@dataclass(frozen=True)
class Story:
    """What a caller said while its callee failed, and after it was fixed."""

    failing: list[Answer]  # until the breaker opened
    refused: Answer  # while it was open
    arrived: int  # requests at the callee while it was open
    states: dict[str, float]  # then, of the breaker
    refusals: float
    back: Answer


def peer(answer: Answer) -> dict[str, Any]:
    assert answer.status == 200
    found: dict[str, Any] = answer.json()["peers"]["plain"]
    return found


def requests(fake: Container, name: str) -> list[dict[str, Any]]:
    return [request for request in fake.get("/_seen").json() if request["name"] == name]


@pytest.fixture(scope="module")
def fake(own: Bench) -> Container:
    """A callee with a name for each behaviour."""
    names = (*FAULTS[:-1], "flaky")
    aliases = (f"--network-alias={name}" for name in names)
    fake = own.fake(f"--network={own.network}", "--publish=127.0.0.1::8080", *aliases)
    until(START, "the fake answers", lambda: fake.get("/_seen").status == 200)
    return fake


@pytest.fixture(scope="module")
def stories(own: Bench, fake: Container) -> dict[str, Story]:
    """One for each way to fail, all at the same time because they consist of waiting."""
    tellers: list[Callable[[], Story]] = []
    for fault in FAULTS:
        fix: Callable[[], object] = partial(ask, fake.port, "POST", f"/_fix?{fault}")
        if fault == "gone":
            gone = own.fake(f"--network={own.network}", "--network-alias=gone")
            gone.kill("KILL")
            fix = partial(docker, "start", gone.name)
        caller = own.start(PLAIN_URL=f"http://{fault}:8080")
        tellers.append(partial(tell, caller, fake, fault, fix))
    return dict(zip(FAULTS, at_once(tellers), strict=True))


def tell(caller: Container, fake: Container, fault: str, fix: Callable[[], object]) -> Story:
    until(START, "it is alive", lambda: caller.get("/healthz").status == 200)
    failing: list[Answer] = []

    def is_open() -> bool:
        failing.append(caller.get("/peers"))
        return caller.metric(STATE, 'callee="plain"', 'state="open"') == 1

    until(START, "the breaker opens", is_open)
    for _ in range(9):
        before = len(requests(fake, fault))
        refused, metrics = caller.get("/peers"), caller.get("/metrics")
        arrived = len(requests(fake, fault)) - before
        # On a slow machine the pause can be over by then; what was sent as a try opens it again.
        if "breaker" in peer(refused)["reason"]:
            break
    states = {state: sample(metrics, STATE, f'state="{state}"') for state in ("closed", "open", "half-open")}
    refusals = sample(metrics, "http_client_refusals_total", 'callee="plain"')
    fix()
    limit = amount("breaker", "pause") + 10
    until(limit, "it is called again", lambda: peer(caller.get("/peers"))["state"] == "up")
    return Story(failing, refused, arrived, states, refusals, caller.get("/peers"))


@pytest.mark.promise("calls-bounded")
@pytest.mark.parametrize("fault", FAULTS)
def test_a_call_to_a_callee_that_fails_ends_in_time_and_says_why(
    stories: dict[str, Story], fault: str
) -> None:
    answers = stories[fault].failing
    assert answers
    for answer in answers:
        assert (peer(answer)["state"], bool(peer(answer)["reason"])) == ("down", True)
    # The quickest full call: the machine may be busy, the service must not wait.
    assert min(answer.seconds for answer in answers) < amount("calls-bounded", "limit")
    assert max(answer.seconds for answer in answers) < amount("calls-bounded", "limit") + 5


@pytest.mark.promise("breaker", "peers")
@pytest.mark.parametrize("fault", FAULTS)
def test_after_some_failures_a_callee_is_left_alone(stories: dict[str, Story], fault: str) -> None:
    story = stories[fault]
    assert "breaker" in peer(story.refused)["reason"]
    assert peer(story.refused)["state"] == "down"
    assert story.arrived == 0
    assert (story.states["closed"], sum(story.states.values())) == (0, 1)
    assert story.refusals >= 1


@pytest.mark.promise("breaker")
def test_so_many_failures_in_a_row_are_enough_and_needed(stories: dict[str, Story]) -> None:
    # A 500 is not repeated, so each answer stands for one try.
    assert len(stories["failing"].failing) == amount("breaker", "failures")


@pytest.mark.promise("breaker")
@pytest.mark.parametrize("fault", FAULTS)
def test_a_callee_that_is_back_is_called_again(stories: dict[str, Story], fault: str) -> None:
    found = peer(stories[fault].back)
    assert (found["state"], found["status"], found["reason"]) == ("up", 200, None)


@pytest.mark.promise("breaker")
def test_one_request_at_a_time_tries_a_callee_that_failed(own: Bench) -> None:
    caller = own.start(PLAIN_URL="http://slow:8080")
    until(START, "it is alive", lambda: caller.get("/healthz").status == 200)

    def is_in(state: str) -> bool:
        return caller.metric(STATE, f'state="{state}"') == 1

    until(START, "the breaker opens", lambda: caller.get("/peers").status == 200 and is_in("open"))
    slow = own.fake(f"--network={own.network}", "--network-alias=slow", "--publish=127.0.0.1::8080")
    until(START, "the fake answers", lambda: slow.get("/_seen").status == 200)
    port, tried, answers = caller.port, 0, list[Answer]()
    # On a slow machine an answer may take longer than a try, and then another one has to wait for its turn.
    while "up" not in [peer(answer)["state"] for answer in answers]:
        assert tried == len(requests(slow, "slow")) < 8
        until(amount("breaker", "pause") + 5, "it may try", lambda: is_in("half-open"))
        answers = at_once([lambda: ask(port, "GET", "/peers")] * 8)
        # The second came after the first was answered, if there was a second at all.
        assert all(request["alone"] for request in requests(slow, "slow")[tried : tried + 2])
        tried += 1
    assert is_in("closed")


@pytest.mark.promise("repeats")
def test_what_fails_in_passing_is_repeated_until_the_budget_is_spent(own: Bench, fake: Container) -> None:
    caller = own.start(PLAIN_URL="http://flaky:8080")
    until(START, "it is alive", lambda: caller.get("/healthz").status == 200)
    assert peer(caller.get("/peers"))["state"] == "up"
    first, second = requests(fake, "flaky")
    trace, span = (
        [request["headers"]["traceparent"].split("-")[part] for request in (first, second)] for part in (1, 2)
    )
    assert trace[0] == trace[1]
    assert span[0] != span[1]
    assert caller.metric("http_client_retries_total", 'callee="plain"') == 1

    # With more at a time, so many failures might arrive in a row that the breaker opens.
    calls, clients, port = 300, 2, caller.port
    began = time.monotonic()
    at_once([lambda: [ask(port, "GET", "/peers") for _ in range(calls // clients)]] * clients)
    repeated = len(requests(fake, "flaky")) - 2 - calls
    assert repeated > 5
    per_second = amount("repeats", "often") * (time.monotonic() - began)
    assert repeated < amount("repeats", "share") * calls + amount("repeats", "floor") + per_second
