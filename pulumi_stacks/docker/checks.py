"""Waiting for containers, seating them, and saying why one did not come up."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ..text import last_lines  # noqa: TID252
from .engine import Engine, EngineError, address, aliases

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..deployment import Container, Door  # noqa: TID252

POLL_SECONDS = 0.5
# The gateway asks a new seat every second; only when it has seen it may the predecessor be told to end.
SETTLE_SECONDS = 3.0
MANY_RESTARTS = 4
# What cannot be asked whether it is ready counts as ready when it has run for so long.
RUNNING_SECONDS = 5.0
LONG_AGO = timedelta(minutes=2)
LOG_LINES = 20


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
        runs = _Runs(self.running)
        while True:
            description = await self._look(plan, container)
            state = description["State"]
            if state["Status"] == "running" and await self._answers(plan, description, runs):
                return
            if reason := _hopeless(plan, description):
                raise NotReady(await self._failure(plan, container, reason))
            if state["Status"] in {"exited", "created"}:
                # Its restart policy leaves only what was stopped by hand.
                if started:
                    raise NotReady(await self._failure(plan, container, _ending(description)))
                started = True
                await self._try(plan, self.engine.start(container))
            if time.monotonic() > deadline:
                reason = f"not ready after {self.timeout:g} s ({_standing(plan, description)})"
                raise NotReady(await self._failure(plan, container, reason))
            await asyncio.sleep(self.poll)

    async def _answers(self, plan: Container, description: Mapping[str, Any], runs: _Runs) -> bool:
        """Say whether a running container is well: by its health check, when asked, or by running on."""
        if plan.probe is None:
            return (description["State"].get("Health") or {}).get("Status") == "healthy"
        if not plan.probe.path:
            return runs.long_enough(description)
        return bool(await self._try(plan, self.engine.ask(description["Id"], plan.probe)))

    async def done(self, plan: Container, container: str) -> None:
        """Return when a container has ended with 0; NotReady when it ends otherwise or takes too long.

        It may take ten times as long as becoming ready. One that failed in an earlier deployment gets another
        try.
        """
        started = False
        patience = 10 * self.timeout
        deadline = time.monotonic() + patience
        while True:
            description = await self._look(plan, container)
            state = description["State"]
            ended = state["Status"] in {"exited", "dead"}
            if ended and state["ExitCode"] == 0:
                return
            if not started and (ended or state["Status"] == "created"):
                started = True
                await self._try(plan, self.engine.start(container))
            elif ended:
                raise NotReady(await self._failure(plan, container, _ending(description)))
            if time.monotonic() > deadline:
                reason = f"not finished after {patience:g} s ({_standing(plan, description)})"
                raise NotReady(await self._failure(plan, container, reason))
            await asyncio.sleep(self.poll)

    async def seat(self, plan: Container, container: str, networks: Mapping[str, str]) -> None:
        """Let a healthy container be called: connect it to the networks of its doors where it is not yet.

        Waits a moment where it follows another one, so that the gateway knows it before that one ends.
        """
        follows = [
            await self._try(plan, self._take(door, networks[door.network], container, plan.grace_seconds))
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
                        await self._try(plan, order)

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
                await self.engine.stop(former["Id"], grace_seconds)
        await self.engine.connect(network, container, seat)
        return bool(holders)

    async def _holders(self, door: Door, network: str) -> dict[str, list[Mapping[str, Any]]]:
        members = await asyncio.gather(*map(self.engine.inspect, await self.engine.members(network)))
        holders: dict[str, list[Mapping[str, Any]]] = {}
        for member in filter(None, members):
            for seat in set(aliases(member, network)) & set(door.seats):
                holders.setdefault(seat, []).append(member)
        return holders

    async def _look(self, plan: Container, container: str) -> Mapping[str, Any]:
        description: Mapping[str, Any] | None = await self._try(plan, self.engine.inspect(container))
        if description is None:
            gone = f"{plan.place}: its container is gone from the engine; `make up REFRESH=yes` makes it anew"
            raise NotReady(gone)
        # The provider knows no limit of processes.
        ended = description["State"]["Status"] in {"exited", "dead"}
        if description["HostConfig"].get("PidsLimit") != plan.processes and not ended:
            await self._try(plan, self.engine.limit(container, plan.processes))
        return description

    async def _try(self, plan: Container, order: Any) -> Any:
        try:
            return await order
        except EngineError as error:
            raise NotReady(f"{plan.place}: the Docker engine says: {error}") from error

    async def _failure(self, plan: Container, container: str, reason: str) -> str:
        try:
            lines = await self.engine.logs(container, LOG_LINES)
        except EngineError:
            lines = ()
        return f"{plan.place}: {reason}{last_lines(lines)}"


class _Runs:
    """How long a container has run without a restart."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._start: str | None = None
        self._seen = 0.0

    def long_enough(self, description: Mapping[str, Any]) -> bool:
        start = description["State"]["StartedAt"]
        if start != self._start:
            self._start, self._seen = start, time.monotonic()
        # The engine's clock may differ a little from ours.
        age = datetime.now(UTC) - datetime.fromisoformat(start[:19] + "+00:00")
        return age > LONG_AGO or time.monotonic() - self._seen >= self._seconds


def _hopeless(plan: Container, description: Mapping[str, Any]) -> str | None:
    state = description["State"]
    if state["Status"] == "restarting" and description.get("RestartCount", 0) >= MANY_RESTARTS:
        return f"it ends again and again; {_ending(description)}"
    if state["Status"] == "dead":
        return _ending(description)
    if state["Status"] == "running" and not state.get("Health") and plan.probe is None:
        return "its image has no HEALTHCHECK, so it can never be known to be ready"
    return None


def _ending(description: Mapping[str, Any]) -> str:
    state = description["State"]
    if state.get("OOMKilled"):
        limit = description["HostConfig"].get("Memory", 0) // 2**20
        return f"killed for using more than its {limit} MiB of memory"
    return state.get("Error") or f"exited with code {state['ExitCode']}"


def _standing(plan: Container, description: Mapping[str, Any]) -> str:
    state = description["State"]
    if plan.probe and plan.probe.path and state["Status"] == "running":
        return f"running; it did not answer 200 to GET {plan.probe.path} on its port {plan.probe.port}"
    health = state.get("Health") or {}
    said = [entry.get("Output", "").strip() for entry in health.get("Log") or ()]
    standing = health.get("Status") or state["Status"]
    if state["Status"] == "restarting":
        return _ending(description)
    if said and said[-1]:
        return f"{standing}; its health check says: {said[-1].splitlines()[-1][:300]}"
    return str(standing)
