"""Waits until containers are healthy, connects them to their networks, and reports why one is not."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from ...messages import last_lines
from .container_states import ENDED, RepeatedErrors, Uptime, exit_reason, permanent_failure, status_text
from .docker_cli import Engine, EngineError, address, aliases

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping, Sequence

    from ...plan.model import Container, Endpoint

POLL_SECONDS = 0.5
# The gateway runs its health checks every second: a container is stopped only after one more check has
# found its successor.
SETTLE_SECONDS = 3.0
# A container without a readiness check counts as ready after it has run for so long.
RUNNING_SECONDS = 5.0
LOG_LINES = 20
_Answer = TypeVar("_Answer")


class NotReady(Exception):  # noqa: N818
    """A container is not ready; the text has its name, the reason and the last lines of its log."""


@dataclass(frozen=True)
class Checks:
    """The readiness checks of one deployment: the engine to ask, and the times, in seconds."""

    engine: Engine
    timeout: float = 60.0
    settle: float = SETTLE_SECONDS
    poll: float = POLL_SECONDS
    running: float = RUNNING_SECONDS

    async def healthy(self, plan: Container, container: str) -> None:
        """Wait until a container is healthy; NotReady when it fails or times out."""
        started = False
        deadline = time.monotonic() + self.timeout
        uptime, errors = Uptime(self.running), RepeatedErrors()
        while True:
            description = await self._inspect(plan, container)
            status = description["State"]["Status"]
            reason = permanent_failure(plan, description)
            # The restart policy starts all others: this one was stopped by hand.
            if started and status in {"exited", "created"}:
                reason = exit_reason(description)
            if reason:
                raise await self._failure(plan, container, reason)
            try:
                await self._limit_processes(plan, description)
                if status == "running" and await self._is_ready(plan, description, uptime):
                    return
            except EngineError as error:
                if errors.too_many(description):
                    raise await self._failure(plan, container, _engine_error(error)) from error
            if status in {"exited", "created"}:
                started = True
                await self._run(plan, container, self.engine.start(container))
            if time.monotonic() > deadline:
                reason = f"not ready after {self.timeout:g} s ({status_text(plan, description)})"
                raise await self._failure(plan, container, reason)
            await asyncio.sleep(self.poll)

    async def _is_ready(self, plan: Container, description: Mapping[str, Any], uptime: Uptime) -> bool:
        """Return whether a running container is ready: by its health check, its probe, or its uptime."""
        if plan.probe is None:
            return (description["State"].get("Health") or {}).get("Status") == "healthy"
        if not plan.probe.path:
            return uptime.long_enough(description)
        return await self.engine.probe(description["Id"], plan.probe)

    async def done(self, plan: Container, container: str) -> None:
        """Wait until a container has exited with 0; NotReady when it fails or times out.

        The timeout is ten times that of readiness. A container that failed before is started again once.
        """
        started = False
        timeout = 10 * self.timeout
        deadline = time.monotonic() + timeout
        errors = RepeatedErrors()
        while True:
            description = await self._inspect(plan, container)
            state = description["State"]
            ended = state["Status"] in ENDED
            if ended and state["ExitCode"] == 0:
                return
            if ended and started:
                raise await self._failure(plan, container, exit_reason(description))
            try:
                await self._limit_processes(plan, description)
            except EngineError as error:
                if errors.too_many(description):
                    raise await self._failure(plan, container, _engine_error(error)) from error
            if not started and (ended or state["Status"] == "created"):
                started = True
                await self._run(plan, container, self.engine.start(container))
            if time.monotonic() > deadline:
                reason = f"not finished after {timeout:g} s ({status_text(plan, description)})"
                raise await self._failure(plan, container, reason)
            await asyncio.sleep(self.poll)

    async def connect(self, plan: Container, container: str, networks: Mapping[str, str]) -> None:
        """Connect a healthy container to the networks on which other containers call it.

        If it replaces another container, wait until the gateway has found it: then that one can stop.
        """
        replaced = [
            await self._run(
                plan,
                container,
                self._connect_once(endpoint, networks[endpoint.network], container, plan.grace_seconds),
            )
            for endpoint in plan.endpoints
        ]
        if any(replaced):
            await asyncio.sleep(self.settle)

    async def disconnect_former(
        self, plan: Container, current: Sequence[str], networks: Mapping[str, str]
    ) -> None:
        """Remove the former replicas from DNS, while they finish their requests.

        Callers find replicas by DNS. The gateway does not: its health checks find those that stop.
        """
        for endpoint in plan.endpoints:
            if len(endpoint.slots) == 1:
                network = networks[endpoint.network]
                for former in (await self._holders(endpoint, network)).get(endpoint.slots[0], ()):
                    if former["Id"] not in current:
                        command = self.engine.remove_aliases(network, former["Id"], address(former, network))
                        await self._run(plan, current[0], self._unless_ended(former["Id"], command))

    async def _connect_once(
        self, endpoint: Endpoint, network: str, container: str, grace_seconds: int
    ) -> bool:
        description = await self.engine.inspect(container)
        if description is None or set(aliases(description, network)) & set(endpoint.slots):
            return False
        if len(endpoint.slots) == 1:
            await self.engine.connect(network, container, endpoint.slots[0])
            return False
        holders = await self._holders(endpoint, network)
        free = [alias for alias in endpoint.slots if alias not in holders]
        if free:
            alias = free[0]
        else:
            # Deployments that did not finish hold both aliases: the oldest container is stopped.
            _, alias = min((held[0]["Created"], alias) for alias, held in holders.items())
            for former in holders[alias]:
                await self._unless_ended(former["Id"], self.engine.stop(former["Id"], grace_seconds))
        await self.engine.connect(network, container, alias)
        return bool(holders)

    async def _holders(self, endpoint: Endpoint, network: str) -> dict[str, list[Mapping[str, Any]]]:
        identities = await self.engine.containers_on(network)
        found = await asyncio.gather(*map(self.engine.inspect, identities))
        holders: dict[str, list[Mapping[str, Any]]] = {}
        for container in filter(None, found):
            for alias in set(aliases(container, network)) & set(endpoint.slots):
                holders.setdefault(alias, []).append(container)
        return holders

    async def _unless_ended(self, container: str, command: Awaitable[None]) -> None:
        """Run a command on a container; an error does not count once the container has stopped or is gone."""
        try:
            await command
        except EngineError:
            description = await self.engine.inspect(container)
            if description is not None and description["State"]["Status"] not in ENDED:
                raise

    async def _inspect(self, plan: Container, container: str) -> Mapping[str, Any]:
        try:
            description = await self.engine.inspect(container)
        except EngineError as error:
            raise NotReady(f"{plan.place}: {_engine_error(error)}") from error
        if description is None:
            fix = "recreate it with `make up REFRESH=yes`"
            raise NotReady(f"{plan.place}: container not found on the Docker engine; {fix}")
        return description

    async def _limit_processes(self, plan: Container, description: Mapping[str, Any]) -> None:
        """Set the limit of processes, for which the provider's Container has no argument."""
        ended = description["State"]["Status"] in ENDED
        if description["HostConfig"].get("PidsLimit") != plan.processes and not ended:
            await self.engine.limit_processes(description["Id"], plan.processes)

    async def _run(self, plan: Container, container: str, command: Awaitable[_Answer]) -> _Answer:
        """Run a command on a container; where it has exited meanwhile, that is the error to report."""
        try:
            return await command
        except EngineError as error:
            description = await self._inspect(plan, container)
            crashed = description["State"]["Status"] in {*ENDED, "restarting"}
            reason = (
                f"{exit_reason(description)}; {_engine_error(error)}" if crashed else _engine_error(error)
            )
            raise await self._failure(plan, container, reason) from error

    async def _failure(self, plan: Container, container: str, reason: str) -> NotReady:
        try:
            log = last_lines(await self.engine.logs(container, LOG_LINES))
        except EngineError as error:
            log = f"\n  cannot read its log: {error}"
        return NotReady(f"{plan.place}: {reason}{log}")


def _engine_error(error: EngineError) -> str:
    return f"Docker: {error}"
