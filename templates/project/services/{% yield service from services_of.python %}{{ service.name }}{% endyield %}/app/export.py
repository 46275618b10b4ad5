"""Sending spans by OTLP, in the background."""

import io
import logging
import time
from typing import Any

from opentelemetry.exporter.otlp.proto.http import trace_exporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from requests import Response, Session
from requests.adapters import HTTPAdapter

from app.tracing import TracingSettings

_SILENCE = 60.0  # seconds between two complaints about a receiver


class NowAndThen(logging.Filter):
    """Lets one record through per minute: an unavailable receiver must not fill the log."""

    def __init__(self) -> None:
        super().__init__()
        self._next = 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        now = time.monotonic()
        passes = now >= self._next
        if passes:
            self._next = now + _SILENCE
        return passes


class Unread(HTTPAdapter):
    """Leaves the body of an answer where it is: the status says enough, and a body may have no end."""

    def send(self, *arguments: Any, **options: Any) -> Response:
        response = super().send(*arguments, **{**options, "stream": True})
        response.close()
        response.raw = io.BytesIO()
        return response


def make_session() -> Session:
    """Make what requests to the receiver go through."""
    session = Session()
    for scheme in ("http://", "https://"):
        session.mount(scheme, Unread())
    return session


def make_provider(settings: TracingSettings) -> TracerProvider:
    """Make what sends spans to the endpoint that is set; it reads further OTEL_… variables itself."""
    exporter = trace_exporter.OTLPSpanExporter(
        endpoint=f"{settings.otel_exporter_otlp_endpoint}/v1/traces",
        headers=settings.export_headers,
        timeout=settings.otel_exporter_otlp_timeout / 1000,
        session=make_session(),
    )
    logging.getLogger(trace_exporter.__name__).addFilter(NowAndThen())
    resource = Resource.create(
        {
            "service.name": settings.otel_service_name or settings.service_name,
            "service.version": settings.service_version,
        }
    )
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider
