"""W3C trace context and spans: in, through the log, on to callees, and out to a receiver."""

import base64
import json
import re
import time
from typing import Any

import pytest

from tests.contract.conftest import Bench
from tests.contract.engine import START, Container, ask, docker, until
from tests.contract.otlp import Span, read_spans
from tests.contract.promises import amount

SPAN = "b7ad6b7169203331"
# Sent soon; the name is standard, in milliseconds.
SOON = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://receiver:8080", "OTEL_BSP_SCHEDULE_DELAY": "200"}


def parent(trace: str, flags: str = "01") -> dict[str, str]:
    return {"traceparent": f"00-{trace}-{SPAN}-{flags}", "tracestate": "vendor=value"}


@pytest.fixture(scope="module")
def fake(own: Bench) -> Container:
    """A callee, and a receiver of spans."""
    aliases = [f"--network-alias={name}" for name in ("receiver", "hanging", "flooding")]
    fake = own.fake(f"--network={own.network}", "--publish=127.0.0.1::8080", *aliases)
    until(START, "the fake answers", lambda: fake.get("/_seen").status == 200)
    return fake


def alive(container: Container) -> Container:
    until(START, "it is alive", lambda: container.get("/healthz").status == 200)
    return container


@pytest.fixture(scope="module")
def traced(own: Bench, fake: Container) -> Container:
    """A service with a database that sends its spans to the fake, and calls it."""
    address = own.database()
    own.migrate(address)
    return alive(own.start(PLAIN_URL="http://receiver:8080", DATABASE_URL=address, **SOON))


@pytest.fixture(scope="module")
def untraced(own: Bench, fake: Container) -> Container:
    """A service that is not told where to send spans."""
    return alive(own.start(PLAIN_URL="http://receiver:8080"))


def received(fake: Container, trace: str = "") -> list[Span]:
    """Return the spans that have arrived, of one trace or all."""
    spans: list[Span] = []
    for request in fake.get("/_seen").json():
        if request["path"] == "/v1/traces":
            body = base64.b64decode(request["body"])
            spans += read_spans(request["headers"]["content-type"], body)
    return [span for span in spans if trace in span.trace]


def sent_to(fake: Container, name: str) -> list[dict[str, Any]]:
    """Return the batches that a receiver was sent."""
    seen = fake.get("/_seen").json()
    return [request for request in seen if (request["name"], request["path"]) == (name, "/v1/traces")]


def asked(fake: Container, trace: str) -> list[list[str]]:
    """Return the traceparent, in parts, and the tracestate of all calls that carried a trace id."""
    calls = [request["headers"] for request in fake.get("/_seen").json() if request["path"] == "/healthz"]
    found = [[*call["traceparent"].split("-"), call.get("tracestate", "")] for call in calls]
    return [parts for parts in found if parts[1] == trace]


def seconds_to_exit(container: Container) -> float:
    told = time.monotonic()
    container.kill("SIGTERM")
    assert container.wait(START) == 0
    return time.monotonic() - told


@pytest.fixture(scope="module")
def plain_exit(own: Bench) -> float:
    """How long it takes here to end a service that has no spans to send."""
    return seconds_to_exit(alive(own.start(DRAIN_SECONDS="0")))


def lines(container: Container, text: str) -> list[dict[str, Any]]:
    """Wait for log lines whose message has a text."""
    found: list[dict[str, Any]] = []

    def seen() -> bool:
        found[:] = [line for line in map(json.loads, container.lines()) if text in line["message"]]
        return bool(found)

    until(START, f"{text} is logged", seen)
    return found


@pytest.mark.promise("trace-context", "trace-logs")
@pytest.mark.parametrize("which", ["traced", "untraced"])
def test_a_trace_goes_through_log_and_calls(
    request: pytest.FixtureRequest, fake: Container, which: str
) -> None:
    service: Container = request.getfixturevalue(which)
    trace = "0af7651916cd43dd8448eb211c8031" + {"traced": "01", "untraced": "02"}[which]
    assert ask(service.port, "GET", "/peers", headers=parent(trace)).status == 200
    [call] = asked(fake, trace)
    assert (call[0], call[3], call[4]) == ("00", "01", "vendor=value")
    assert re.fullmatch("[0-9a-f]{16}", call[2])
    until(START, "it is logged", lambda: any(line["trace_id"] == trace for line in lines(service, "/peers")))
    [line] = [line for line in lines(service, "/peers") if line["trace_id"] == trace]
    assert re.fullmatch("[0-9a-f]{16}", line["span_id"])
    assert len({SPAN, "0" * 16, line["span_id"], call[2]}) == 4


@pytest.mark.promise("trace-logs")
def test_every_line_says_of_which_request_it_is(untraced: Container) -> None:
    trace = "0af7651916cd43dd8448eb211c803110"
    # Its database has no tables, so a line of its own says what went wrong before the line of the request.
    ask(untraced.port, "GET", "/items", headers=parent(trace))
    until(START, "it is logged", lambda: any(line["trace_id"] == trace for line in lines(untraced, "/items")))
    found = [json.loads(line) for line in untraced.lines()]
    mine = [line for line in found if line["trace_id"] == trace]
    assert len(mine) > 1
    assert {len(line["span_id"]) for line in mine} == {16}
    assert [line for line in found if not {"trace_id", "span_id"} <= line.keys()] == []
    assert (found[0]["trace_id"], found[0]["span_id"]) == ("", "")


@pytest.mark.promise("trace-context")
@pytest.mark.parametrize(
    "given",
    [
        "nonsense",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{'a' * 32}-{'0' * 16}-01",
        f"00-{'A' * 32}-{SPAN}-01",
        f"ff-{'a' * 32}-{SPAN}-01",
        f"00-{'a' * 32}-{SPAN}-01-more",
        "",
    ],
)
def test_without_a_well_formed_parent_a_new_trace_begins(
    untraced: Container, fake: Container, given: str
) -> None:
    before = len(fake.get("/_seen").json())
    assert ask(untraced.port, "GET", "/peers", headers={"traceparent": given}).status == 200
    [call] = [call for call in fake.get("/_seen").json()[before:] if call["path"] == "/healthz"]
    version, trace, span, _ = call["headers"]["traceparent"].split("-")
    assert (version, len(trace), len(span)) == ("00", 32, 16)
    assert trace.lower() not in ("0" * 32, "a" * 32)


@pytest.mark.promise("spans", "service-version")
def test_a_request_and_its_calls_are_spans_of_the_callers_trace(traced: Container, fake: Container) -> None:
    trace = "0af7651916cd43dd8448eb211c803120"
    ask(traced.port, "GET", "/peers?token=a-query", headers=parent(trace))
    until(START, "they arrive", lambda: len(received(fake, trace)) == 2)
    [server] = [span for span in received(fake, trace) if span.kind == "server"]
    [client] = [span for span in received(fake, trace) if span.kind == "client"]
    [call] = asked(fake, trace)
    assert server.parent == SPAN
    assert (client.parent, client.id) == (server.id, call[2])
    assert server.name == "GET /peers"
    assert server.attributes["http.route"] == "/peers"
    assert server.attributes["http.response.status_code"] in (200, "200")
    assert not server.failed
    assert "a-query" not in str(received(fake, trace))
    assert (server.resource["service.name"], server.resource["service.version"]) == ("full", "1.2.3")


@pytest.mark.promise("spans")
def test_statements_and_failures_are_spans_too(traced: Container, fake: Container, own: Bench) -> None:
    trace, failed = "0af7651916cd43dd8448eb211c803121", "0af7651916cd43dd8448eb211c803122"
    body, kind = json.dumps({"name": "not to be sent"}).encode(), {"Content-Type": "application/json"}
    assert ask(traced.port, "POST", "/items", body, {**kind, **parent(trace)}).status == 201
    until(START, "they arrive", lambda: len(received(fake, trace)) >= 2)
    [server] = [span for span in received(fake, trace) if span.kind == "server"]
    statements = [
        span for span in received(fake, trace) if span.attributes.get("db.system.name") == "postgresql"
    ]
    assert {span.parent for span in statements} == {server.id}
    assert "not to be sent" not in str(received(fake, trace))
    with own.silent_postgres():
        assert ask(traced.port, "GET", "/items", headers=parent(failed)).status == 503
    until(START, "it arrives", lambda: any(span.kind == "server" for span in received(fake, failed)))
    [server] = [span for span in received(fake, failed) if span.kind == "server"]
    assert server.failed
    until(START, "it is ready", lambda: traced.get("/readyz").status == 200)


@pytest.mark.promise("spans")
def test_probes_and_requests_without_sampling_have_no_spans(traced: Container, fake: Container) -> None:
    left, last = "0af7651916cd43dd8448eb211c803130", "0af7651916cd43dd8448eb211c803131"
    assert ask(traced.port, "GET", "/peers", headers=parent(left, "00")).status == 200
    for path in ("/healthz", "/readyz", "/metrics"):
        ask(traced.port, "GET", path, headers=parent(left))
    ask(traced.port, "GET", "/peers", headers=parent(last))
    until(START, "a later one arrives", lambda: len(received(fake, last)) == 2)
    assert received(fake, left) == []
    [call] = asked(fake, left)
    assert call[3] == "00"


@pytest.mark.promise("spans")
def test_without_an_endpoint_nothing_is_sent_anywhere(own: Bench) -> None:
    service = alive(own.start(DRAIN_SECONDS="0", OTEL_BSP_SCHEDULE_DELAY="200"))
    # Where libraries send by default.
    default = own.fake(f"--network=container:{service.name}", port=4318)
    asking = ("exec", default.name, "python", "-c", ASK_IT)
    until(START, "the fake answers", lambda: docker(*asking, check=False) == "200\n")
    for _ in range(5):
        assert service.get("/peers").status == 200
    service.kill("SIGTERM")  # so that what is to be sent is sent, however slow the machine is
    assert service.wait(START) == 0
    assert [line for line in default.lines() if "/v1/" in line] == []


ASK_IT = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:4318/_seen').status)"


@pytest.mark.promise("spans")
def test_the_last_spans_are_sent_before_the_exit(own: Bench, fake: Container) -> None:
    trace = "0af7651916cd43dd8448eb211c803140"
    never = {**SOON, "OTEL_BSP_SCHEDULE_DELAY": "3600000"}
    service = alive(own.start(DRAIN_SECONDS="0", **never))
    ask(service.port, "GET", "/", headers=parent(trace))
    assert received(fake, trace) == []
    service.kill("SIGTERM")
    assert service.wait(START) == 0
    assert [span.name for span in received(fake, trace)] == ["GET /"]


@pytest.mark.promise("spans-harmless")
@pytest.mark.parametrize(
    "receiver",
    ["http://127.0.0.1:1", "http://hanging:8080", "http://flooding:8080"],
    ids=["away", "silent", "flooding"],
)
def test_a_receiver_that_does_not_take_them_harms_nothing(
    own: Bench, fake: Container, plain_exit: float, receiver: str
) -> None:
    service = alive(own.start(DRAIN_SECONDS="0", **{**SOON, "OTEL_EXPORTER_OTLP_ENDPOINT": receiver}))
    port = service.port
    answers = [ask(port, "GET", "/") for _ in range(300)]
    assert {answer.status for answer in answers} == {200}
    assert sorted(answer.seconds for answer in answers)[150] < 0.5
    if "flooding" in receiver:
        # Who reads what it answers to the first batch has no memory left for a second.
        until(START, "a second is sent", lambda: len([service.get("/"), *sent_to(fake, "flooding")]) > 2)
    complaints = [line for line in map(json.loads, service.lines()) if line["level"] != "info"]
    assert len(complaints) < 5
    limit = plain_exit + amount("spans-harmless", "exit")
    seconds = seconds_to_exit(service)
    for _ in range(2):  # a busy machine is late now and then; a service that waits is late each time
        if seconds < limit:
            break
        again = alive(own.start(DRAIN_SECONDS="0", **{**SOON, "OTEL_EXPORTER_OTLP_ENDPOINT": receiver}))
        assert again.get("/").status == 200
        seconds = seconds_to_exit(again)
    assert seconds < limit
