"""Which images ran before those that run now, as the revisions of a Deployment tell."""

from typing import Any

import pytest

from pulumi_stacks.targets.kubernetes.kubectl import Kubectl, KubectlError
from pulumi_stacks.targets.kubernetes.live.history import ROLLBACK, older_images
from pulumi_stacks.targets.kubernetes.live.recorded_state import DeployedObject, RecordedState
from tests.unit.clusters import live, plan
from tests.unit.fake_kubectl import FakeKubectl

SHOP = live({"name": "shop", "services": {"site": {"image": "caddy:2"}, "api": {"image": "nginx:1"}}})

FRESH = RecordedState()


def revision(number: int, image: str, available: int, name: str = "site") -> dict[str, Any]:
    return {
        "metadata": {
            "labels": {"app.kubernetes.io/name": name},
            "annotations": {"deployment.kubernetes.io/revision": str(number)},
        },
        "spec": {"template": {"spec": {"containers": [{"image": image}]}}},
        "status": {"availableReplicas": available} if available else {},
    }


def told(fake: FakeKubectl, *revisions: dict[str, Any], recorded: RecordedState = FRESH) -> list[str]:
    fake.answer({"get replicasets --selector=app.kubernetes.io/component=service": {"items": revisions}})
    return list(older_images(plan(SHOP), Kubectl(), recorded))


def test_an_image_that_ran_before_is_named(fake: FakeKubectl) -> None:
    [line] = told(
        fake, revision(10, "caddy:3", 2), revision(9, "caddy:2", 0), revision(1, "nginx:1", 1, "api")
    )
    assert line.startswith("services.site: caddy:2 is older than caddy:3, which runs now; ")
    assert "`make up ENV=live ROLLBACK=yes`" in line


@pytest.mark.parametrize(
    "revisions",
    [
        [],
        [revision(1, "caddy:2", 2)],
        [revision(1, "caddy:1", 2)],
        [revision(1, "caddy:2", 0), revision(2, "caddy:3", 0)],
        [revision(1, "caddy:2", 2), revision(2, "caddy:3", 1)],
        [revision(1, "caddy:2", 0), revision(2, "caddy:2", 2)],
        [revision(1, "caddy:2", 0, "other"), revision(2, "caddy:3", 2, "other")],
    ],
    ids=["nothing", "the same", "new", "failed", "half done", "other settings", "of others"],
)
def test_anything_else_is_not_going_back(revisions: list[dict[str, Any]], fake: FakeKubectl) -> None:
    assert told(fake, *revisions) == []


def test_going_back_may_be_meant(fake: FakeKubectl, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ROLLBACK, "yes")
    assert told(fake, revision(2, "caddy:3", 2), revision(1, "caddy:2", 0)) == []
    monkeypatch.setenv(ROLLBACK, "no")
    assert told(fake, revision(2, "caddy:3", 2), revision(1, "caddy:2", 0))
    fake.answer({})
    with pytest.raises(KubectlError):
        list(older_images(plan(SHOP), Kubectl(), FRESH))


def test_what_the_state_deployed_last_is_not_an_older_image(fake: FakeKubectl) -> None:
    """As after `kubectl rollout undo`: it is set back."""
    undone = (revision(10, "caddy:3", 2), revision(9, "caddy:2", 0))

    def deployed(image: str) -> RecordedState:
        template = {"spec": {"containers": [{"image": image}]}}
        inputs = {"kind": "Deployment", "metadata": {"name": "site"}, "spec": {"template": template}}
        return RecordedState(objects=(DeployedObject(inputs, "x"),))

    assert told(fake, *undone, recorded=deployed("caddy:2")) == []
    assert told(fake, *undone, recorded=deployed("caddy:3"))
