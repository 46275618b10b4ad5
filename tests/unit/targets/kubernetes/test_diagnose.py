"""What is said when something on a cluster did not become well, asked of a kubectl that is not one."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from pulumi_stacks.targets.kubernetes.diagnose import Diagnosis
from pulumi_stacks.targets.kubernetes.kubectl import Kubectl, KubectlError
from tests.unit.fake_kubectl import FakeKubectl
from tests.unit.targets.kubernetes.test_pod_failures import ended, event, pod, waiting

SELECTOR = {"app.kubernetes.io/name": "orders", "app.kubernetes.io/component": "service"}
Answers = Mapping[str, Any]
NONE: Answers = {}
KUBECTL = Kubectl(context="prod", namespace="shop", kubeconfig="/somewhere")
WITNESS = Diagnosis(KUBECTL, "services.orders", "cn:images.orders")


def owner(name: str, *conditions: Any, at: str = "1") -> dict[str, Any]:
    return {
        "metadata": {"name": name, "creationTimestamp": at},
        "status": {"conditions": list(conditions)},
    }


def owners(*conditions: Any) -> dict[str, Any]:
    """Return the object that makes pods, after one that an earlier deployment has left."""
    old = {"type": "ReplicaFailure", "status": "True", "message": "long ago"}
    return {"items": [owner("orders-old", old), owner("orders", *conditions, at="2")]}


def told(fake: FakeKubectl, pods: list[Any], answers: Answers = NONE, events: Sequence[Any] = ()) -> str:
    usual = {
        "get pods": {"items": pods},
        "get events": {"items": list(events)},
        "get deployment": owners(),
    }
    fake.answer({**answers, **{part: answer for part, answer in usual.items() if part not in answers}})
    return WITNESS.explain(SELECTOR, "deployment")


def test_the_reason_and_the_last_lines_of_the_container_that_ended_are_reported(fake: FakeKubectl) -> None:
    crashed = pod(waiting("CrashLoopBackOff", lastState=ended(3), restartCount=2), name="orders-1")
    text = told(fake, [crashed], {"logs orders-1 --tail=20 --previous": "one\ntwo\n"})
    assert text == "services.orders: exited with code 3, 2 times\n  last lines of its log:\n    one\n    two"
    assert (
        "get pods --selector=app.kubernetes.io/name=orders,app.kubernetes.io/component=service"
        in fake.asked[0]
    )
    assert all("--context=prod --namespace=shop" in line for line in fake.asked)


def test_without_a_container_before_it_those_of_this_one_are_reported(fake: FakeKubectl) -> None:
    text = told(fake, [pod({"state": ended(1)}, name="orders-1")], {"logs orders-1 --tail=20": "gone\n"})
    assert text.endswith("last lines of its log:\n    gone")
    assert not [line for line in fake.asked if "--previous" in line]


def test_a_container_that_wrote_nothing_is_said_to(fake: FakeKubectl) -> None:
    unborn = 'container "orders" in pod "orders-1" is waiting to start: image can\'t be pulled'
    for answer in ("", RuntimeError(f"Error from server (BadRequest): {unborn}")):
        text = told(fake, [pod(waiting("ErrImagePull", "no"))], {"logs": answer})
        assert text.endswith("check cn:images.orders\n  its log is empty")


@pytest.mark.parametrize("lost", ["get events", "get deployment", "logs"])
def test_what_cannot_be_asked_does_not_hide_what_the_pod_says(lost: str, fake: FakeKubectl) -> None:
    crashed = pod(waiting("CrashLoopBackOff", lastState=ended(3), restartCount=2), name="orders-1")
    gone = RuntimeError("Error from server (NotFound): it is gone")
    answers = {"logs": "no licence\n", lost: gone}
    text = told(fake, [crashed], answers)
    lines = "\n  cannot read its log: Error from server (NotFound): it is gone"
    written = lines if lost == "logs" else "\n  last lines of its log:\n    no licence"
    assert text == f"services.orders: exited with code 3, 2 times{written}"


def test_a_password_in_an_address_is_not_told(fake: FakeKubectl) -> None:
    line = "cannot reach postgresql://app:hunter2@database--orders:5432/app\n"
    text = told(fake, [pod({"state": ended(1)}, name="x")], {"logs x": line})
    assert "hunter2" not in text
    assert "postgresql://app:***@database--orders:5432/app" in text


def test_events_are_reported_by_time(fake: FakeKubectl) -> None:
    late = {**event("Unhealthy", "the last"), "lastTimestamp": "2026-01-02"}
    early = {**event("Unhealthy", "the first"), "lastTimestamp": "2026-01-01"}
    assert told(fake, [pod({"state": {"running": {}}})], events=[late, early]).startswith(
        "services.orders: the last"
    )


def test_pods_that_cannot_be_made_are_reported_before_those_that_are_not_well(fake: FakeKubectl) -> None:
    failure = {"type": "ReplicaFailure", "status": "True", "message": "exceeded quota: few"}
    refusing = {"get deployment": owners(failure)}
    text = told(fake, [pod(waiting("CrashLoopBackOff"))], refusing)
    assert text.startswith("services.orders: exceeded quota: few; lower services.orders.resources")


def test_of_a_set_and_a_job_events_tell_that_no_pod_is_made(fake: FakeKubectl) -> None:
    refused = event("FailedCreate", "violates PodSecurity")
    fake.answer(
        {
            "get pods": {"items": []},
            "involvedObject.name=database--orders": {"items": [refused]},
            "get statefulset": {"items": [owner("database--orders")]},
        }
    )
    assert WITNESS.explain(SELECTOR, "statefulset") == "services.orders: violates PodSecurity"


def test_that_no_pod_was_made_before_is_not_told_once_there_is_one(fake: FakeKubectl) -> None:
    fake.answer(
        {
            "get pods": {"items": [pod(waiting("ErrImagePull", "no"), name="orders-1")]},
            "involvedObject.name=orders-1": {"items": []},
            "involvedObject.name=migrate--orders": {"items": [event("FailedCreate", "exceeded quota: few")]},
            "get job": {"items": [owner("migrate--orders")]},
        }
    )
    assert WITNESS.explain(SELECTOR, "job").startswith("services.orders: cannot pull its image: no")


def test_no_pod_and_no_reason_is_reported_too(fake: FakeKubectl) -> None:
    assert told(fake, []) == "services.orders: not ready in time, and it has no pods"


def test_a_cluster_that_does_not_answer_is_reported(fake: FakeKubectl) -> None:
    fake.answer({"get pods": RuntimeError("E1 noise\nUnable to connect to the server")})
    assert WITNESS.explain(SELECTOR, "deployment") == (
        "services.orders: not ready, and cannot read the reason: Unable to connect to the server"
    )


HELPER = """\
E1128 21:40:00.000000   12345 memcache.go:265] "Unhandled Error" err="couldn't get the list"
Warning: the plugin is old
Unable to connect to the server: getting credentials: exec: executable auth-plugin not found

It looks like you are trying to use a client-go credential plugin that is not installed.

To learn more about this feature, consult the documentation available at:
      https://kubernetes.io/docs/
"""


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            HELPER,
            "Unable to connect to the server: getting credentials: exec: executable auth-plugin not found",
        ),
        ("Error from server (Forbidden): no\n", "Error from server (Forbidden): no"),
        ("E1 first\n\nE2 last\n\n", "E2 last"),
    ],
)
def test_of_a_complaint_its_first_line_is_reported_without_the_log_before_it(
    said: str, told: str, fake: FakeKubectl
) -> None:
    fake.answer({"get pods": RuntimeError(said)})
    with pytest.raises(KubectlError) as caught:
        KUBECTL.run("get", "pods")
    assert str(caught.value) == told


def test_a_command_that_is_not_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(KubectlError, match="the kubectl command is not installed"):
        KUBECTL.run("get", "pods")


def test_a_command_that_says_nothing_is_named(fake: FakeKubectl) -> None:
    fake.answer({"get pods": RuntimeError("")})
    with pytest.raises(KubectlError, match="kubectl get failed"):
        KUBECTL.run("get", "pods")


def test_an_answer_that_takes_too_long_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "kubectl"
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(KubectlError, match="timed out after 2 s"):
        KUBECTL.run("get", "pods", timeout=1)
