"""How much a request may send."""

from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.problems import respond

_TOO_LARGE = "the body is larger than {} bytes"


class BodyLimit:
    """Middleware that refuses larger bodies: by what they declare, or once that much has arrived.

    FastAPI's own `max_body_size` answers in plain text and is not measured.
    """

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        detail = _TOO_LARGE.format(self._max_bytes)
        declared = Headers(scope=scope).get("content-length", "0")
        if declared.isdecimal() and int(declared) > self._max_bytes:
            # Closed, because the body is still on its way.
            await respond(413, detail, headers={"Connection": "close"})(scope, receive, send)
            return
        arrived = 0

        async def receive_limited() -> Message:
            nonlocal arrived
            message = await receive()
            arrived += len(message.get("body", b""))
            if arrived > self._max_bytes:
                raise HTTPException(413, detail, {"Connection": "close"})
            return message

        await self._app(scope, receive_limited, send)
