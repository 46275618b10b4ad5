"""Which request is this? Ids from the caller, for log lines and callees; spans, where they are wanted."""

import asyncio
import random
import threading
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Annotated, Literal
from urllib.parse import unquote

from fastapi import FastAPI
from opentelemetry import context, trace
from opentelemetry.context import Context
from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, SpanKind, TraceFlags
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from pydantic import AfterValidator, Field, SecretStr
from starlette.types import Scope

from app import NAME
from app.environment import Address, Environment

_W3C = TraceContextTextMapPropagator()
_HEADERS = (b"traceparent", b"tracestate")
_FLUSH = 3.0  # seconds at the end for spans that are still here

type Attributes = Mapping[str, str | int]


def _pairs(value: SecretStr) -> SecretStr:
    if not all(name.strip() and equals for name, equals, _ in _split(value)):
        raise ValueError("is not a list like name=value,name=value")
    return value


def _split(value: SecretStr) -> list[tuple[str, str, str]]:
    return [pair.partition("=") for pair in value.get_secret_value().split(",")]


class TracingSettings(Environment):
    """The standard variables of OpenTelemetry that are checked here; its SDK reads further ones by itself."""

    otel_exporter_otlp_endpoint: Address | None = None
    otel_exporter_otlp_headers: Annotated[SecretStr, AfterValidator(_pairs)] | None = None
    otel_exporter_otlp_protocol: Literal["http/protobuf"] = "http/protobuf"
    otel_exporter_otlp_timeout: int = Field(default=10_000, gt=0)  # milliseconds, as the standard says
    otel_sdk_disabled: bool = False
    otel_service_name: str | None = None

    @property
    def export_headers(self) -> dict[str, str]:
        """The headers that a receiver of spans wants."""
        given = self.otel_exporter_otlp_headers
        return {name.strip(): unquote(text.strip()) for name, _, text in _split(given)} if given else {}


class Tracing:
    """Makes spans: real ones where they are sent somewhere, else such that only carry ids."""

    def __init__(self, settings: TracingSettings) -> None:
        self._tracer: trace.Tracer | None = None
        if settings.otel_exporter_otlp_endpoint and not settings.otel_sdk_disabled:
            from app.export import make_provider  # what it imports costs 10 MB of memory

            self.provider = make_provider(settings)
            self._tracer = self.provider.get_tracer(NAME)

    @property
    def exports(self) -> bool:
        """Tell whether spans are sent."""
        return self._tracer is not None

    def enter(self, scope: Scope, kept: bool) -> Span:
        """Begin the span of a request, below that of its caller, and make it the current one.

        It stays current, so that what the server itself says of this request carries its ids, too; every
        request is a task with a context of its own. One that is not `kept` is not sent, nor what is below it.
        """
        carrier: dict[str, list[str]] = {}
        for name, value in scope["headers"]:
            if name in _HEADERS:
                carrier.setdefault(name.decode(), []).append(value.decode("latin-1"))
        parent = _W3C.extract(carrier, Context()) if carrier else Context()
        if kept:
            span = self.start(scope["method"], SpanKind.SERVER, {}, parent)
        else:
            span = _identify(parent, TraceFlags(TraceFlags.DEFAULT))
        context.attach(trace.set_span_in_context(span))
        return span

    def start(self, name: str, kind: SpanKind, attributes: Attributes, parent: Context | None = None) -> Span:
        """Begin a span below `parent`, or else below the current one."""
        if self._tracer is None:
            return _identify(parent)
        return self._tracer.start_span(name, parent, kind, dict(attributes))


def _identify(parent: Context | None, flags: TraceFlags | None = None) -> Span:
    above = trace.get_current_span(parent).get_span_context()
    number = random.getrandbits(64)
    if above.is_valid:
        flags = above.trace_flags if flags is None else flags
        return NonRecordingSpan(SpanContext(above.trace_id, number, False, flags, above.trace_state))
    # Sampled, so that a callee that does send spans sends those of this request.
    flags = TraceFlags(TraceFlags.SAMPLED) if flags is None else flags
    return NonRecordingSpan(SpanContext(random.getrandbits(128), number, False, flags))


def headers_of(span: Span) -> dict[str, str]:
    """Return the headers that tell a callee which span its own belong to."""
    headers: dict[str, str] = {}
    _W3C.inject(headers, trace.set_span_in_context(span))
    return headers


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Send what spans are left when the application ends."""
    tracing: Tracing = app.state.tracing
    if tracing.exports:
        trace.set_tracer_provider(tracing.provider)  # for `opentelemetry.trace.get_tracer` in code of yours
    yield
    if tracing.exports:
        # A thread that ends with the process: a receiver that is silent must not hold up the exit.
        flush = threading.Thread(target=tracing.provider.shutdown, daemon=True)
        flush.start()
        await asyncio.to_thread(flush.join, _FLUSH)
