"""What holds for every system: a change of one service touches only what belongs to it."""

import dataclasses
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pulumi_stacks.plan.model import DeploymentPlan
from pulumi_stacks.system import load, make_plan, resolve
from tests.examples import examples

NAMES = ["a", "a-b", "b", "b-a", "calls", "database-b", "route-a", "service"]


@st.composite
def systems(draw: st.DrawFn) -> dict[str, Any]:
    """A spec whose services call any others, also in circles."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=6, unique=True))
    services: dict[str, Any] = {}
    for index, name in enumerate(names):
        service: dict[str, Any] = {"runtime": "python", "scale": {"min": draw(st.integers(1, 3))}}
        if draw(st.booleans()):
            service["route"] = f"/{name}"
        if draw(st.booleans()):
            service["database"] = "postgres"
        if others := names[:index] + names[index + 1 :]:
            service["calls"] = draw(st.lists(st.sampled_from(others), unique=True))
        services[name] = service
    return {"name": "shop", "services": services}


def decide(system: dict[str, Any]) -> DeploymentPlan:
    return make_plan(resolve(load(yaml.safe_dump(system).encode())), "dev")


def entries(deployment: DeploymentPlan) -> dict[str, object]:
    containers = [
        *deployment.entrance,
        *(container for service in deployment.services for container in service.containers),
    ]
    return {network.name: network for network in deployment.networks} | {
        container.key: container for container in containers
    }


@settings(max_examples=examples(50))
@given(systems(), st.data())
def test_a_changed_service_changes_only_its_own_containers(system: dict[str, Any], data: st.DataObject):
    before = entries(decide(system))
    name = data.draw(st.sampled_from(sorted(system["services"])))
    service = system["services"][name] | {"config": {"PAGE": "20"}, "resources": {"memory": "300Mi"}}
    after = entries(decide({**system, "services": system["services"] | {name: service}}))
    assert before.keys() == after.keys()
    own = {f"shop_dev_{name}_migrate", *(f"shop_dev_{name}_{number}" for number in range(1, 4))}
    assert {key for key in before if before[key] != after[key]} == own & before.keys()


@settings(max_examples=examples(50))
@given(systems())
def test_names_are_unique_and_subnets_apart(system: dict[str, Any]):
    deployment = decide(system)
    containers = [
        *deployment.entrance,
        *(container for service in deployment.services for container in service.containers),
    ]
    assert len({container.key for container in containers}) == len(containers)
    assert len({network.subnet for network in deployment.networks}) == len(deployment.networks)
    known = {network.key for network in deployment.networks}
    assert known == {network for container in containers for network in container.networks}


@settings(max_examples=examples(50))
@given(systems())
def test_only_declared_edges_and_the_gateway_connect_services(system: dict[str, Any]):
    deployment = decide(system)
    members: dict[str, set[str]] = {}
    for service in deployment.services:
        for container in service.containers:
            for network in container.networks:
                members.setdefault(network, set()).add(service.name)
    met = {frozenset(names) for names in members.values() if len(names) > 1}
    declared = {
        frozenset({name, callee})
        for name, service in system["services"].items()
        for callee in service.get("calls", ())
    }
    assert met == declared


@settings(max_examples=examples(30))
@given(systems())
def test_a_plan_is_plain_and_the_same_every_time(system: dict[str, Any]):
    assert dataclasses.asdict(decide(system)) == dataclasses.asdict(decide(system))
