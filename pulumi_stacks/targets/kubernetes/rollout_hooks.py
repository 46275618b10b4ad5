"""Prepares changes of Deployments and Jobs. Errors are ignored here: the change itself reports them."""

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
# The field manager of `replicas` between the stack, which stops setting it, and the autoscaler.
_REPLICAS_MANAGER = "cn-new-replicas"
_POLL_SECONDS = 1.0


def restart_timed_out(kubectl: Kubectl, name: str) -> None:
    """Restart a rollout that has exceeded its progress deadline: else the next one fails at once."""
    with suppress(KubectlError):
        status = kubectl.get("deployment", name).get("status", {})
        if any(condition.get("reason") == _EXPIRED for condition in status.get("conditions") or ()):
            kubectl.run("rollout", "restart", f"deployment/{name}")
            kubectl.run("wait", "--for=condition=Progressing", f"deployment/{name}", "--timeout=10s")


def keep_replicas(kubectl: Kubectl, name: str) -> None:
    """Keep the number of replicas when the stack stops setting it: a field without a manager becomes 1."""
    with suppress(KubectlError):
        replicas = kubectl.get("deployment", name)["spec"]["replicas"]
        owned = {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": name},
            "spec": {"replicas": replicas},
        }
        words = (
            "apply",
            "--server-side",
            f"--field-manager={_REPLICAS_MANAGER}",
            "--validate=false",
            "--filename=-",
        )
        kubectl.run(*words, stdin=json.dumps(owned))


def delete_autoscaler(kubectl: Kubectl, name: str) -> None:
    """Delete the autoscaler of a Deployment with a fixed number of replicas, before it changes that."""
    with suppress(KubectlError):
        kubectl.run("delete", "horizontalpodautoscaler", name, "--ignore-not-found")


def stop_unstarted_job(
    kubectl: Kubectl, selector: str, known: Container[str], seconds: float, report: Callable[[], None]
) -> None:
    """Watch for a new Job beside those `known`: if it does not start in time, `report` it and stop it.

    Its own deadline covers its work only, and it does not fail by itself if its image cannot be pulled.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(KubectlError):
            new = _new_jobs(kubectl, selector, known)
            if new and not _unstarted(kubectl, new):
                return
        time.sleep(_POLL_SECONDS)
    with suppress(KubectlError):
        late = _unstarted(kubectl, _new_jobs(kubectl, selector, known))
        if late:
            report()
        for job in late:
            patch = json.dumps({"spec": {"activeDeadlineSeconds": 1}})
            kubectl.run("patch", "job", job, "--type=merge", f"--patch={patch}")


def job_names(kubectl: Kubectl, selector: str) -> set[str]:
    """Return the names of the existing Jobs; none if kubectl fails."""
    with suppress(KubectlError):
        return {one["metadata"]["name"] for one in _new_jobs(kubectl, selector, ())}
    return set()


def _new_jobs(kubectl: Kubectl, selector: str, known: Container[str]) -> list[Mapping[str, Any]]:
    items = kubectl.get("jobs", f"--selector={selector}")["items"]
    return [one for one in items if one["metadata"]["name"] not in known]


def _unstarted(kubectl: Kubectl, new: Iterable[Mapping[str, Any]]) -> list[str]:
    names = [job["metadata"]["name"] for job in new if not _finished(job.get("status", {}))]
    return [name for name in names if not _started(kubectl, name)]


def _finished(status: Mapping[str, Any]) -> bool:
    return any(one["type"] in {"Complete", "Failed"} for one in status.get("conditions") or ())


def _started(kubectl: Kubectl, job: str) -> bool:
    pods = kubectl.get("pods", f"--selector=batch.kubernetes.io/job-name={job}")["items"]
    states = [one["state"] for pod in pods for one in pod.get("status", {}).get("containerStatuses") or ()]
    return any("running" in state or "terminated" in state for state in states)
