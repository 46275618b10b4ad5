"""Sending spans by OTLP, in the background."""

import logging
import time

from opentelemetry.exporter.otlp.proto.http import trace_exporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from app.tracing import TracingSettings

_SILENCE = 60.0  # seconds between two complaints about a receiver


class NowAndThen(logging.Filter):
    """Lets one record through per minute: a receiver that is away is no reason to fill the log."""

    def __init__(self) -> None:
        super().__init__()
        self._next = 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        now = time.monotonic()
        passes = now >= self._next
        if passes:
            self._next = now + _SILENCE
        return passes


def make_provider(settings: TracingSettings) -> TracerProvider:
    """Make what sends spans to the endpoint that is set; it reads further OTEL_… variables itself."""
    exporter = trace_exporter.OTLPSpanExporter(
        endpoint=f"{settings.otel_exporter_otlp_endpoint}/v1/traces",
        headers=settings.export_headers,
        timeout=settings.otel_exporter_otlp_timeout / 1000,
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
