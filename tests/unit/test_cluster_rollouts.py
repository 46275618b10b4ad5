"""What is done to a Deployment before it is changed, asked of a kubectl that is not one."""

import pytest

from pulumi_stacks.kubernetes.rollouts import hand_over, restart_expired
from tests.unit.fake_kubectl import FakeKubectl
from tests.unit.test_cluster_failure import KUBECTL, owner


@pytest.mark.parametrize("reason", ["ProgressDeadlineExceeded", "NewReplicaSetAvailable"])
def test_a_roll_out_that_ran_out_of_time_begins_anew(reason: str, fake: FakeKubectl) -> None:
    condition = {"type": "Progressing", "status": "False", "reason": reason}
    fake.answer({"get deployment orders": owner("orders", condition), "rollout": "", "wait": ""})
    restart_expired(KUBECTL, "orders")
    began = [line for line in fake.asked if line.startswith("rollout restart deployment/orders")]
    assert bool(began) == (reason == "ProgressDeadlineExceeded")


def test_a_cluster_that_cannot_be_asked_does_not_stop_a_deployment(fake: FakeKubectl) -> None:
    fake.answer({"get deployment": RuntimeError("forbidden")})
    restart_expired(KUBECTL, "orders")
    assert not [line for line in fake.asked if line.startswith("rollout")]


def test_replicas_that_nobody_says_any_more_stay_as_many(fake: FakeKubectl) -> None:
    fake.answer({"get deployment orders": {"spec": {"replicas": 3}}, "apply --server-side": ""})
    hand_over(KUBECTL, "orders")
    [given] = fake.given
    assert (given["metadata"], given["spec"]) == ({"name": "orders"}, {"replicas": 3})
    assert fake.asked[-1].startswith("apply --server-side --field-manager=cn-new-replicas")


def test_a_deployment_that_is_not_there_is_left_alone(fake: FakeKubectl) -> None:
    fake.answer({"get deployment": RuntimeError("not found")})
    hand_over(KUBECTL, "orders")
    assert not [line for line in fake.asked if line.startswith("apply")]
