"""What Prometheus can ask: requests served, requests sent, connections in the pool."""

from fastapi import APIRouter, Request, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)

router = APIRouter()


class Metrics:
    """All series of one application; labels have few values, so no request can add series."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        self.requests = Histogram(
            "http_request_duration_seconds",
            "Requests served, by route template and status class.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.calls = Histogram(
            "http_client_request_duration_seconds",
            "Requests sent to other services, repetitions counted one by one.",
            ("callee", "method", "status"),
            registry=self.registry,
        )
        self.retries = Counter(
            "http_client_retries",
            "Requests to other services that were repeated.",
            ("callee",),
            registry=self.registry,
        )
        self.refusals = Counter(
            "http_client_refusals",
            "Requests to other services that were not sent, because the circuit breaker was open.",
            ("callee",),
            registry=self.registry,
        )
        self.breakers = Gauge(
            "http_client_breaker_state",
            "1 for the state that the circuit breaker of a callee is in, 0 for the others.",
            ("callee", "state"),
            registry=self.registry,
        )
        self.pool = Gauge(
            "database_pool_connections",
            "Connections to the database, by state (busy or idle).",
            ("state",),
            registry=self.registry,
        )


@router.get("/metrics", include_in_schema=False)
def read_metrics(request: Request) -> Response:
    metrics: Metrics = request.app.state.metrics
    return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)
