"""What is done beside a change of a Deployment or a Job. What fails here, the change itself will tell."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from .kubectl import KubectlError

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping

    from .kubectl import Kubectl

_EXPIRED = "ProgressDeadlineExceeded"
# Owns the number of replicas from when the stack lets go of it until the autoscaler sets another one.
_HEIR = "cn-new-replicas"
_POLL_SECONDS = 1.0


def restart_expired(kubectl: Kubectl, name: str) -> None:
    """Restart a roll-out that has run out of time before, or it would count as failed at once."""
    with suppress(KubectlError):
        status = kubectl.get("deployment", name).get("status", {})
        if any(condition.get("reason") == _EXPIRED for condition in status.get("conditions") or ()):
            kubectl.run("rollout", "restart", f"deployment/{name}")
            kubectl.run("wait", "--for=condition=Progressing", f"deployment/{name}", "--timeout=10s")


def hand_over(kubectl: Kubectl, name: str) -> None:
    """Keep the number of replicas as it is when nobody says it any more: without an owner it falls to one."""
    with suppress(KubectlError):
        replicas = kubectl.get("deployment", name)["spec"]["replicas"]
        owned = {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": name},
            "spec": {"replicas": replicas},
        }
        words = ("apply", "--server-side", f"--field-manager={_HEIR}", "--validate=false", "--filename=-")
        kubectl.run(*words, given=json.dumps(owned))


def end_scaling(kubectl: Kubectl, name: str) -> None:
    """Delete an autoscaler whose Deployment has a number of its own now, before it sets another one."""
    with suppress(KubectlError):
        kubectl.run("delete", "horizontalpodautoscaler", name, "--ignore-not-found")


def end_unstarted(
    kubectl: Kubectl, selector: str, known: Container[str], seconds: float, tell: Callable[[], None]
) -> None:
    """Watch a Job that is about to be made, beside those `known`: if it does not start, `tell` and end it.

    Its own deadline is that of its work, and it never fails by itself where its image cannot be had.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(KubectlError):
            made = _others(kubectl, selector, known)
            if made and not _unstarted(kubectl, made):
                return
        time.sleep(_POLL_SECONDS)
    with suppress(KubectlError):
        late = _unstarted(kubectl, _others(kubectl, selector, known))
        if late:
            tell()
        for job in late:
            patch = json.dumps({"spec": {"activeDeadlineSeconds": 1}})
            kubectl.run("patch", "job", job, "--type=merge", f"--patch={patch}")


def jobs(kubectl: Kubectl, selector: str) -> set[str]:
    """Return the names of the Jobs that are there; none where this cannot be asked."""
    with suppress(KubectlError):
        return {one["metadata"]["name"] for one in _others(kubectl, selector, ())}
    return set()


def _others(kubectl: Kubectl, selector: str, known: Container[str]) -> list[Mapping[str, Any]]:
    items = kubectl.get("jobs", f"--selector={selector}")["items"]
    return [one for one in items if one["metadata"]["name"] not in known]


def _unstarted(kubectl: Kubectl, made: Iterable[Mapping[str, Any]]) -> list[str]:
    names = [job["metadata"]["name"] for job in made if not _finished(job.get("status", {}))]
    return [name for name in names if not _started(kubectl, name)]


def _finished(status: Mapping[str, Any]) -> bool:
    return any(one["type"] in {"Complete", "Failed"} for one in status.get("conditions") or ())


def _started(kubectl: Kubectl, job: str) -> bool:
    pods = kubectl.get("pods", f"--selector=batch.kubernetes.io/job-name={job}")["items"]
    states = [one["state"] for pod in pods for one in pod.get("status", {}).get("containerStatuses") or ()]
    return any("running" in state or "terminated" in state for state in states)
