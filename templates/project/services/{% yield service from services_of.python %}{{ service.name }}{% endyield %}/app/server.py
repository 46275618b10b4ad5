"""The server process: uvicorn, with a shutdown that loses no request."""

import logging
import math
import signal
import time
from types import FrameType

import uvicorn
from fastapi import FastAPI

from app import logs
from app.main import create_app
from app.settings import Settings

logger = logging.getLogger(__name__)

# Seconds; longer than a gateway keeps an idle connection (Caddy: 2 minutes), so that we never close one
# just as it is used.
_KEEP_ALIVE = 150
# Seconds for open requests to end once we no longer listen.
_FINISH = 20


class Server(uvicorn.Server):
    """Turns SIGTERM into: not ready, serve on for `drain_seconds`, stop listening, finish what is open.

    A second signal ends the drain, a third also drops what is open; Ctrl-C skips the drain.
    """

    def __init__(self, config: uvicorn.Config, app: FastAPI, drain_seconds: float) -> None:
        super().__init__(config)
        self._state = app.state
        self._drain_seconds = drain_seconds
        self._stop_at = math.inf

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # The inherited method is not called: it raises the signal again at the end, where 0 is due.
        if self.should_exit:
            self.force_exit = True
        elif self._state.draining or sig == signal.SIGINT:
            self.should_exit = True
        else:
            self._stop_at = time.monotonic() + self._drain_seconds
        self._state.draining = True

    async def on_tick(self, counter: int) -> bool:
        return await super().on_tick(counter) or time.monotonic() >= self._stop_at


def serve() -> int:
    """Serve until a signal says stop; the answer is the exit code."""
    settings = Settings()
    logs.configure(settings)
    app = create_app(settings)
    config = uvicorn.Config(
        app,
        host="0.0.0.0",
        port=settings.port,
        http="httptools",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=_FINISH,
    )
    server = Server(config, app, settings.drain_seconds)
    logger.info("starting on port %d", settings.port, extra={"version": settings.service_version})
    server.run()
    logger.info("stopped")
    return 0 if server.started else 1
