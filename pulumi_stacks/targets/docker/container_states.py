"""Reads the output of `docker inspect`: whether a container can still become ready, and why not. Pure."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...plan.model import Container

MAX_RESTARTS = 4
# Docker may report a container as running after it has exited: so many commands may fail meanwhile.
MAX_ERRORS = 5
LONG_AGO = timedelta(minutes=2)
ENDED = frozenset({"exited", "dead"})


class Uptime:
    """Measures how long a container has run without a restart."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._start: str | None = None
        self._seen = 0.0

    def long_enough(self, description: Mapping[str, Any]) -> bool:
        """Return whether a container, as it is inspected now, has run long enough."""
        start = description["State"]["StartedAt"]
        if start != self._start:
            self._start, self._seen = start, time.monotonic()
        # The clock of the engine's machine may differ from ours.
        age = datetime.now(UTC) - datetime.fromisoformat(start[:19] + "+00:00")
        return age > LONG_AGO or time.monotonic() - self._seen >= self._seconds


class RepeatedErrors:
    """Counts the failed commands while the state of a container does not change."""

    def __init__(self) -> None:
        self._state: tuple[str, object] | None = None
        self._count = 0

    def too_many(self, description: Mapping[str, Any]) -> bool:
        """Count one error, and return whether it is to be reported."""
        state = (description["State"]["Status"], description["State"].get("StartedAt"))
        self._count = self._count + 1 if state == self._state else 1
        self._state = state
        return self._count >= MAX_ERRORS


def permanent_failure(plan: Container, description: Mapping[str, Any]) -> str | None:
    """Explain why a container can never become ready; None while it can."""
    state = description["State"]
    if state["Status"] == "restarting" and description.get("RestartCount", 0) >= MAX_RESTARTS:
        return f"restarts again and again; {exit_reason(description)}"
    if state["Status"] == "dead":
        return exit_reason(description)
    if state["Status"] == "running" and not state.get("Health") and plan.probe is None:
        return "its image has no HEALTHCHECK, which readiness needs; add one to the Dockerfile"
    return None


def exit_reason(description: Mapping[str, Any]) -> str:
    """Explain how a container exited."""
    state = description["State"]
    if state.get("OOMKilled"):
        limit = description["HostConfig"].get("Memory", 0) // 2**20
        return f"out of memory: killed at its limit of {limit} MiB"
    return state.get("Error") or f"exited with code {state['ExitCode']}"


def status_text(plan: Container, description: Mapping[str, Any]) -> str:
    """Describe the state of a container that is not ready in time."""
    state = description["State"]
    if plan.probe and plan.probe.path and state["Status"] == "running":
        return f"running; GET {plan.probe.path} on port {plan.probe.port} did not return 200"
    health = state.get("Health") or {}
    outputs = [entry.get("Output", "").strip() for entry in health.get("Log") or ()]
    found = health.get("Status") or state["Status"]
    if state["Status"] == "restarting":
        return exit_reason(description)
    if outputs and outputs[-1]:
        return f"{found}; health check: {outputs[-1].splitlines()[-1][:300]}"
    return str(found)
