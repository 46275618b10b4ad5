"""The probes of containers: startup, liveness, readiness. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....network.caddyfile import ALIVE, READY
from .pod_template import PORT

if TYPE_CHECKING:
    from ....plan.model import Check, Probe
    from .metadata import Object

# The seconds in which the startup probe has to succeed.
START_SECONDS = 120


def of_contract() -> Object:
    """Return the probes of an image that implements the service contract."""
    return {
        "startupProbe": _probe(_get(ALIVE), every=1, failures=START_SECONDS),
        "livenessProbe": _probe(_get(ALIVE), every=10, failures=3),
        "readinessProbe": _probe(_get(READY), every=2, failures=2),
    }


def of_own(probe: Probe) -> Object:
    """Return the probes of an image without the service contract; none if it has no readiness path.

    Readiness is its path. Startup and liveness are connections to its port.
    """
    if not probe.path:
        return {}
    accepts = {"tcpSocket": {"port": PORT}}
    return {
        "startupProbe": _probe(accepts, every=1, failures=START_SECONDS),
        "livenessProbe": _probe(accepts, every=10, failures=3),
        "readinessProbe": _probe(_get(probe.path), every=2, failures=2),
    }


def of_check(check: Check) -> Object:
    """Return the probes of a container with a command as its health check."""
    command = {"exec": {"command": list(check.test[1:])}}
    return {
        # A database that was killed replays its log first, for an unknown time.
        "startupProbe": _probe(command, every=1, failures=5 * START_SECONDS),
        "livenessProbe": _probe(command, every=10, failures=6),
        "readinessProbe": _probe(command, every=2, failures=2),
    }


def _get(path: str) -> Object:
    return {"httpGet": {"path": path, "port": PORT}}


def _probe(handler: Object, *, every: int, failures: int) -> Object:
    return {**handler, "periodSeconds": every, "timeoutSeconds": 3, "failureThreshold": failures}
