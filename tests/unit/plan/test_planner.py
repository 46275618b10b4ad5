import dataclasses
from pathlib import Path
from typing import Any

import pytest

from pulumi_stacks.context.model import Context
from pulumi_stacks.plan import planner
from pulumi_stacks.plan.model import Container, DeploymentPlan, Service
from pulumi_stacks.plan.stack_config import StackConfig
from pulumi_stacks.system import load, make_plan, resolve

SHOP = (Path(__file__).parents[3] / "examples" / "02-shop" / "cn.yaml").read_bytes()


def context(data: bytes = SHOP) -> Context:
    return resolve(load(data))


def shop(data: bytes = SHOP, **settings: Any) -> DeploymentPlan:
    return make_plan(context(data), "dev", StackConfig(**settings))


def service(deployment: DeploymentPlan, name: str) -> Service:
    return next(entry for entry in deployment.services if entry.name == name)


def containers(deployment: DeploymentPlan) -> list[Container]:
    return [
        *deployment.entrance,
        *(container for entry in deployment.services for container in entry.containers),
    ]


def entries(deployment: DeploymentPlan) -> dict[str, object]:
    """Everything in a plan by the name that it has on the engine."""
    return {network.name: network for network in deployment.networks} | {
        container.key: container for container in containers(deployment)
    }


def changed(before: DeploymentPlan, after: DeploymentPlan) -> set[str]:
    old, new = entries(before), entries(after)
    return {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}


def test_everything_on_the_engine_is_named_after_project_and_environment():
    assert all(name.startswith("shop_dev_") for name in entries(shop()))
    assert sorted(network.key for network in shop().networks) == [
        "call-orders--billing",
        "database-billing",
        "database-orders",
        "gateway",
        "route-catalog",
        "route-orders",
        "router",
        "service-billing",
        "service-catalog",
        "service-orders",
    ]


def test_only_homes_and_the_gateway_reach_the_world():
    outside = {network.key for network in shop().networks if not network.internal}
    assert outside == {"gateway", "service-billing", "service-catalog", "service-orders"}


def test_a_container_is_called_only_through_networks_that_it_takes_when_ready():
    deployment = shop()
    [orders] = service(deployment, "orders").replicas
    assert [link.network for link in orders.links] == [
        "call-orders--billing",
        "database-orders",
        "service-orders",
    ]
    assert all(not link.aliases for link in orders.links)
    assert [(endpoint.network, endpoint.slots) for endpoint in orders.endpoints] == [
        ("route-orders", ("orders.1.a", "orders.1.b"))
    ]
    [billing] = service(deployment, "billing").replicas
    assert [(endpoint.network, endpoint.slots) for endpoint in billing.endpoints] == [
        ("call-orders--billing", ("billing",))
    ]


def test_two_services_share_no_network_unless_one_calls_the_other():
    members: dict[str, set[str]] = {}
    for entry in shop().services:
        for container in entry.containers:
            for network in container.networks:
                members.setdefault(network, set()).add(entry.name)
    shared = {network: names for network, names in members.items() if len(names) > 1}
    assert shared == {"call-orders--billing": {"orders", "billing"}}


def test_services_whose_names_look_like_each_others_networks_stay_apart():
    data = b"""
name: shop
services:
  a: {runtime: python, database: postgres, calls: [b-calls-c]}
  a-calls-b: {runtime: python, calls: [c]}
  b-calls-c: {runtime: python}
  c: {runtime: python}
  route-a: {runtime: python}
  database-a: {runtime: python, route: /x}
"""
    deployment = shop(data)
    assert len({network.key for network in deployment.networks}) == 6 + 1 + 2 + 1 + 2
    assert len({network.subnet for network in deployment.networks}) == len(deployment.networks)


@pytest.mark.parametrize("container", containers(shop()), ids=lambda container: container.key)
def test_every_container_has_limits_and_no_rights(container: Container):
    assert container.user.split(":")[0] not in {"", "0", "root"}
    assert container.memory_bytes > 0
    assert container.cpu_millis > 0
    assert container.processes > 0
    assert container.grace_seconds > 25, "the drain, and what is open then"
    assert container.capabilities == (
        ("CAP_NET_BIND_SERVICE",) if container.place.startswith("gateway") else ()
    )
    assert dict(container.labels).keys() >= {"cn-new.environment", "cn-new.project", "cn-new.role"}
    assert container.labels == tuple(sorted(container.labels))
    assert container.variables == tuple(sorted(container.variables))


def test_only_the_gateway_publishes_a_port():
    assert [container.key for container in containers(shop()) if container.published] == ["shop_dev_gateway"]
    assert shop(port=9090).gateway.published == ((8080, 9090),)
    assert shop(port=9090).url == "http://127.0.0.1:9090"


def test_a_password_is_never_part_of_a_plan():
    [orders] = service(shop(), "orders").replicas
    [secret] = orders.secrets
    assert (secret.variable, secret.before) == ("DATABASE_URL", "postgresql://app:")
    assert secret.after == "@orders.database:5432/app"
    assert "DATABASE_URL" not in dict(orders.variables)


def test_images_are_built_from_folders_or_taken_by_reference():
    built = service(shop(build_args={"PYTHON_IMAGE": "python:3.13"}), "orders").image
    assert (built.name, built.folder) == ("ghcr.io/acme/shop-orders:dev", "../services/orders")
    assert built.arguments == (("PYTHON_IMAGE", "python:3.13"),)
    taken = service(shop(images={"orders": "r/o@sha256:1"}, base_images={"postgres": "r/p:17"}), "orders")
    assert (taken.image.reference, taken.image.folder) == ("r/o@sha256:1", "")
    assert taken.database is not None
    assert taken.database.container.image.reference == "r/p:17"


def test_a_renamed_service_keeps_its_resources_by_its_id():
    renamed = SHOP.replace(b"  catalog:\n", b"  products:\n    id: catalog\n")
    assert entries(shop()).keys() == entries(shop(renamed)).keys()


@pytest.mark.parametrize(
    ("old", "new", "touched"),
    [
        (b"LOG_LEVEL: info", b"LOG_LEVEL: debug", {"shop_dev_orders_1", "shop_dev_orders_migrate"}),
        (
            b"memory: 192Mi",
            b"memory: 193Mi",
            {"shop_dev_billing_1", "shop_dev_billing_migrate"},
        ),
        (
            b"dev: {scale: {min: 1}}",
            b"dev: {scale: {min: 2}}",
            {"shop_dev_catalog_2", "shop_dev_router"},
        ),
        (b"route: /catalog", b"route: /goods", {"shop_dev_router"}),
        (
            b"    calls: [billing]\n",
            b"",
            {
                "shop_dev_orders_1",
                "shop_dev_orders_migrate",
                "shop_dev_billing_1",
                "shop_dev_call-orders--billing",
            },
        ),
    ],
)
def test_a_change_touches_only_what_belongs_to_it(old: bytes, new: bytes, touched: set[str]):
    assert old in SHOP
    assert changed(shop(), shop(SHOP.replace(old, new))) == touched


def test_an_added_service_touches_nothing_that_was_there():
    added = changed(shop(), shop(SHOP + b"  extra: {runtime: python, database: postgres}\n"))
    assert added == {
        "shop_dev_database-extra",
        "shop_dev_extra_1",
        "shop_dev_extra_migrate",
        "shop_dev_service-extra",
    }


def test_all_faults_of_a_stacks_configuration_are_reported_at_once():
    with pytest.raises(planner.PlanError) as refused:
        shop(port=70000, subnet="10.0.0.0/30", images={"ordrs": "x"}, base_images={"mysql": "x"})
    assert [problem.split(":")[0] + ":" + problem.split(":")[1] for problem in refused.value.problems] == [
        "cn:images",
        "cn:base_images",
        "cn:port",
        "cn:subnet",
    ]


def test_an_unknown_environment_is_refused_with_those_that_there_are():
    with pytest.raises(
        planner.PlanError, match=r"stack test: no such environment in cn\.yaml; choose a stack from dev, prod"
    ):
        make_plan(context(), "test")


@pytest.mark.parametrize(("replicas", "fits"), [(29, True), (30, False)])
def test_more_replicas_than_addresses_are_refused_with_the_key(replicas: int, *, fits: bool):
    data = f"name: s\nservices: {{web: {{runtime: x, route: /, scale: {{min: {replicas}}}}}}}\n".encode()
    if fits:
        assert len(service(shop(data), "web").replicas) == 29
    else:
        with pytest.raises(planner.PlanError, match=r"services\.web\.scale\.min: 30 replicas"):
            shop(data)


def test_the_larger_of_two_services_that_meet_is_the_one_to_shrink():
    data = b"""
name: s
services:
  few: {runtime: x, calls: [many], scale: {min: 5}}
  many: {runtime: x, scale: {min: 27}}
"""
    with pytest.raises(planner.PlanError) as refused:
        shop(data)
    assert [problem.split(":")[0] for problem in refused.value.problems] == ["services.many.scale.min"]


def test_above_fifty_services_the_plan_warns():
    names = "".join(f"  s{number}: {{runtime: x}}\n" for number in range(51))
    assert "51 services" in shop(f"name: s\nservices:\n{names}".encode()).warnings[0]
    assert shop().warnings == ()


def test_a_plan_is_the_same_every_time():
    assert shop() == shop()
    assert dataclasses.asdict(shop()) == dataclasses.asdict(shop())
