"""Diagnoses workloads that are not ready: the reason, and the last lines of their log."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...messages import last_lines
from . import pod_failures
from .kubectl import Kubectl, KubectlError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_WRONG_PLATFORM = "exec format error"
_NOT_STARTED = "waiting to start"


@dataclass(frozen=True)
class Diagnosis:
    """Diagnoses pods: `place` is their field in cn.yaml, `key` is the configuration key of their image."""

    kubectl: Kubectl
    place: str
    key: str

    def explain(self, selector: Mapping[str, str], kind: str) -> str:
        """Explain why the pods of a selector, or the object of a `kind` that owns them, are not ready."""
        try:
            return self._explain(",".join(f"{key}={value}" for key, value in selector.items()), kind)
        except KubectlError as error:
            return f"{self.place}: not ready, and cannot read the reason: {error}"

    def _explain(self, selector: str, kind: str) -> str:
        pods = self.kubectl.get("pods", f"--selector={selector}")["items"]
        pod = pod_failures.newest_unready(pods)
        failure = self._creation_failure(kind, selector, has_pod=pod is not None)
        if pod is None or failure:
            return f"{self.place}: {failure or 'not ready in time, and it has no pods'}"
        name = pod["metadata"]["name"]
        reason = pod_failures.failure_reason(pod, self._events(name), self.place, self.key)
        try:
            lines = self._lines(name, previous=pod_failures.has_restarted(pod))
        except KubectlError as error:
            return f"{self.place}: {reason}\n  cannot read its log: {error}"
        if any(_WRONG_PLATFORM in line for line in lines):
            reason += "; its image is for another platform: build it with DOCKER_DEFAULT_PLATFORM=linux/amd64"
        return f"{self.place}: {reason}{last_lines(lines)}"

    def _lines(self, pod: str, *, previous: bool) -> Sequence[str]:
        if previous:
            # The log of the previous container may be deleted.
            with suppress(KubectlError):
                if lines := self.kubectl.logs(pod, previous=True):
                    return lines
        try:
            return self.kubectl.logs(pod, previous=False)
        except KubectlError as error:
            if _NOT_STARTED in str(error):
                return ()
            raise

    def _optional(self, *words: str) -> Sequence[Mapping[str, Any]]:
        """Return objects with more details, or none: the diagnosis works without them."""
        try:
            found: Sequence[Mapping[str, Any]] = self.kubectl.get(*words)["items"]
        except KubectlError:
            return ()
        return found

    def _events(self, name: str) -> Sequence[Mapping[str, Any]]:
        events = self._optional("events", f"--field-selector=involvedObject.name={name}")
        return sorted(events, key=lambda event: str(event.get("lastTimestamp") or event.get("eventTime")))

    def _creation_failure(self, kind: str, selector: str, *, has_pod: bool) -> str:
        """Explain why no pod is created: from the conditions of a Deployment, or from events.

        Old events stay after their cause is gone: they do not count if the workload `has_pod`.
        """
        owners = self._optional(kind, f"--selector={selector}")
        if not owners:
            return ""
        owner = max(owners, key=lambda found: str(found["metadata"]["creationTimestamp"]))
        name, status = owner["metadata"]["name"], owner.get("status", {})
        for condition in status.get("conditions") or ():
            if condition["type"] == "ReplicaFailure" and condition["status"] == "True":
                return pod_failures.creation_failure(str(condition["message"]), self.place)
        for event in () if has_pod else reversed(self._events(name)):
            if event.get("reason") == "FailedCreate" and not status.get("readyReplicas"):
                return pod_failures.creation_failure(str(event["message"]), self.place)
        return ""
