"""What the running service answers."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.conftest import PASSWORD, Bench
from tests.contract.engine import SLACK, START, Answer, Container, ask, at_once, quickest, until
from tests.contract.promises import amount, word

JSON = {"Content-Type": "application/json"}
BODY_LIMIT = int(amount("body-limit", "limit"))


def problem(answer: Answer, status: int) -> None:
    """Assert that an answer is a problem document."""
    assert answer.status == status, answer.body[:500]
    assert answer.headers["content-type"].partition(";")[0] == "application/problem+json"
    document = answer.json()
    assert document["status"] == status
    assert document["title"]


def create(service: Container, name: str) -> int:
    answer = service.send("POST", "/items", {"name": name})
    assert answer.status == 201
    identifier: int = answer.json()["id"]
    return identifier


@pytest.mark.promise("alive", "ready")
def test_alive_and_ready(service: Container) -> None:
    assert service.get("/healthz").status == 200
    assert service.get("/readyz").status == 200


@pytest.mark.promise("description")
def test_the_committed_description_is_served(service: Container, folder: Path) -> None:
    served = service.get("/openapi.json").json()
    assert served == json.loads((folder / "full" / "openapi.json").read_text(encoding="utf-8"))
    assert served["openapi"].startswith(word("description", "version") + ".")
    assert {"/items", "/items/{item_id}", "/peers", "/readyz"} <= set(served["paths"])


@pytest.mark.promise("items")
def test_an_item_is_created_read_changed_and_deleted(service: Container) -> None:
    created = service.send("POST", "/items", {"name": "Grüße 😀"})
    item = created.json()
    assert created.status == 201
    # Relative to the request's address, so that it also holds behind a stripped prefix.
    assert created.headers["location"] == f"items/{item['id']}"
    path = f"/items/{item['id']}"
    assert service.get(path).json() == item
    assert (item["name"], item["version"]) == ("Grüße 😀", 1)
    changed = service.send("PUT", path, {"name": "other", "version": 1}).json()
    assert changed == {**item, "name": "other", "version": 2}
    assert ask(service.port, "DELETE", path).status == 204
    problem(service.get(path), 404)
    problem(ask(service.port, "DELETE", path), 404)
    problem(service.send("PUT", path, {"name": "other", "version": 1}), 404)


@pytest.mark.promise("items-version")
def test_of_two_changes_to_one_version_one_wins(service: Container) -> None:
    path = f"/items/{create(service, 'a')}"
    change = {"name": "b", "version": 1}
    answers = at_once([lambda: service.send("PUT", path, change)] * 8)
    assert sorted(answer.status for answer in answers) == [200] + [409] * 7
    for answer in answers:
        if answer.status != 200:
            problem(answer, 409)
    assert service.get(path).json()["version"] == 2


@pytest.mark.promise("items-pages")
def test_pages_stay_stable_under_inserts(service: Container) -> None:
    first = [create(service, f"item {number}") for number in range(7)]
    seen: list[int] = []
    cursor = str(service.get("/items?limit=1").json()["next_cursor"])
    while cursor:
        page = service.get(f"/items?limit=3&cursor={cursor}").json()
        seen += [item["id"] for item in page["items"]]
        assert len(page["items"]) <= 3
        cursor = page["next_cursor"]
        if len(seen) < 7:
            create(service, "inserted meanwhile")
    assert len(seen) == len(set(seen))
    assert [identifier for identifier in seen if identifier in first] == sorted(set(first) & set(seen))
    assert set(first) <= {*seen, min(first)}


@pytest.mark.promise("problems", "wrong-requests", "body-limit")
@pytest.mark.parametrize(
    ("method", "path", "body", "content_type", "status"),
    [
        ("GET", "/nothing", None, None, {404}),
        ("GET", "/items/", None, None, {404}),
        ("PATCH", "/items", None, None, {404, 405}),
        ("DELETE", "/healthz", None, None, {405}),
        ("POST", "/items", b'{"name": "a"}', None, {415}),
        ("POST", "/items", b'{"name": "a"}', "text/plain", {415}),
        ("POST", "/items", b"name=a", "application/x-www-form-urlencoded", {415}),
        ("POST", "/items", b"", "application/json", {400, 422}),
        ("POST", "/items", b"{", "application/json", {400, 422}),
        ("POST", "/items", b"\xff\xfe", "application/json", {400, 422}),
        ("POST", "/items", b"[]", "application/json", {400, 422}),
        ("POST", "/items", b"null", "application/json", {400, 422}),
        ("POST", "/items", b"[" * 100_000, "application/json", {400, 422}),
        ("POST", "/items", b'{"name": ' + b"9" * 5000 + b"}", "application/json", {400, 422}),
        ("POST", "/items", b'{"name": 1e999}', "application/json", {400, 422}),
        ("POST", "/items", b'{"name": NaN}', "application/json", {400, 422}),
        ("POST", "/items", b'{"name": ""}', "application/json", {422}),
        ("POST", "/items", b'{"name": "\\u0000"}', "application/json", {400, 422}),
        ("POST", "/items", b'{"name": "\\ud800"}', "application/json", {400, 422}),
        ("POST", "/items", b'{"name": "a", "\\ud800": 1}', "application/json", {400, 422}),
        ("POST", "/items", b'{"name": "a", "other": 1}', "application/json", {422}),
        ("POST", "/items", json.dumps({"name": "x" * 300}).encode(), "application/json", {422}),
        ("POST", "/items", b'{"name": "' + b"x" * BODY_LIMIT + b'"}', "application/json", {413}),
        ("PUT", "/items/1", b'{"name": "a"}', "application/json", {422}),
        ("PUT", "/items/1", b'{"name": "a", "version": 1e30}', "application/json", {400, 422}),
        ("PUT", "/items/1", b'{"name": "a", "version": 9999999999999999999999}', "application/json", {422}),
        ("GET", "/items/x", None, None, {404, 422}),
        ("GET", "/items/0", None, None, {404, 422}),
        ("GET", "/items/-1", None, None, {404, 422}),
        ("GET", "/items/9223372036854775807", None, None, {404}),
        ("GET", "/items/9223372036854775808", None, None, {404, 422}),
        ("GET", "/items/" + "9" * 400, None, None, {404, 422}),
        ("GET", "/items/%00", None, None, {400, 404, 422}),
        ("GET", "/items/%F0%9F%98%80", None, None, {404, 422}),
        ("GET", "/items/1%2F2", None, None, {404, 422}),
        ("GET", "/items?limit=0", None, None, {422}),
        ("GET", "/items?limit=999999999999999999999", None, None, {422}),
        ("GET", "/items?cursor=%00", None, None, {400, 422}),
        ("GET", "/items?cursor=%FF%FE", None, None, {400, 422}),
        ("GET", "/items?cursor=" + "9" * 400, None, None, {400, 422}),
    ],
)
def test_a_wrong_request_gets_a_problem_document(  # noqa: PLR0917
    service: Container,
    method: str,
    path: str,
    body: bytes | None,
    content_type: str | None,
    status: set[int],
) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    answer = ask(service.port, method, path, body, headers)
    assert answer.status in status
    problem(answer, answer.status)
    if answer.status == 405:
        assert answer.headers["allow"]


@pytest.mark.promise("body-limit")
def test_a_body_in_chunks_is_measured_too(service: Container) -> None:
    chunks = [b'{"name": "', *[b"x" * 65536] * (BODY_LIMIT // 65536), b'"}']
    problem(ask(service.port, "POST", "/items", chunks, JSON), 413)


def series(service: Container) -> list[str]:
    lines = service.get("/metrics").body.decode().splitlines()
    return [line.rpartition(" ")[0] for line in lines if line and not line.startswith("#")]


@pytest.mark.promise("metrics")
def test_requests_calls_and_the_pool_are_measured(service: Container) -> None:
    for path in ("/items/1", "/items/2", "/peers"):
        service.get(path)
    text = "\n".join(series(service))
    for name, labels in (
        ("http_request_duration_seconds_count", ('method="GET"', "/items/", 'status="2xx"')),
        ("http_client_request_duration_seconds_count", ('callee="plain"', 'status="2xx"')),
        ("database_pool_connections", ('state="idle"',)),
    ):
        found = [line for line in text.splitlines() if line.startswith(name + "{")]
        assert found, name
        assert all(label in "\n".join(found) for label in labels), found
    assert "/items/1" not in text


@pytest.mark.promise("metrics-bounded")
def test_a_thousand_random_requests_add_no_series(service: Container) -> None:
    for method, path in (("GET", "/x"), ("POST", "/x"), ("BREW", "/x"), ("GET", "/items/x")):
        ask(service.port, method, path)
    series(service)  # which has a series of its own from now on
    before = series(service)
    port = service.port

    def visit(start: int) -> None:
        for number in range(start, start + 125):
            ask(port, "GET", f"/{number}/{time.time_ns()}?q={number}")
            if number % 25 == 0:
                ask(port, f"BREW{number}", "/items")
                ask(port, "GET", f"/items/x{number}")

    at_once([lambda start=start: visit(start) for start in range(0, 1000, 125)])  # type: ignore[misc]
    assert sorted(series(service)) == sorted(before)


@pytest.mark.promise("peers", "callee-url")
def test_peers_that_answer_are_up(service: Container) -> None:
    answer = service.get("/peers")
    assert answer.status == 200
    assert answer.json()["peers"]["plain"]["state"] == "up"


@pytest.mark.promise("peers")
def test_a_dead_peer_is_down(bench: Bench) -> None:
    container = bench.start(PLAIN_URL="http://127.0.0.1:1")
    until(START, "it is alive", lambda: container.get("/healthz").status == 200)
    answer = quickest(amount("peers", "limit"), lambda: container.get("/peers"))
    peer = answer.json()["peers"]["plain"]
    assert (peer["state"], bool(peer["reason"])) == ("down", True)


@pytest.mark.promise("peers", "alive")
def test_a_peer_that_hangs_is_down_within_the_timeout(bench: Bench) -> None:
    with bench.silent_container() as silent:
        container = bench.start(PLAIN_URL=f"http://{silent}:8080")
        until(START, "it is alive", lambda: container.get("/healthz").status == 200)
        answer = container.get("/peers")
        assert answer.json()["peers"]["plain"]["state"] == "down"
        assert answer.seconds < amount("peers", "limit") + SLACK
        quickest(amount("alive", "limit"), lambda: container.get("/healthz"))


@pytest.fixture(params=["silent", "stopped"])
def outage(request: pytest.FixtureRequest, bench: Bench, service: Container) -> Iterator[None]:
    """The database gone; afterwards it must not take the service long to be back."""
    assert service.get("/items").status == 200
    fault = bench.silent_postgres() if request.param == "silent" else bench.stopped_postgres()
    with fault:
        yield
    back = amount("outage", "back") + SLACK
    until(back, "the service is back", lambda: service.get("/items").status == 200)
    until(back, "the service is ready", lambda: service.get("/readyz").status == 200)


@pytest.mark.promise("outage", "alive", "ready-in-time")
def test_without_the_database_503_in_time_and_everything_else_works(outage: None, service: Container) -> None:
    port = service.port
    in_time: Counter[str] = Counter()
    late: list[dict[str, float]] = []
    # A busy machine is late now and then, and another path each time; a service that waits is late each time.
    while len(late) < 2 or (min(in_time[path] for path in LIMITS) < 2 and len(late) < 9):
        seconds = ask_without_database(port)
        in_time.update(path for path, limit in LIMITS.items() if seconds[path] < limit)
        late.append(seconds)
    assert all(in_time[path] >= 2 for path in LIMITS), late
    assert service.state["Running"]


LIMITS = {
    "/items": amount("outage", "limit"),
    "/readyz": amount("ready-in-time", "limit") + 0.1,
    "/healthz": amount("alive", "limit"),
}


def ask_without_database(port: int) -> dict[str, float]:
    """Make many requests at once, and return the time of the slowest one for each path."""
    calls = [lambda: ask(port, "GET", "/items")] * 15
    posts = [lambda: ask(port, "POST", "/items", b'{"name": "a"}', JSON)] * 5
    probes = [lambda: ask(port, "GET", "/readyz"), lambda: ask(port, "GET", "/healthz")]
    *answers, ready, alive = at_once([*calls, *posts, *probes])
    for answer in (*answers, ready):
        problem(answer, 503)
    assert alive.status == 200
    slowest = max(answer.seconds for answer in answers)
    seconds = {"/items": slowest, "/readyz": ready.seconds, "/healthz": alive.seconds}
    assert all(seconds[path] < limit + SLACK for path, limit in LIMITS.items()), seconds
    return seconds


@pytest.mark.promise("logs", "logs-discreet", "service-name")
def test_logs_are_json_lines_without_secrets_or_bodies(service: Container) -> None:
    marker = "a body that must not be logged"
    service.send("POST", "/items", {"name": marker})
    service.get("/items?token=a-query-that-must-not-be-logged")
    service.get("/nothing-here")
    until(START, "it is logged", lambda: any("/nothing-here" in line for line in service.lines()))
    lines = service.lines()
    for line in lines:
        record = json.loads(line)
        assert {"time", "level", "message", "service"} <= set(record)
        assert record["service"] == "full"
    text = "\n".join(lines)
    assert "/nothing-here" in text
    for absent in (PASSWORD, marker, "must-not-be-logged", "GET /healthz", "GET /readyz", "GET /metrics"):
        assert absent not in text
