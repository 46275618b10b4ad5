"""What a kubectl may print besides what it is asked for."""

import pytest

from pulumi_stacks.targets.kubernetes.kubectl import Kubectl, KubectlError
from pulumi_stacks.targets.kubernetes.live import ownership
from tests.unit.fake_kubectl import FakeKubectl


@pytest.mark.parametrize("printed", ["a banner of the company\n", "[]", "{", '"text"'])
def test_what_is_not_a_object_is_reported(fake: FakeKubectl, printed: str) -> None:
    fake.answer({"get": printed})
    with pytest.raises(KubectlError, match="`kubectl get pods` did not print JSON: "):
        Kubectl().get("pods")
    with pytest.raises(KubectlError, match="did not print JSON"):
        ownership.read_namespace("shop", Kubectl())


def test_an_object_that_is_not_there_is_nothing(fake: FakeKubectl) -> None:
    fake.answer({"get": ""})
    assert Kubectl().get("namespace", "shop", "--ignore-not-found") == {}
    assert ownership.read_namespace("shop", Kubectl()) == ownership.LiveNamespace()
