"""Explains why pods are not ready, from their status and events, with the field to change. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_PULL = {"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"}
_QUIET = {"ContainerCreating", "PodInitializing"}
_OUT_OF_MEMORY = "OOMKilled"


def newest_unready(pods: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the newest pod that is neither ready nor terminating; None if there is none."""
    unhealthy = [pod for pod in pods if not pod["metadata"].get("deletionTimestamp") and not _ready(pod)]
    return max(unhealthy, key=lambda pod: str(pod["metadata"]["creationTimestamp"]), default=None)


def failure_reason(pod: Mapping[str, Any], events: Sequence[Mapping[str, Any]], place: str, key: str) -> str:
    """Explain why a pod is not ready, with the key of cn.yaml or of the configuration to change.

    `place` is the field of cn.yaml (`services.orders`), `key` the configuration key of the image.
    """
    found = (
        *_unscheduled(pod, place),
        *(reason for state in _states(pod) for reason in _of_container(state, place, key)),
        *(event["message"] for event in reversed(events) if event.get("reason") == "Unhealthy"),
        *(event["message"] for event in reversed(events) if event.get("type") == "Warning"),
        f"not ready in time; its pod is {pod.get('status', {}).get('phase', 'unknown').lower()}",
    )
    return str(found[0])


def creation_failure(message: str, place: str) -> str:
    """Explain why the cluster created no pod, from its message."""
    if "exceeded quota" in message:
        return f"{message}; lower {place}.resources or {place}.scale, or raise the quota"
    return message


def has_restarted(pod: Mapping[str, Any]) -> bool:
    """Return whether the log to read is that of the previous container of a pod."""
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
            message = condition.get("message", "no node matches")
            if "Insufficient" in message:
                if place == "gateway":
                    yield f"{message}; add nodes"
                yield f"{message}; lower {place}.resources, or add nodes"
            elif "PersistentVolumeClaim" in message or "volume" in message:
                yield f"{message}; choose another environments.*.storage_class"
            else:
                yield str(message)


def _of_container(state: Mapping[str, Any], place: str, key: str) -> Iterator[str]:
    waiting = state.get("state", {}).get("waiting") or {}
    ended = state.get("state", {}).get("terminated") or state.get("lastState", {}).get("terminated") or {}
    if waiting.get("reason") in _PULL:
        yield f"cannot pull its image: {waiting.get('message', waiting['reason'])}; check {key}"
    elif ended.get("reason") == _OUT_OF_MEMORY:
        yield f"out of memory: killed at its limit; raise {place}.resources.memory"
    elif ended and ended.get("exitCode"):
        times = state.get("restartCount", 0)
        again = f", {times} times" if times > 1 else ""
        yield f"exited with code {ended['exitCode']}{again}"
    elif waiting.get("reason") and waiting["reason"] not in _QUIET:
        yield f"{waiting['reason']}: {waiting.get('message', '')}".rstrip(": ")
