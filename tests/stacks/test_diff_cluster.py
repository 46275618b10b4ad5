"""What a diff says of pods on a cluster is what becomes of the objects of both plans."""

import hashlib
from typing import Any

import pytest
from hypothesis import Phase, given, settings

from pulumi_stacks import targets
from pulumi_stacks.diff import container_impact
from pulumi_stacks.plan.model import DeploymentPlan
from pulumi_stacks.targets.kubernetes.manifests.metadata import lasting_name
from tests.examples import examples
from tests.stacks.test_diff import OWN, SHOP, SINGLE, changed_to, edited
from tests.unit.clusters import LIVE, Object, Spec, live, objects, of_kind, plan

Fates = dict[tuple[str, str], str]
ROLES = {"Deployment": "service", "Job": "migration", "StatefulSet": "database"}


def pods(spec: Spec) -> dict[tuple[str, str], Object]:
    """Return what makes pods by kind and name, with digests of images that follow from their content."""
    built = {
        name: f"{plan(spec).services[index].image.name}@sha256:{_digest(service['runtime'])}"
        for index, (name, service) in enumerate(spec["services"].items())
        if "runtime" in service
    }
    made = objects(spec, images=built, gateway_class="some")
    return {(each["kind"], lasting_name(each)): each for each in of_kind(made, *ROLES)}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def lasting(made: Object) -> Any:
    """Return what of an object makes new pods when it changes."""
    name = made["metadata"]["name"] if made["kind"] == "Job" else ""
    return name, made["spec"]["template"], made["spec"].get("volumeClaimTemplates")


def by_objects(before: Spec, after: Spec) -> Fates:
    old, new = pods(before), pods(after)
    found: Fates = {}
    for key in old.keys() | new.keys():
        if key not in new or key not in old:
            found[key] = "create" if key in new else "delete"
        elif lasting(old[key]) != lasting(new[key]):
            found[key] = "replace"
    return found


def by_diff(before: DeploymentPlan, after: DeploymentPlan) -> Fates:
    """Return what a diff says of the first replica, which stands for all."""
    found: Fates = {}
    for each in container_impact.containers(before, after, targets.known()["kubernetes"].diff):
        if each.role == "gateway":
            found["Deployment", "gateway"] = each.action
        elif each.role == "database":
            found["StatefulSet", each.key.replace("-", "--", 1)] = each.action
            assert each.interrupts == (each.action != "create")
        elif each.role == "migration":
            found["Job", "migrate--" + each.key.removesuffix("_migrate")] = each.action
        elif each.key.endswith("_1"):
            found["Deployment", each.key.removesuffix("_1")] = each.action
        assert each.action != "update"
    return found


def check(before: Spec, after: Spec) -> None:
    one, two = live(before), live(after)
    assert by_diff(plan(one), plan(two)) == by_objects(one, two)


@settings(max_examples=examples(30), phases=(Phase.explicit, Phase.generate))
@given(edited())
def test_what_a_diff_says_of_pods_is_what_becomes_of_the_objects(pair: tuple[Spec, Spec]) -> None:
    check(*pair)


@pytest.mark.parametrize("fields", [*SINGLE, {"scale": {"max": 5}}, {"egress": "internet"}], ids=str)
def test_a_single_change_is_what_becomes_of_the_objects(fields: dict[str, Any]) -> None:
    check(SHOP, changed_to(**fields))
    check(changed_to(**fields), SHOP)


@pytest.mark.parametrize(
    "fields", [{"user": "8"}, {"tmpfs": []}, {"command": []}, {"ready": "none"}], ids=str
)
def test_a_change_of_an_own_image_is_what_becomes_of_the_objects(fields: dict[str, Any]) -> None:
    check(changed_to(**OWN), changed_to(**{**OWN, **fields}))


@pytest.mark.parametrize(
    "field", [{"storage_class": "b"}, {"diagnostics": True}, {"domain": "a.example"}], ids=str
)
def test_a_change_of_the_environment_is_what_becomes_of_the_objects(field: dict[str, Any]) -> None:
    one, two = live(SHOP, storage_class="a"), live(SHOP, **{"storage_class": "a", **field})
    assert by_diff(plan(one), plan(two)) == by_objects(one, two)
    assert plan(one, LIVE) != plan(two, LIVE)
