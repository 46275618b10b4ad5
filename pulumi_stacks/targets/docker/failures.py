"""Collects the failures of all services, so that a deployment reports all of them at once."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import pulumi

from ...error_report import deployment_error
from .readiness import NotReady

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence


class FailureCollector:
    """Collects the result of every chain of checks: the containers of one service, in their order."""

    def __init__(self, chains: Iterable[str], timeout: float) -> None:
        self._pending = set(chains)
        self._timeout = timeout
        self._problems: dict[str, str] = {}
        self._complete = asyncio.Event()

    async def check(self, chain: str, check: Awaitable[object], *, last: bool) -> None:
        """Run one check of a chain; when it fails, raise it with the failures of all other chains.

        The `last` check of a chain completes it.
        """
        try:
            await check
        except NotReady as problem:
            self._problems[chain] = str(problem)
            self._finish(chain)
            # A chain never completes where Docker could not create its container.
            with suppress(TimeoutError, asyncio.TimeoutError):
                await asyncio.wait_for(self._complete.wait(), self._timeout)
            raise deployment_error("\n".join(text for _, text in sorted(self._problems.items()))) from None
        if last:
            self._finish(chain)

    def _finish(self, chain: str) -> None:
        self._pending.discard(chain)
        if not self._pending:
            self._complete.set()


def after(
    containers: Sequence[pulumi.CustomResource], check: Callable[[list[str]], Awaitable[None]]
) -> pulumi.Input[list[pulumi.Resource]]:
    """Return containers as a dependency that resolves when a check of their ids has passed."""
    if pulumi.runtime.is_dry_run():
        return list(containers)

    async def passed(identities: list[str]) -> list[pulumi.Resource]:
        await check(identities)
        return list(containers)

    return pulumi.Output.all(*(container.id for container in containers)).apply(passed)
