"""What the engine's description of a container says: whether there is hope for it, and why not. Pure."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...plan.model import Container

MANY_RESTARTS = 4
# The engine may say of a container that has ended that it runs; so often an order may be refused meanwhile.
MANY_REFUSALS = 5
LONG_AGO = timedelta(minutes=2)
ENDED = frozenset({"exited", "dead"})


class Runs:
    """How long a container has run without a restart."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._start: str | None = None
        self._seen = 0.0

    def long_enough(self, description: Mapping[str, Any]) -> bool:
        """Count a description, and say whether the container has run long enough."""
        start = description["State"]["StartedAt"]
        if start != self._start:
            self._start, self._seen = start, time.monotonic()
        # The engine's clock may differ a little from ours.
        age = datetime.now(UTC) - datetime.fromisoformat(start[:19] + "+00:00")
        return age > LONG_AGO or time.monotonic() - self._seen >= self._seconds


class Refusals:
    """How often the engine refused an order while the container stayed as it was."""

    def __init__(self) -> None:
        self._state: tuple[str, object] | None = None
        self._count = 0

    def too_many(self, description: Mapping[str, Any]) -> bool:
        """Count one, and say whether the refusal itself is the cause."""
        state = (description["State"]["Status"], description["State"].get("StartedAt"))
        self._count = self._count + 1 if state == self._state else 1
        self._state = state
        return self._count >= MANY_REFUSALS


def hopeless(plan: Container, description: Mapping[str, Any]) -> str | None:
    """Say why a container can never be ready; None while it may."""
    state = description["State"]
    if state["Status"] == "restarting" and description.get("RestartCount", 0) >= MANY_RESTARTS:
        return f"it ends again and again; {ending(description)}"
    if state["Status"] == "dead":
        return ending(description)
    if state["Status"] == "running" and not state.get("Health") and plan.probe is None:
        return "its image has no HEALTHCHECK, so it can never be known to be ready"
    return None


def ending(description: Mapping[str, Any]) -> str:
    """Say how a container ended."""
    state = description["State"]
    if state.get("OOMKilled"):
        limit = description["HostConfig"].get("Memory", 0) // 2**20
        return f"killed for using more than its {limit} MiB of memory"
    return state.get("Error") or f"exited with code {state['ExitCode']}"


def standing(plan: Container, description: Mapping[str, Any]) -> str:
    """Say how a container is that is not ready in time."""
    state = description["State"]
    if plan.probe and plan.probe.path and state["Status"] == "running":
        return f"running; it did not answer 200 to GET {plan.probe.path} on its port {plan.probe.port}"
    health = state.get("Health") or {}
    said = [entry.get("Output", "").strip() for entry in health.get("Log") or ()]
    found = health.get("Status") or state["Status"]
    if state["Status"] == "restarting":
        return ending(description)
    if said and said[-1]:
        return f"{found}; its health check says: {said[-1].splitlines()[-1][:300]}"
    return str(found)
