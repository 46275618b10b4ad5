"""Waiting for containers, seating them, and saying why one did not come up."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from ...messages import last_lines
from .container_states import ENDED, Refusals, Runs, ending, hopeless, standing
from .docker_cli import Engine, EngineError, address, aliases

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping, Sequence

    from ...plan.model import Container, Door

POLL_SECONDS = 0.5
# The gateway asks a new seat every second; only when it has seen it may the predecessor be told to end.
SETTLE_SECONDS = 3.0
# What cannot be asked whether it is ready counts as ready when it has run for so long.
RUNNING_SECONDS = 5.0
LOG_LINES = 20
_Answer = TypeVar("_Answer")


class NotReady(Exception):  # noqa: N818
    """A container did not do what the deployment waits for; the text says which, why, and its last lines."""


@dataclass(frozen=True)
class Checks:
    """What a deployment asks of its containers, of one engine and within one time."""

    engine: Engine
    timeout: float = 60.0
    settle: float = SETTLE_SECONDS
    poll: float = POLL_SECONDS
    running: float = RUNNING_SECONDS

    async def healthy(self, plan: Container, container: str) -> None:
        """Return when a container is healthy; NotReady when it cannot be or takes too long."""
        started = False
        deadline = time.monotonic() + self.timeout
        runs, refusals = Runs(self.running), Refusals()
        while True:
            description = await self._look(plan, container)
            status = description["State"]["Status"]
            reason = hopeless(plan, description)
            # Its restart policy leaves only what was stopped by hand.
            if started and status in {"exited", "created"}:
                reason = ending(description)
            if reason:
                raise await self._failure(plan, container, reason)
            try:
                await self._limit(plan, description)
                if status == "running" and await self._answers(plan, description, runs):
                    return
            except EngineError as error:
                if refusals.too_many(description):
                    raise await self._failure(plan, container, _refused(error)) from error
            if status in {"exited", "created"}:
                started = True
                await self._try(plan, container, self.engine.start(container))
            if time.monotonic() > deadline:
                reason = f"not ready after {self.timeout:g} s ({standing(plan, description)})"
                raise await self._failure(plan, container, reason)
            await asyncio.sleep(self.poll)

    async def _answers(self, plan: Container, description: Mapping[str, Any], runs: Runs) -> bool:
        """Say whether a running container is well: by its health check, when asked, or by running on."""
        if plan.probe is None:
            return (description["State"].get("Health") or {}).get("Status") == "healthy"
        if not plan.probe.path:
            return runs.long_enough(description)
        return await self.engine.ask(description["Id"], plan.probe)

    async def done(self, plan: Container, container: str) -> None:
        """Return when a container has ended with 0; NotReady when it ends otherwise or takes too long.

        It may take ten times as long as becoming ready. One that failed in an earlier deployment gets another
        try.
        """
        started = False
        patience = 10 * self.timeout
        deadline = time.monotonic() + patience
        refusals = Refusals()
        while True:
            description = await self._look(plan, container)
            state = description["State"]
            ended = state["Status"] in ENDED
            if ended and state["ExitCode"] == 0:
                return
            if ended and started:
                raise await self._failure(plan, container, ending(description))
            try:
                await self._limit(plan, description)
            except EngineError as error:
                if refusals.too_many(description):
                    raise await self._failure(plan, container, _refused(error)) from error
            if not started and (ended or state["Status"] == "created"):
                started = True
                await self._try(plan, container, self.engine.start(container))
            if time.monotonic() > deadline:
                reason = f"not finished after {patience:g} s ({standing(plan, description)})"
                raise await self._failure(plan, container, reason)
            await asyncio.sleep(self.poll)

    async def seat(self, plan: Container, container: str, networks: Mapping[str, str]) -> None:
        """Let a healthy container be called: connect it to the networks of its doors where it is not yet.

        Waits a moment where it follows another one, so that the gateway knows it before that one ends.
        """
        follows = [
            await self._try(
                plan, container, self._take(door, networks[door.network], container, plan.grace_seconds)
            )
            for door in plan.doors
        ]
        if any(follows):
            await asyncio.sleep(self.settle)

    async def retire(self, plan: Container, current: Sequence[str], networks: Mapping[str, str]) -> None:
        """Let callers find only the current replicas, while those before them finish what they have.

        The gateway sees by itself who is about to end; a caller asks names only.
        """
        for door in plan.doors:
            if len(door.seats) == 1:
                network = networks[door.network]
                for former in (await self._holders(door, network)).get(door.seats[0], ()):
                    if former["Id"] not in current:
                        order = self.engine.unlist(network, former["Id"], address(former, network))
                        await self._try(plan, current[0], self._unless_ended(former["Id"], order))

    async def _take(self, door: Door, network: str, container: str, grace_seconds: int) -> bool:
        description = await self.engine.inspect(container)
        if description is None or set(aliases(description, network)) & set(door.seats):
            return False
        if len(door.seats) == 1:
            await self.engine.connect(network, container, door.seats[0])
            return False
        holders = await self._holders(door, network)
        free = [seat for seat in door.seats if seat not in holders]
        if free:
            seat = free[0]
        else:
            # Both belong to earlier deployments that never came to an end: the oldest gives way.
            _, seat = min((held[0]["Created"], seat) for seat, held in holders.items())
            for former in holders[seat]:
                await self._unless_ended(former["Id"], self.engine.stop(former["Id"], grace_seconds))
        await self.engine.connect(network, container, seat)
        return bool(holders)

    async def _holders(self, door: Door, network: str) -> dict[str, list[Mapping[str, Any]]]:
        members = await asyncio.gather(*map(self.engine.inspect, await self.engine.members(network)))
        holders: dict[str, list[Mapping[str, Any]]] = {}
        for member in filter(None, members):
            for seat in set(aliases(member, network)) & set(door.seats):
                holders.setdefault(seat, []).append(member)
        return holders

    async def _unless_ended(self, container: str, order: Awaitable[None]) -> None:
        """Give an order to a container that may end or be gone by then, which is as good."""
        try:
            await order
        except EngineError:
            description = await self.engine.inspect(container)
            if description is not None and description["State"]["Status"] not in ENDED:
                raise

    async def _look(self, plan: Container, container: str) -> Mapping[str, Any]:
        try:
            description = await self.engine.inspect(container)
        except EngineError as error:
            raise NotReady(f"{plan.place}: {_refused(error)}") from error
        if description is None:
            gone = f"{plan.place}: its container is gone from the engine; `make up REFRESH=yes` makes it anew"
            raise NotReady(gone)
        return description

    async def _limit(self, plan: Container, description: Mapping[str, Any]) -> None:
        """Set the limit of processes, which the provider does not know, where it is not yet."""
        ended = description["State"]["Status"] in ENDED
        if description["HostConfig"].get("PidsLimit") != plan.processes and not ended:
            await self.engine.limit(description["Id"], plan.processes)

    async def _try(self, plan: Container, container: str, order: Awaitable[_Answer]) -> _Answer:
        """Give an order that a living container takes; what became of the container is the better reason."""
        try:
            return await order
        except EngineError as error:
            description = await self._look(plan, container)
            crashed = description["State"]["Status"] in {*ENDED, "restarting"}
            reason = f"{ending(description)}; {_refused(error)}" if crashed else _refused(error)
            raise await self._failure(plan, container, reason) from error

    async def _failure(self, plan: Container, container: str, reason: str) -> NotReady:
        try:
            said = last_lines(await self.engine.logs(container, LOG_LINES))
        except EngineError as error:
            said = f"\n  its last lines cannot be had: {error}"
        return NotReady(f"{plan.place}: {reason}{said}")


def _refused(error: EngineError) -> str:
    return f"the Docker engine says: {error}"
