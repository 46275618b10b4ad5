"""Every request measured, logged and traced."""

import logging
import time

from opentelemetry.trace import Span, StatusCode
from starlette.datastructures import MutableHeaders, State
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.metrics import Metrics
from app.tracing import Tracing

logger = logging.getLogger("app.access")

_METHODS = {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}
# Asked every few seconds, and of no interest as long as they answer.
_QUIET = {"/healthz", "/metrics", "/readyz"}


class Observer:
    """Middleware that records the result of each request, and closes connections while the service drains."""

    def __init__(self, app: ASGIApp, state: State) -> None:
        self._app = app
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500
        tracing: Tracing = self._state.tracing
        span = tracing.enter(scope, kept=scope["path"] not in _QUIET)

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
            self._record(scope, status, time.perf_counter() - started, span)

    def _record(self, scope: Scope, status: int, seconds: float, span: Span) -> None:
        route = getattr(scope.get("route"), "path", "unmatched")
        method = scope["method"] if scope["method"] in _METHODS else "other"
        metrics: Metrics = self._state.metrics
        metrics.requests.labels(method, route, f"{status // 100}xx").observe(seconds)
        if scope["path"] not in _QUIET:
            logger.info(
                "%s %s %d",
                method,
                scope["path"],
                status,
                extra={"route": route, "status": status, "milliseconds": round(seconds * 1000, 1)},
            )
        if span.is_recording():
            _describe(span, scope, method, route, status)
        span.end()


def _describe(span: Span, scope: Scope, method: str, route: str, status: int) -> None:
    span.update_name(f"{method} {route}")
    span.set_attributes(
        {
            "http.request.method": "_OTHER" if method == "other" else method,
            "http.response.status_code": status,
            "http.route": route,
            "url.path": scope["path"],
            "url.scheme": scope["scheme"],
        }
    )
    if status >= 500:
        span.set_attribute("error.type", str(status))
        span.set_status(StatusCode.ERROR)
