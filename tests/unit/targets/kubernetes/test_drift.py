"""What was changed by hand on a cluster, as the managers of fields tell."""

import json
from typing import Any

import pytest

from pulumi_stacks.targets.kubernetes.kubectl import Kubectl, KubectlError
from pulumi_stacks.targets.kubernetes.live.drift import Change, changes, restore, unchanged
from pulumi_stacks.targets.kubernetes.live.recorded_state import DeployedObject, RecordedState, from_resources
from pulumi_stacks.targets.kubernetes.manifests.system import SystemManifests
from tests.unit.clusters import TIMEOUTS, Spec, live, plan
from tests.unit.fake_kubectl import FakeKubectl

OURS = "pulumi-kubernetes-1a"
INPUTS: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "orders", "namespace": "alive", "labels": {"a": "b"}},
    "spec": {
        "replicas": 2,
        "strategy": {"type": "RollingUpdate"},
        "template": {
            "spec": {"containers": [{"name": "main", "image": "x", "ports": [{"containerPort": 1}]}]}
        },
    },
    "status": None,
}
CONTAINER: dict[str, Any] = {
    ".": {},
    "f:name": {},
    "f:image": {},
    "f:ports": {'k:{"containerPort":1,"protocol":"TCP"}': {".": {}, "f:containerPort": {}}},
}


def owned(*without: str) -> dict[str, Any]:
    """Return the tree of what a stack owns, without some fields."""
    container = {key: value for key, value in CONTAINER.items() if key.removeprefix("f:") not in without}
    spec = {
        "f:replicas": {},
        "f:strategy": {},
        "f:template": {"f:spec": {"f:containers": {'k:{"name":"main"}': container}}},
    }
    spec = {key: value for key, value in spec.items() if key.removeprefix("f:") not in without}
    return {"f:metadata": {"f:labels": {"f:a": {}}}, "f:spec": spec}


def found(fake: FakeKubectl, ours: dict[str, Any] | None, *others: dict[str, Any]) -> list[str]:
    entry = [{"manager": OURS, "operation": "Apply", "fieldsV1": ours}] if ours else []
    live = {"kind": "Deployment", "metadata": {"name": "orders", "managedFields": [*entry, *others]}}
    fake.answer({"get deployment.apps --show-managed-fields": {"items": [live]}})
    return [change.text for change in changes([DeployedObject(INPUTS, OURS)], Kubectl())]


def by(manager: str, tree: dict[str, Any], **fields: str) -> dict[str, Any]:
    return {"manager": manager, "operation": "Update", "fieldsV1": tree, "time": "then", **fields}


def test_what_is_as_it_was_made_is_not_a_change(fake: FakeKubectl) -> None:
    status = by("kube-controller-manager", {"f:spec": {"f:replicas": {}}}, subresource="status")
    added = by("kubectl-set", {"f:spec": {"f:template": {"f:spec": {"f:hostNetwork": {}}}}})
    assert found(fake, owned()) == found(fake, owned(), status, added) == []


def test_a_field_that_another_took_is_a_change_with_its_author(fake: FakeKubectl) -> None:
    taken = by("kubectl-patch", {"f:spec": {"f:strategy": {}}})
    assert found(fake, owned("strategy"), taken) == [
        "Deployment orders: kubectl-patch, at then, changed spec.strategy"
    ]
    container: dict[str, Any] = {
        "f:template": {"f:spec": {"f:containers": {'k:{"name":"main"}': {"f:image": {}}}}}
    }
    assert found(fake, owned("image"), by("kubectl-edit", {"f:spec": container})) == [
        "Deployment orders: kubectl-edit, at then, changed spec.template.spec.containers.main.image"
    ]


def test_a_field_that_no_one_owns_is_a_change_as_well(fake: FakeKubectl) -> None:
    """As after `kubectl scale`, which leaves no trace of itself."""
    assert found(fake, owned("replicas")) == ["Deployment orders: an unknown manager changed spec.replicas"]
    [told] = found(fake, None)
    assert told == "Deployment orders: an unknown manager changed metadata, spec"


def test_what_is_gone_is_a_change(fake: FakeKubectl) -> None:
    fake.answer({"get deployment.apps": {"items": []}})
    [change] = changes([DeployedObject(INPUTS, OURS)], Kubectl())
    assert change.text == "Deployment orders: deleted outside of Pulumi"


def test_many_fields_are_counted() -> None:
    assert Change(DeployedObject(INPUTS, OURS), ("a", "b", "c", "d", "e"), "x").text.endswith(
        "a, b, c and 2 more"
    )


def test_secrets_and_jobs_and_the_namespace_are_not_asked_for(fake: FakeKubectl) -> None:
    others = [DeployedObject({**INPUTS, "kind": kind}, OURS) for kind in ("Secret", "Job")]
    namespace = DeployedObject({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "alive"}}, OURS)
    assert list(changes([*others, namespace], Kubectl())) == []
    assert fake.asked == []


def test_it_is_set_back_as_its_own_manager(fake: FakeKubectl) -> None:
    change = Change(DeployedObject(INPUTS, OURS))
    words = f"apply --server-side --force-conflicts --field-manager={OURS}"
    fake.answer({words: ""})
    restore(change, Kubectl())
    assert fake.given == [INPUTS]
    fake.answer({words: RuntimeError("no")})
    with pytest.raises(KubectlError):
        restore(change, Kubectl())


def test_a_state_says_what_it_has() -> None:
    namespace = {
        "type": "kubernetes:core/v1:Namespace",
        "urn": "urn:x::shop",
        "inputs": {"kind": "Namespace"},
        "outputs": {"metadata": {"uid": "1"}, "__fieldManager": OURS},
    }
    deployment = {
        "type": "kubernetes:apps/v1:Deployment",
        "urn": "urn:x::orders",
        "inputs": INPUTS,
        "outputs": {"__fieldManager": OURS},
    }
    mark = {"type": "random:index/randomId:RandomId", "urn": "urn:x::owner", "outputs": {"hex": "ff"}}
    stack = {"type": "pulumi:pulumi:Stack", "urn": "urn:x::s"}
    known = from_resources([stack, namespace, deployment, {**deployment, "delete": True}, mark])
    assert (known.namespace, known.state_id, known.created_namespace) == ("1", "ff", True)
    assert [one.inputs["kind"] for one in known.objects] == ["Namespace", "Deployment"]
    read = from_resources([{**namespace, "external": True}])
    assert (read.namespace, read.created_namespace, read.objects) == ("1", False, ())
    assert from_resources([]) == RecordedState()
    assert json.dumps(known.objects[1].manager) == f'"{OURS}"'


def test_what_a_deployment_does_not_change_is_set_back_by_us() -> None:
    shop: Spec = {"name": "shop", "services": {"site": {"image": "caddy:2"}}}
    decided = plan(live(shop))
    system = SystemManifests(decided, TIMEOUTS)
    made = [
        DeployedObject(one, OURS)
        for one in system.objects()
        if one["kind"] in {"Deployment", "NetworkPolicy"}
    ]
    mark = DeployedObject(system.owner_config_map("ff"), OURS)
    site = next(one for one in made if one.inputs["metadata"]["name"] == "site")
    for one in (mark, site):
        assert unchanged(Change(one, ("x",), "by"), made, decided, TIMEOUTS)
        assert unchanged(Change(one), made, decided, TIMEOUTS), "gone"
    other = plan(live({**shop, "services": {"site": {"image": "caddy:3"}}}))
    assert not unchanged(Change(made[-1], ("x",), "by"), [], decided, TIMEOUTS), (
        "the state has no such object"
    )
    changed = [one for one in made if not unchanged(Change(one, ("x",), "by"), made, other, TIMEOUTS)]
    assert [one.inputs["metadata"]["name"] for one in changed] == ["site"]
    assert changed[0].inputs["kind"] == "Deployment"
