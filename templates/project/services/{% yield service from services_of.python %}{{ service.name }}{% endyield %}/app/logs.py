"""One JSON object per line on standard output, for our own records and those of every library."""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any

from opentelemetry import trace

from app.environment import Environment

# Made once: every line of a busy service goes through it.
_encode = json.JSONEncoder(default=str).encode
_STANDARD = {*vars(logging.makeLogRecord({})), "message", "asctime", "color_message"}


class _JsonFormatter(logging.Formatter):
    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        ids = trace.get_current_span().get_span_context()
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            "service": self._service,
            "logger": record.name,
            # Empty outside of a request.
            "trace_id": trace.format_trace_id(ids.trace_id) if ids.is_valid else "",
            "span_id": trace.format_span_id(ids.span_id) if ids.is_valid else "",
        }
        line |= {key: value for key, value in vars(record).items() if key not in _STANDARD}
        if record.exc_info:
            # The innermost frames tell; all of them can exceed what log collectors take as one line.
            line["exception"] = "".join(traceback.format_exception(*record.exc_info, limit=-8))
        return _encode(line)


def configure(environment: Environment) -> None:
    """Send every log record to standard output; fields given as `extra` become keys of the line."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_JsonFormatter(environment.service_name))
    logging.basicConfig(level=environment.log_level.upper(), handlers=[handler], force=True)
    logging.captureWarnings(True)
    # These collect unused data for each record.
    for name in ("logAsyncioTasks", "logMultiprocessing", "logProcesses", "logThreads"):
        setattr(logging, name, False)
    logging._srcfile = None
    # Their information lines repeat what our own say, addresses included.
    for name in ("alembic", "httpx2", "httpcore2", "uvicorn"):
        logging.getLogger(name).setLevel(logging.WARNING)
