"""Is the process alive, and may it have traffic?"""

import asyncio
from collections.abc import Awaitable, Callable

from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel

from app import NAME

router = APIRouter()

# Returns why the service is not ready, or None when nothing is wrong.
type Check = Callable[[], Awaitable[str | None]]

_TIMEOUT = 0.8  # seconds; who asks /readyz waits one second at most


class About(BaseModel):
    """Which service answers, and which build of it."""

    service: str
    version: str


class Health(BaseModel):
    """The answer of a probe."""

    status: str = "ok"


@router.get("/", tags=["operations"])
async def about(request: Request) -> About:
    """Say which service this is."""
    return About(service=NAME, version=request.app.state.settings.service_version)


@router.get("/healthz", tags=["operations"])
async def alive() -> Health:
    """Say that the process is alive; asks nothing of anyone."""
    return Health()


@router.get("/readyz", tags=["operations"])
async def ready(request: Request) -> Health:
    """Say whether this instance may have traffic."""
    if request.app.state.draining:
        raise HTTPException(503, "shutting down")
    checks: list[Check] = request.app.state.checks
    try:
        async with asyncio.timeout(_TIMEOUT):
            reasons = [reason for check in checks if (reason := await check())]
    except TimeoutError:
        reasons = [f"not checked within {_TIMEOUT} s"]
    if reasons:
        raise HTTPException(503, "; ".join(reasons))
    return Health()
