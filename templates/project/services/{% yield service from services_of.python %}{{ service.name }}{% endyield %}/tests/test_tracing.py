"""Trace ids: from the caller, in log lines, on to callees; and spans."""

import asyncio
import contextlib
import io
import json
import logging
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from app import logs, tracing
from app.export import NowAndThen, make_provider, make_session
from app.main import create_app
from app.settings import Settings
from app.tracing import Tracing, headers_of

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
PARENT = f"00-{TRACE}-{SPAN}-01"
NOWHERE = "http://127.0.0.1:1"


@pytest.fixture
def seen(app: FastAPI) -> list[dict[str, str]]:
    """What GET /seen would tell a callee."""
    found: list[dict[str, str]] = []

    @app.get("/seen")
    async def see() -> None:
        found.append(headers_of(trace.get_current_span()))

    return found


def test_the_trace_of_the_caller_is_carried_on(client: TestClient, seen: list[dict[str, str]]) -> None:
    client.get("/seen", headers={"traceparent": PARENT, "tracestate": "a=1,b=2"})
    _, trace_id, span_id, flags = seen[0]["traceparent"].split("-")
    assert (trace_id, flags) == (TRACE, "01")
    assert span_id != SPAN
    assert seen[0]["tracestate"] == "a=1,b=2"


def test_a_caller_that_is_not_sampled_stays_so(client: TestClient, seen: list[dict[str, str]]) -> None:
    client.get("/seen", headers={"traceparent": f"00-{TRACE}-{SPAN}-00"})
    assert seen[0]["traceparent"].endswith("-00")


@pytest.mark.parametrize(
    "given",
    [
        "",
        "x",
        PARENT.upper(),
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"ff{PARENT[2:]}",
        PARENT * 99,
    ],
)
def test_an_invalid_trace_begins_a_new_one(
    client: TestClient, seen: list[dict[str, str]], given: str
) -> None:
    client.get("/seen", headers={"traceparent": given, "tracestate": "a=1"})
    client.get("/seen", headers={"traceparent": given})
    first, second = (headers["traceparent"].split("-")[1] for headers in seen)
    assert first != second
    assert TRACE not in (first, second)
    assert "tracestate" not in seen[0]


@pytest.fixture
def logged(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Callable[[], list[dict[str, str]]]:
    """Returns what was logged until then."""
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    logs.configure(Settings())
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


def test_every_line_of_a_request_carries_its_ids(
    app: FastAPI, logged: Callable[[], list[dict[str, str]]]
) -> None:
    @app.get("/telling")
    async def tell() -> None:
        logging.getLogger("anything").warning("told")

    TestClient(app).get("/telling", headers={"traceparent": PARENT})
    told, access = logged()
    assert (told["message"], access["message"]) == ("told", "GET /telling 200")
    assert told["trace_id"] == access["trace_id"] == TRACE
    assert told["span_id"] == access["span_id"] != SPAN


def test_outside_of_a_request_ids_are_empty(logged: Callable[[], list[dict[str, str]]]) -> None:
    logging.getLogger("anything").warning("told")
    [line] = logged()
    assert (line["trace_id"], line["span_id"]) == ("", "")


@pytest.fixture
def spans(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """The spans of an application whose receiver is this list."""
    exporter = InMemorySpanExporter()
    monkeypatch.setattr("app.export.BatchSpanProcessor", lambda _: SimpleSpanProcessor(exporter))
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", NOWHERE)
    yield exporter
    exporter.clear()


def by_name(exporter: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    return {span.name: span for span in exporter.get_finished_spans()}


def test_a_request_is_a_span_below_that_of_its_caller(spans: InMemorySpanExporter) -> None:
    client = TestClient(create_app(Settings()))
    client.get("/", headers={"traceparent": PARENT})
    span = by_name(spans)["GET /"]
    assert span.kind is trace.SpanKind.SERVER
    assert span.context is not None
    assert span.parent is not None
    assert trace.format_trace_id(span.context.trace_id) == TRACE
    assert trace.format_span_id(span.parent.span_id) == SPAN
    assert dict(span.attributes or {}) == {
        "http.request.method": "GET",
        "http.response.status_code": 200,
        "http.route": "/",
        "url.path": "/",
        "url.scheme": "http",
    }
    assert span.resource.attributes["service.name"] == Settings().service_name


def test_a_failed_request_is_a_span_with_an_error(spans: InMemorySpanExporter) -> None:
    app = create_app(Settings())

    @app.get("/bug")
    async def bug() -> None:
        raise RuntimeError("a secret")

    TestClient(app, raise_server_exceptions=False).get("/bug")
    span = by_name(spans)["GET /bug"]
    assert span.status.status_code is trace.StatusCode.ERROR
    assert "a secret" not in span.to_json()


def test_probes_and_what_is_not_sampled_make_no_spans(spans: InMemorySpanExporter) -> None:
    with TestClient(create_app(Settings())) as client:
        for path in ("/healthz", "/readyz", "/metrics"):
            client.get(path)
        client.get("/", headers={"traceparent": f"00-{TRACE}-{SPAN}-00"})
    assert by_name(spans) == {}


def test_without_an_endpoint_nothing_is_sent(environment: dict[str, str]) -> None:
    assert not Tracing(Settings()).exports


def test_sending_can_be_switched_off(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", NOWHERE)
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    assert not Tracing(Settings()).exports


def test_the_receiver_gets_headers_and_the_standard_name(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"{NOWHERE}/")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "key=s3cret%20one, other=2")
    monkeypatch.setenv("OTEL_SERVICE_NAME", "standard")
    settings = Settings()
    assert settings.otel_exporter_otlp_endpoint == NOWHERE
    assert settings.export_headers == {"key": "s3cret one", "other": "2"}
    assert "s3cret" not in repr(settings)
    provider = make_provider(settings)
    assert isinstance(provider, TracerProvider)
    assert provider.resource.attributes["service.name"] == "standard"
    provider.shutdown()


@pytest.mark.parametrize("status", ["200 OK", "400 Bad Request"])
def test_an_answer_of_the_receiver_without_end_is_not_read(status: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        sent = threading.Thread(target=flood, args=(server, status), daemon=True)
        sent.start()
        answer = make_session().post(f"http://127.0.0.1:{server.getsockname()[1]}", b"spans", timeout=9)
        assert (answer.status_code, answer.text) == (int(status[:3]), "")
        sent.join(9)
        assert not sent.is_alive()


def flood(server: socket.socket, status: str) -> None:
    """Answer a request without end, until the connection is closed."""
    connection, _ = server.accept()
    with connection, contextlib.suppress(OSError):
        connection.recv(2**16)
        connection.sendall(f"HTTP/1.1 {status}\r\nContent-Length: 999999999999\r\n\r\n".encode())
        while True:
            connection.sendall(bytes(2**16))


def test_a_receiver_that_is_silent_holds_up_the_end_only_shortly(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tracing._FLUSH <= 3  # of the 5 seconds that an exit may take
    monkeypatch.setattr(tracing, "_FLUSH", 0.1)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", NOWHERE)
    app = create_app(Settings())
    never, threads = threading.Event(), list[threading.Thread]()

    def shut_down() -> None:
        threads.append(threading.current_thread())
        never.wait(60)

    monkeypatch.setattr(app.state.tracing.provider, "shutdown", shut_down)

    async def live() -> None:
        async with tracing.lifespan(app):
            pass

    started = time.monotonic()
    asyncio.run(live())
    assert time.monotonic() - started < 30
    assert [thread.daemon for thread in threads] == [True]  # else the process would wait for it
    never.set()


def test_a_receiver_that_is_away_is_complained_of_once() -> None:
    record = logging.makeLogRecord({})
    quiet = NowAndThen()
    assert [quiet.filter(record) for _ in range(3)] == [True, False, False]
