"""How much a request may send."""

import asyncio
from contextlib import suppress

from fastapi import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.problems import respond

_TOO_LARGE = "the body is larger than {} bytes"
_DROPPING = 2.0  # seconds for the rest of a body that is too large


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
        declared = _header(scope, b"content-length")
        if declared.isdigit() and int(declared) > self._max_bytes:
            # A client that asks before sending must not get 100 Continue.
            if _header(scope, b"expect").lower() != b"100-continue":
                await _drop_rest(receive)
            await respond(413, detail, headers={"Connection": "close"})(scope, receive, send)
            return
        arrived = 0

        async def receive_limited() -> Message:
            nonlocal arrived
            message = await receive()
            arrived += len(message.get("body", b""))
            if arrived > self._max_bytes:
                if message.get("more_body"):
                    await _drop_rest(receive)
                raise HTTPException(413, detail, {"Connection": "close"})
            return message

        await self._app(scope, receive_limited, send)


def _header(scope: Scope, wanted: bytes) -> bytes:
    return next((value for name, value in scope["headers"] if name == wanted), b"")


async def _drop_rest(receive: Receive) -> None:
    """Read what is still arriving, for a while: closing on unread data could destroy the answer."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_DROPPING):
            while (await receive()).get("more_body"):
                pass
