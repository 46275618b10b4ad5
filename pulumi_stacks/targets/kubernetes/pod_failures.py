"""Why pods are not what they should be, from what the cluster tells of them; with the key to change. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_PULL = {"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"}
_QUIET = {"ContainerCreating", "PodInitializing"}
_OUT_OF_MEMORY = "OOMKilled"


def worst(pods: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the newest pod that is not ready and not about to go; None when there is none."""
    unwell = [pod for pod in pods if not pod["metadata"].get("deletionTimestamp") and not _ready(pod)]
    return max(unwell, key=lambda pod: str(pod["metadata"]["creationTimestamp"]), default=None)


def of_pod(pod: Mapping[str, Any], events: Sequence[Mapping[str, Any]], place: str, key: str) -> str:
    """Say why a pod is not ready, and which key of cn.yaml or of the stack's config changes that.

    `place` is what the pod belongs to (`services.orders`), `key` the stack's key of its image.
    """
    found = (
        *_unscheduled(pod, place),
        *(reason for state in _states(pod) for reason in _of_container(state, place, key)),
        *(event["message"] for event in reversed(events) if event.get("reason") == "Unhealthy"),
        *(event["message"] for event in reversed(events) if event.get("type") == "Warning"),
        f"its pod is {pod.get('status', {}).get('phase', 'unknown').lower()}, and was not ready in time",
    )
    return str(found[0])


def of_refusal(message: str, place: str) -> str:
    """Say why no pod could be made at all, from the words of the cluster."""
    if "exceeded quota" in message:
        return f"{message}: lower {place}.resources or {place}.scale, or have the quota raised"
    return message


def restarted(pod: Mapping[str, Any]) -> bool:
    """Say whether the last words of a pod are those of a container that has ended before."""
    return any(
        state.get("state", {}).get("waiting") and state.get("restartCount", 0) for state in _states(pod)
    )


def _ready(pod: Mapping[str, Any]) -> bool:
    if pod.get("status", {}).get("phase") == "Succeeded":
        return True
    return any(
        condition["type"] == "Ready" and condition["status"] == "True"
        for condition in pod.get("status", {}).get("conditions") or ()
    )


def _states(pod: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return pod.get("status", {}).get("containerStatuses") or ()


def _unscheduled(pod: Mapping[str, Any], place: str) -> Iterator[str]:
    for condition in pod.get("status", {}).get("conditions") or ():
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            message = condition.get("message", "no machine takes it")
            if "Insufficient" in message:
                if place == "gateway":
                    yield f"{message}: have nodes added"
                yield f"{message}: lower {place}.resources, or have nodes added"
            elif "PersistentVolumeClaim" in message or "volume" in message:
                yield f"{message}: choose another environments.*.storage_class"
            else:
                yield str(message)


def _of_container(state: Mapping[str, Any], place: str, key: str) -> Iterator[str]:
    waiting = state.get("state", {}).get("waiting") or {}
    ended = state.get("state", {}).get("terminated") or state.get("lastState", {}).get("terminated") or {}
    if waiting.get("reason") in _PULL:
        yield f"its image cannot be had: {waiting.get('message', waiting['reason'])}: see {key}"
    elif ended.get("reason") == _OUT_OF_MEMORY:
        yield f"killed for using more memory than it has: raise {place}.resources.memory"
    elif ended and ended.get("exitCode"):
        times = state.get("restartCount", 0)
        again = f", {times} times" if times > 1 else ""
        yield f"exited with code {ended['exitCode']}{again}"
    elif waiting.get("reason") and waiting["reason"] not in _QUIET:
        yield f"{waiting['reason']}: {waiting.get('message', '')}".rstrip(": ")
