"""Whether what was deployed has its replicas."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from pulumi_stacks.targets.kubernetes.kubectl import Kubectl
from pulumi_stacks.targets.kubernetes.live.readiness import unhealthy
from tests.unit.clusters import Spec, live, plan
from tests.unit.fake_kubectl import FakeKubectl

SHOP: Spec = live({"name": "shop", "services": {"site": {"image": "caddy:2", "scale": {"min": 2}}}})


def deployments(site: int, gateway: int = 2) -> dict[str, Any]:
    counts = {"site": site, "gateway": gateway}
    return {
        "items": [
            {
                "metadata": {"name": name, "generation": 2},
                "spec": {"replicas": 2},
                "status": {"observedGeneration": 2, "availableReplicas": count, "updatedReplicas": count},
            }
            for name, count in counts.items()
        ]
    }


def told(seconds: float = 0) -> str:
    return asyncio.run(unhealthy(plan(SHOP), Kubectl(), seconds))


def test_all_that_have_their_replicas_are_healthy(fake: FakeKubectl) -> None:
    fake.answer({"get deployments": deployments(2)})
    assert told() == ""
    fake.answer({"get deployments": deployments(5)})
    assert told() == ""


def test_who_has_too_few_is_named_with_the_reason(fake: FakeKubectl) -> None:
    waiting = {"waiting": {"reason": "ImagePullBackOff", "message": "none"}}
    pod = {
        "metadata": {"name": "site-1", "creationTimestamp": "1"},
        "status": {"phase": "Pending", "containerStatuses": [{"state": waiting}]},
    }
    fake.answer({"get deployments": deployments(1), "get pods": {"items": [pod]}})
    assert told().startswith("services.site: cannot pull its image: none; check cn:images.site")
    fake.answer({"get deployments": deployments(0, 1), "get pods": {"items": []}})
    assert [line.split(": ")[0] for line in told().splitlines()] == ["services.site", "gateway"]


def test_it_waits_for_them(fake: FakeKubectl) -> None:
    fake.answer({"get deployments": deployments(1), "get pods": {"items": []}})

    async def later() -> str:
        asked = asyncio.create_task(unhealthy(plan(SHOP), Kubectl(), 30))
        await asyncio.sleep(0.5)
        fake.answer({"get deployments": deployments(2)})
        return await asked

    assert asyncio.run(later()) == ""


def test_nothing_is_said_without_information(
    tmp_path: Path, fake: FakeKubectl, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.answer({"get deployments": RuntimeError("deployments.apps is forbidden")})
    assert told() == ""
    fake.answer({"get deployments": RuntimeError("timeout")})
    assert told() == "environments.live: cannot check its replicas: timeout"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert told() == ""


def test_old_pods_do_not_count(fake: FakeKubectl) -> None:
    found = deployments(2)
    found["items"][0]["status"]["updatedReplicas"] = 1
    fake.answer({"get deployments": found, "get pods": {"items": []}})
    assert told().startswith("services.site: ")
    found = deployments(2)
    found["items"][0]["metadata"]["generation"] = 3
    fake.answer({"get deployments": found, "get pods": {"items": []}})
    assert told().startswith("services.site: ")


def test_none_at_all_are_set_back_to_the_least(fake: FakeKubectl) -> None:
    found = deployments(0)
    found["items"][0]["spec"]["replicas"] = 0
    fake.answer({"get deployments": found, "get pods": {"items": []}, "scale": ""})
    assert told()
    assert [line for line in fake.asked if line.startswith("scale deployment/site --replicas=2")]
