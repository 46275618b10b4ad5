"""What to say when something on the cluster did not become what it should: the reason and the last lines."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...messages import last_lines
from . import pod_failures
from .kubectl import Kubectl, KubectlError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_OTHER_PROCESSOR = "exec format error"
_NOT_STARTED = "waiting to start"


@dataclass(frozen=True)
class Witness:
    """Tells of pods: `place` is what they belong to, `key` is the stack's key of their image."""

    kubectl: Kubectl
    place: str
    key: str

    def tell(self, selector: Mapping[str, str], kind: str) -> str:
        """Say why the pods that a selector finds, or the object of a `kind` that makes them, are not well."""
        try:
            return self._tell(",".join(f"{key}={value}" for key, value in selector.items()), kind)
        except KubectlError as error:
            return f"{self.place}: not ready, and why cannot be asked: {error}"

    def _tell(self, selector: str, kind: str) -> str:
        pods = self.kubectl.get("pods", f"--selector={selector}")["items"]
        pod = pod_failures.worst(pods)
        refused = self._refusal(kind, selector, made=pod is not None)
        if pod is None or refused:
            return f"{self.place}: {refused or 'not ready in time, and it has no pod that could say why'}"
        name = pod["metadata"]["name"]
        reason = pod_failures.of_pod(pod, self._events(name), self.place, self.key)
        try:
            lines = self._lines(name, previous=pod_failures.restarted(pod))
        except KubectlError as error:
            return f"{self.place}: {reason}\n  its last lines cannot be had: {error}"
        if any(_OTHER_PROCESSOR in line for line in lines):
            reason += (
                ": its image is for another processor; build it with DOCKER_DEFAULT_PLATFORM=linux/amd64"
            )
        return f"{self.place}: {reason}{last_lines(lines)}"

    def _lines(self, pod: str, *, previous: bool) -> Sequence[str]:
        if previous:
            # The container before this one may be gone.
            with suppress(KubectlError):
                if lines := self.kubectl.logs(pod, previous=True):
                    return lines
        try:
            return self.kubectl.logs(pod, previous=False)
        except KubectlError as error:
            if _NOT_STARTED in str(error):
                return ()
            raise

    def _also(self, *words: str) -> Sequence[Mapping[str, Any]]:
        """Return objects that may say more; what is known already is told without them, too."""
        try:
            found: Sequence[Mapping[str, Any]] = self.kubectl.get(*words)["items"]
        except KubectlError:
            return ()
        return found

    def _events(self, name: str) -> Sequence[Mapping[str, Any]]:
        events = self._also("events", f"--field-selector=involvedObject.name={name}")
        return sorted(events, key=lambda event: str(event.get("lastTimestamp") or event.get("eventTime")))

    def _refusal(self, kind: str, selector: str, *, made: bool) -> str:
        """Return why no pod is made; a Deployment says so itself, of others there are events.

        Events tell of what is over, too: they do not count once a pod was `made` that can say more.
        """
        owners = self._also(kind, f"--selector={selector}")
        if not owners:
            return ""
        owner = max(owners, key=lambda found: str(found["metadata"]["creationTimestamp"]))
        name, status = owner["metadata"]["name"], owner.get("status", {})
        for condition in status.get("conditions") or ():
            if condition["type"] == "ReplicaFailure" and condition["status"] == "True":
                return pod_failures.of_refusal(str(condition["message"]), self.place)
        for event in () if made else reversed(self._events(name)):
            if event.get("reason") == "FailedCreate" and not status.get("readyReplicas"):
                return pod_failures.of_refusal(str(event["message"]), self.place)
        return ""
