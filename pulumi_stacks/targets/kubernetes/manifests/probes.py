"""How the cluster asks a container whether it is well. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....network.caddyfile import ALIVE, READY
from .pod_template import PORT

if TYPE_CHECKING:
    from ....plan.model import Check, Probe
    from .metadata import Object

# In so many seconds a container has to be alive for the first time.
START_SECONDS = 120


def of_contract() -> Object:
    """Return the probes of an image that keeps the service contract."""
    return {
        "startupProbe": _asked(_get(ALIVE), every=1, failures=START_SECONDS),
        "livenessProbe": _asked(_get(ALIVE), every=10, failures=3),
        "readinessProbe": _asked(_get(READY), every=2, failures=2),
    }


def of_own(probe: Probe) -> Object:
    """Return the probes of an image of its own; there are none when nobody can ask it.

    Its path says whether it may have requests. That it is alive shows by taking connections.
    """
    if not probe.path:
        return {}
    takes = {"tcpSocket": {"port": PORT}}
    return {
        "startupProbe": _asked(takes, every=1, failures=START_SECONDS),
        "livenessProbe": _asked(takes, every=10, failures=3),
        "readinessProbe": _asked(_get(probe.path), every=2, failures=2),
    }


def of_check(check: Check) -> Object:
    """Return the probes of a container that is asked by a command inside of it."""
    command = {"exec": {"command": list(check.test[1:])}}
    return {
        # A database that was killed reads its log first, and that takes as long as it takes.
        "startupProbe": _asked(command, every=1, failures=5 * START_SECONDS),
        "livenessProbe": _asked(command, every=10, failures=6),
        "readinessProbe": _asked(command, every=2, failures=2),
    }


def _get(path: str) -> Object:
    return {"httpGet": {"path": path, "port": PORT}}


def _asked(question: Object, *, every: int, failures: int) -> Object:
    return {**question, "periodSeconds": every, "timeoutSeconds": 3, "failureThreshold": failures}
