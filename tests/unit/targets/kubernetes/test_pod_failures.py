"""Why a pod is not well: the cluster's own reason, and the key that changes it."""

from typing import Any

import pytest

from pulumi_stacks.targets.kubernetes import pod_failures

PLACE, KEY = "services.orders", "cn:images.orders"


def condition(kind: str, *, met: bool, message: str = "") -> dict[str, str]:
    return {"type": kind, "status": str(met), **({"message": message} if message else {})}


def pod(
    *states: dict[str, Any],
    name: str = "a",
    at: str = "1",
    conditions: list[Any] | None = None,
    **metadata: Any,
) -> dict[str, Any]:
    return {
        "metadata": {"name": name, "creationTimestamp": at, **metadata},
        "status": {"phase": "Pending", "conditions": conditions, "containerStatuses": list(states)},
    }


def waiting(reason: str, message: str = "", **more: Any) -> dict[str, Any]:
    return {"state": {"waiting": {"reason": reason, **({"message": message} if message else {})}}, **more}


def ended(code: int, reason: str = "Error") -> dict[str, Any]:
    return {"terminated": {"exitCode": code, "reason": reason}}


def event(reason: str, message: str, kind: str = "Warning") -> dict[str, str]:
    return {"reason": reason, "message": message, "type": kind}


def reason_of(found: dict[str, Any], *events: dict[str, str]) -> str:
    return pod_failures.failure_reason(found, events, PLACE, KEY)


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (
            pod(conditions=[condition("PodScheduled", met=False, message="0/1: Insufficient cpu.")]),
            "0/1: Insufficient cpu.; lower services.orders.resources, or add nodes",
        ),
        (
            pod(conditions=[condition("PodScheduled", met=False, message="unbound PersistentVolumeClaims")]),
            "unbound PersistentVolumeClaims; choose another environments.*.storage_class",
        ),
        (pod(conditions=[condition("PodScheduled", met=False, message="a taint")]), "a taint"),
        (pod(conditions=[condition("PodScheduled", met=False)]), "no node matches"),
        (
            pod(waiting("ImagePullBackOff", "not found")),
            "cannot pull its image: not found; check cn:images.orders",
        ),
        (
            pod(waiting("ErrImagePull")),
            "cannot pull its image: ErrImagePull; check cn:images.orders",
        ),
        (
            pod({"state": ended(137, "OOMKilled")}),
            "out of memory: killed at its limit; raise services.orders.resources.memory",
        ),
        (
            pod(waiting("CrashLoopBackOff", lastState=ended(137, "OOMKilled"))),
            "out of memory: killed at its limit; raise services.orders.resources.memory",
        ),
        (pod({"state": ended(3)}), "exited with code 3"),
        (pod(waiting("CrashLoopBackOff", lastState=ended(3), restartCount=4)), "exited with code 3, 4 times"),
        (
            pod(waiting("CreateContainerConfigError", 'secret "x" not found')),
            'CreateContainerConfigError: secret "x" not found',
        ),
        (pod(waiting("CreateContainerError")), "CreateContainerError"),
        (pod(waiting("ContainerCreating")), "not ready in time; its pod is pending"),
        (pod({"state": ended(0, "Completed")}), "not ready in time; its pod is pending"),
        ({"metadata": {}}, "not ready in time; its pod is unknown"),
    ],
)
def test_a_state_is_reported_with_the_key_that_changes_it(found: dict[str, Any], reason: str) -> None:
    assert reason_of(found) == reason


def test_the_newest_failed_probe_is_reported_where_no_container_says_more() -> None:
    running = pod({"state": {"running": {}}})
    old, new = event("Unhealthy", "connection refused"), event("Unhealthy", "statuscode: 503")
    assert reason_of(running, old, new, event("BackOff", "x")) == "statuscode: 503"


def test_another_warning_is_reported_and_what_is_normal_is_not() -> None:
    mount = event("FailedMount", 'MountVolume failed: secret "x" not found')
    assert (
        reason_of(pod(waiting("ContainerCreating")), mount, event("Pulled", "y", "Normal"))
        == mount["message"]
    )


def test_a_quota_is_reported_with_what_to_lower() -> None:
    told = pod_failures.creation_failure('pods "a" is forbidden: exceeded quota: few', PLACE)
    assert told.endswith(
        "quota: few; lower services.orders.resources or services.orders.scale, or raise the quota"
    )
    assert pod_failures.creation_failure("violates PodSecurity", PLACE) == "violates PodSecurity"


def test_the_worst_pod_is_the_newest_that_is_neither_ready_nor_going() -> None:
    ready = pod(name="ready", at="9", conditions=[condition("Ready", met=True)])
    going = pod(name="going", at="8", deletionTimestamp="now")
    done = pod(name="done", at="7")
    done["status"]["phase"] = "Succeeded"
    old, new = pod(name="old", at="1"), pod(name="new", at="2", conditions=[condition("Ready", met=False)])
    assert pod_failures.newest_unready([ready, going, done, new, old]) is new
    assert pod_failures.newest_unready([ready, going, done]) is None


@pytest.mark.parametrize(
    ("state", "before"),
    [
        (waiting("CrashLoopBackOff", restartCount=2), True),
        (waiting("ContainerCreating"), False),
        ({"state": {"running": {}}, "restartCount": 2}, False),
    ],
)
def test_last_words_may_be_those_of_the_container_before(state: dict[str, Any], *, before: bool) -> None:
    assert pod_failures.has_restarted(pod(state)) == before
