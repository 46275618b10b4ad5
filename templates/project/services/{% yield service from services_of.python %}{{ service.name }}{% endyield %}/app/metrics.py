"""What Prometheus can ask: requests served, requests sent, connections in the pool."""

import logging
import time

from fastapi import APIRouter, Request, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from starlette.datastructures import MutableHeaders, State
from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = logging.getLogger("app.access")
router = APIRouter()

_METHODS = {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}
_UNLOGGED = {"/healthz", "/metrics", "/readyz"}


class Metrics:
    """All series of one application; labels take few values, so nobody outside can add series."""

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
            "Requests sent to other services, retries counted one by one.",
            ("callee", "method", "status"),
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


class Observer:
    """Middleware that measures and logs every request, and closes connections while the service drains."""

    def __init__(self, app: ASGIApp, state: State) -> None:
        self._app = app
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500

        async def send_observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                if self._state.draining:
                    MutableHeaders(scope=message)["connection"] = "close"
            await send(message)

        try:
            await self._app(scope, receive, send_observed)
        finally:
            self._record(scope, status, time.perf_counter() - started)

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unmatched")
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._state.metrics.requests.labels(method, route, f"{status // 100}xx").observe(seconds)
        if scope["path"] not in _UNLOGGED:
            logger.info(
                "%s %s %d",
                method,
                scope["path"],
                status,
                extra={"route": route, "status": status, "milliseconds": round(seconds * 1000, 1)},
            )
