"""What is done beside a change of a Deployment or a Job, asked of a kubectl that is not one."""

from typing import Any

import pytest

from pulumi_stacks.targets.kubernetes.rollout_hooks import (
    keep_replicas,
    restart_timed_out,
    stop_unstarted_job,
)
from tests.unit.fake_kubectl import FakeKubectl
from tests.unit.targets.kubernetes.test_diagnose import KUBECTL, owner


@pytest.mark.parametrize("reason", ["ProgressDeadlineExceeded", "NewReplicaSetAvailable"])
def test_a_roll_out_that_ran_out_of_time_starts_again(reason: str, fake: FakeKubectl) -> None:
    condition = {"type": "Progressing", "status": "False", "reason": reason}
    fake.answer({"get deployment orders": owner("orders", condition), "rollout": "", "wait": ""})
    restart_timed_out(KUBECTL, "orders")
    began = [line for line in fake.asked if line.startswith("rollout restart deployment/orders")]
    assert bool(began) == (reason == "ProgressDeadlineExceeded")


def test_a_cluster_that_cannot_be_asked_does_not_stop_a_deployment(fake: FakeKubectl) -> None:
    fake.answer({"get deployment": RuntimeError("forbidden")})
    restart_timed_out(KUBECTL, "orders")
    assert not [line for line in fake.asked if line.startswith("rollout")]


def test_replicas_that_no_one_says_any_more_stay_as_many(fake: FakeKubectl) -> None:
    fake.answer({"get deployment orders": {"spec": {"replicas": 3}}, "apply --server-side": ""})
    keep_replicas(KUBECTL, "orders")
    [given] = fake.given
    assert (given["metadata"], given["spec"]) == ({"name": "orders"}, {"replicas": 3})
    assert fake.asked[-1].startswith("apply --server-side --field-manager=cn-new-replicas")


def test_a_deployment_that_is_not_there_is_left_alone(fake: FakeKubectl) -> None:
    fake.answer({"get deployment": RuntimeError("not found")})
    keep_replicas(KUBECTL, "orders")
    assert not [line for line in fake.asked if line.startswith("apply")]


def job(*conditions: str) -> dict[str, Any]:
    return {"metadata": {"name": "m-1"}, "status": {"conditions": [{"type": one} for one in conditions]}}


def pod(state: str) -> dict[str, Any]:
    return {"status": {"containerStatuses": [{"state": {state: {}}}]}}


@pytest.mark.parametrize(
    ("jobs", "pods", "ended"),
    [
        ([job()], [pod("waiting")], True),
        ([job()], [], True),
        ([job()], [pod("running")], False),
        ([job()], [pod("terminated")], False),
        ([job("Complete")], [], False),
        ([job("Failed")], [], False),
        ([], [], False),
    ],
    ids=["waits", "no pod", "runs", "ran", "done", "failed", "none"],
)
def test_a_job_that_does_not_start_is_ended_and_said(
    jobs: list[Any], pods: list[Any], ended: bool, fake: FakeKubectl
) -> None:
    old = {**job(), "metadata": {"name": "m-0"}}
    fake.answer(
        {"get jobs --selector=a=b": {"items": [old, *jobs]}, "get pods": {"items": pods}, "patch job m-1": ""}
    )
    said: list[str] = []
    stop_unstarted_job(KUBECTL, "a=b", {"m-0"}, 0.01, lambda: said.append("why"))
    assert said == (["why"] if ended else [])
    patched = [line for line in fake.asked if line.startswith("patch")]
    assert [line for line in patched if '{"spec": {"activeDeadlineSeconds": 1}}' in line] == patched
    assert len(patched) == ended
