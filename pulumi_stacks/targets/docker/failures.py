"""One failure for the whole deployment: every chain of checks reports here, and all are told at once."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import pulumi

from ...refusal import refusal
from .readiness import NotReady

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence


class Verdict:
    """Collects the outcome of every chain, a chain being the containers of one service in their order."""

    def __init__(self, chains: Iterable[str], patience: float) -> None:
        self._open = set(chains)
        self._patience = patience
        self._problems: dict[str, str] = {}
        self._complete = asyncio.Event()

    async def judge(self, chain: str, check: Awaitable[object], *, last: bool) -> None:
        """Run one check of a chain; when it fails, raise it together with what all other chains found.

        The `last` check of a chain closes it.
        """
        try:
            await check
        except NotReady as problem:
            self._problems[chain] = str(problem)
            self._close(chain)
            # A chain whose container could not even be made never closes.
            with suppress(TimeoutError, asyncio.TimeoutError):
                await asyncio.wait_for(self._complete.wait(), self._patience)
            raise refusal("\n".join(text for _, text in sorted(self._problems.items()))) from None
        if last:
            self._close(chain)

    def _close(self, chain: str) -> None:
        self._open.discard(chain)
        if not self._open:
            self._complete.set()


def after(
    containers: Sequence[pulumi.CustomResource], check: Callable[[list[str]], Awaitable[None]]
) -> pulumi.Input[list[pulumi.Resource]]:
    """Return containers as something to depend on that is there only when a check of their ids has passed."""
    if pulumi.runtime.is_dry_run():
        return list(containers)

    async def passed(identities: list[str]) -> list[pulumi.Resource]:
        await check(identities)
        return list(containers)

    return pulumi.Output.all(*(container.id for container in containers)).apply(passed)
