"""What a diff says of containers and networks is what Pulumi does with the registrations of both plans."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.rendering.yaml_text import dump
from pulumi_stacks import targets
from pulumi_stacks.context.model import Context
from pulumi_stacks.diff import container_impact
from pulumi_stacks.plan.model import DeploymentPlan
from pulumi_stacks.system import load, make_plan, resolve
from pulumi_stacks.targets.docker.components import System
from pulumi_stacks.targets.docker.readiness import Checks
from tests.examples import examples
from tests.property import specs
from tests.stacks.fake_engine import FakeEngine
from tests.stacks.graph import CONTAINER, Registration, run

NETWORK = "docker:index/network:Network"
# What the provider changes in place; tests/e2e asks the provider itself. Everything else is recreated.
IN_PLACE = {
    "destroyGraceSeconds", "maxRetryCount", "memory", "memorySwap", "mustRun", "restart", "start", "wait",
}  # fmt: skip


FIELDS = specs.some(
    specs.sometimes("scale", specs.SCALES),
    specs.sometimes("resources", specs.RESOURCES),
    specs.sometimes("config", st.dictionaries(specs.VARIABLES, specs.printable_lines())),
)


@st.composite
def service(
    draw: st.DrawFn, name: str, old: dict[str, Any], later: list[str], environments: list[str]
) -> dict[str, Any]:
    """Return what becomes of one service, by its name; nothing when it goes."""
    how = draw(st.sampled_from(["same", "same", "drawn", "gone", "renamed", "field"]))
    if how == "gone":
        return {}
    if how == "drawn":
        again = draw(specs.services(name, later, environments))
        return {name: {**again, **({"id": old["id"]} if "id" in old else {})}}
    if how == "renamed":
        return {f"{name[:30]}-x": {**old, "id": old.get("id", name)}}
    return {name: {**old, **(draw(FIELDS) if how == "field" else {})}}


@st.composite
def edited(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a spec, and an edited one."""
    before = draw(specs.specs())
    before["environments"] = {name: {"target": "docker"} for name in before["environments"]}
    names = list(before["services"])
    environments = list(before["environments"])
    services: dict[str, Any] = {}
    for index, name in enumerate(names):
        services |= draw(service(name, before["services"][name], names[index + 1 :], environments))
    if draw(st.booleans()) or not services:
        services["brand-new"] = draw(specs.services("brand-new", [], environments))
    services = {
        name: specs.answered(
            {
                **{field: value for field, value in fields.items() if field != "not_secret"},
                "calls": [callee for callee in fields.get("calls", ()) if callee in services],
            },
            0,
        )
        for name, fields in services.items()
    }
    after = {**before, "services": services}
    if draw(st.booleans()):
        after["registry"] = draw(st.sampled_from(specs.REGISTRIES))
    first = environments[0]
    if draw(st.booleans()):
        after["environments"] = {**after["environments"], first: {"target": "docker", "diagnostics": True}}
    return before, after


def copied(spec: dict[str, Any]) -> bytes:
    return dump(spec).encode()


def registered(system: Context, decided: DeploymentPlan) -> dict[str, Registration]:
    checks = Checks(engine=FakeEngine(), timeout=0.05, settle=0, poll=0.001)
    contents = {f"../services/{service.name}": service.runtime for service in system.services}
    found = run(lambda: System(decided, checks).ready, preview=True, contents=contents)
    return {entry.urn: entry for entry in found}


def changed(old: Registration, new: Registration) -> set[str]:
    return {key for key in old.inputs | new.inputs if old.inputs.get(key) != new.inputs.get(key)}


def by_pulumi(
    old: dict[str, Registration], new: dict[str, Registration], prefix: str
) -> dict[str, tuple[str, bool]]:
    """Say what Pulumi's engine does with each container, by its rules for replacements."""
    moved = {
        urn for urn in old.keys() & new.keys() if new[urn].type == NETWORK and changed(old[urn], new[urn])
    }
    assert all(new[urn].request.deleteBeforeReplace for urn in moved)
    fates: dict[str, tuple[str, bool]] = {}
    for urn in old.keys() | new.keys():
        entry = new.get(urn) or old[urn]
        if entry.type != CONTAINER:
            continue
        key = entry.name.removeprefix(prefix)
        if urn not in new or urn not in old:
            fates[key] = ("create" if urn in new else "delete", False)
            continue
        differences = changed(old[urn], new[urn])
        # What depends on a network that goes first has to go before it, if that property would replace it.
        cascade = {
            name for name, urns in entry.input_dependencies.items() if urns & moved and name not in IN_PLACE
        }
        replacing = (differences - IN_PLACE) | (differences & set(entry.request.replaceOnChanges)) | cascade
        if replacing:
            fates[key] = ("replace", bool(cascade) or entry.request.deleteBeforeReplace)
        elif differences:
            fates[key] = ("update", False)
    return fates


def check(before: dict[str, Any], after: dict[str, Any], environment: str) -> None:
    systems = [resolve(load(copied(spec))) for spec in (before, after)]
    plans = [make_plan(system, environment) for system in systems]
    old, new = (registered(system, decided) for system, decided in zip(systems, plans, strict=True))
    found = {
        entry.key: entry
        for entry in container_impact.containers(plans[0], plans[1], targets.known()["docker"].diff)
    }
    wanted = by_pulumi(old, new, f"{before['name']}_{environment}_")
    assert {key: entry.action for key, entry in found.items()} == {
        key: fate for key, (fate, _) in wanted.items()
    }
    for key, (fate, interrupts) in wanted.items():
        if fate == "replace" and found[key].role != "migration":
            assert found[key].interrupts == interrupts, key
    impact = container_impact.networks(*plans)
    networks = [{entry.name for entry in side.values() if entry.type == NETWORK} for side in (old, new)]
    assert set(impact.created) == networks[1] - networks[0]
    assert set(impact.deleted) == networks[0] - networks[1]
    urns = old.keys() & new.keys()
    assert set(impact.replaced) == {
        new[urn].name for urn in urns if new[urn].type == NETWORK and changed(old[urn], new[urn])
    }


@settings(max_examples=examples(20))
@given(edited())
def test_what_a_diff_says_of_containers_is_what_pulumi_does(pair: tuple[dict[str, Any], dict[str, Any]]):
    before, after = pair
    check(before, after, next(iter(before["environments"])))


SHOP: dict[str, Any] = {
    "name": "shop",
    "services": {
        "orders": {"runtime": "python", "route": "/orders", "database": "postgres", "calls": ["billing"]},
        "billing": {"runtime": "python", "scale": {"min": 2}},
    },
}


def changed_to(**fields: Any) -> dict[str, Any]:
    return {**SHOP, "services": {**SHOP["services"], "orders": {**SHOP["services"]["orders"], **fields}}}


OWN = {"runtime": "dockerfile", "port": 9000, "ready": "/up", "user": "7", "tmpfs": ["/x"], "command": ["y"]}
SINGLE: tuple[dict[str, Any], ...] = (
    {"config": {"A": "b"}},
    {"resources": {"cpu": "2"}},
    {"resources": {"memory": "1Gi"}},
    {"scale": {"min": 3}},
    {"route": "/other"},
    {"calls": []},
    {"runtime": "dockerfile"},
    OWN,
)


@pytest.mark.parametrize("fields", SINGLE, ids=str)
def test_a_single_change_is_what_pulumi_does(fields: dict[str, Any]):
    check(SHOP, changed_to(**fields), "dev")


def other(**fields: Any) -> dict[str, Any]:
    return changed_to(**{**OWN, **fields})


PAIRS: tuple[tuple[dict[str, Any], dict[str, Any]], ...] = (
    (other(), other(user="8")),
    (other(), other(tmpfs=[])),
    (other(), other(command=[])),
    (other(), other(ready="none")),
    # The port of an environment follows from its place.
    (SHOP, {**SHOP, "environments": {"first": {"target": "docker"}, "dev": {"target": "docker"}}}),
)


@pytest.mark.parametrize(("before", "after"), PAIRS, ids=str)
def test_a_pair_of_specs_is_what_pulumi_does(before: dict[str, Any], after: dict[str, Any]):
    check(before, after, "dev")


def test_a_network_that_moves_takes_its_containers_along(monkeypatch):
    """Two networks that want the same slot: one moves when the other comes."""
    monkeypatch.setattr("pulumi_stacks.network.subnets._hash", lambda text: len(text) % 3)
    more = {**SHOP, "services": {"aa": {"runtime": "python", "calls": ["orders"]}, **SHOP["services"]}}
    check(SHOP, more, "dev")
    plans = [make_plan(resolve(load(copied(spec))), "dev") for spec in (SHOP, more)]
    assert container_impact.networks(*plans).replaced
