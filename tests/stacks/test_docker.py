"""The resources of the target docker, registered with Pulumi's mocks."""

import re
from pathlib import Path
from typing import Any

import pulumi
import pytest

from pulumi_stacks.plan.stack_config import StackConfig
from pulumi_stacks.system import load, make_plan, resolve
from pulumi_stacks.targets.docker.components import System
from pulumi_stacks.targets.docker.readiness import Checks
from tests.stacks.fake_engine import HEALTHY, FakeContainer, FakeEngine, ill
from tests.stacks.graph import CONTAINER, SECRET, Registration, run

SHOP = (Path(__file__).parents[2] / "examples" / "02-shop" / "cn.yaml").read_bytes()
PINNED = re.compile(r"^sha256:")


def shop(engine: FakeEngine | None = None, *, preview: bool = False, **settings: Any) -> list[Registration]:
    deployment = make_plan(resolve(load(SHOP)), "dev", StackConfig(**settings))
    checks = Checks(engine=engine or FakeEngine(), timeout=0.05, settle=0, poll=0.001)
    return run(lambda: System(deployment, checks).ready, preview=preview)


ALL = shop()
CONTAINERS = [entry for entry in ALL if entry.type == CONTAINER]


def named(name: str, registrations: list[Registration] = ALL) -> Registration:
    return next(entry for entry in registrations if entry.name == name)


def container(name: str) -> Registration:
    return named(f"shop_dev_{name}")


def test_the_types_and_names_of_components_stay_as_they_were_released():
    components = {entry.urn.split("::", 2)[2] for entry in ALL if entry.type.startswith("cnnew:")}
    assert components == {
        "cnnew:docker:System::shop",
        "cnnew:docker:System$cnnew:docker:Database::billing",
        "cnnew:docker:System$cnnew:docker:Database::orders",
        "cnnew:docker:System$cnnew:docker:Gateway::gateway",
        "cnnew:docker:System$cnnew:docker:Service::billing",
        "cnnew:docker:System$cnnew:docker:Service::catalog",
        "cnnew:docker:System$cnnew:docker:Service::orders",
    }
    assert {
        entry.urn.split("::", 2)[2] for entry in ALL if "orders" in entry.name and entry.request.custom
    } == {
        "cnnew:docker:System$docker:index/network:Network::call-orders--billing",
        "cnnew:docker:System$docker:index/network:Network::database-orders",
        "cnnew:docker:System$docker:index/network:Network::route-orders",
        "cnnew:docker:System$docker:index/network:Network::service-orders",
        "cnnew:docker:System$cnnew:docker:Database$docker:index/container:Container::shop_dev_database-orders",
        "cnnew:docker:System$cnnew:docker:Database$docker:index/volume:Volume::orders-data",
        "cnnew:docker:System$cnnew:docker:Database$random:index/randomPassword:RandomPassword::orders-password",
        "cnnew:docker:System$cnnew:docker:Service$docker:index/container:Container::shop_dev_orders_1",
        "cnnew:docker:System$cnnew:docker:Service$docker:index/container:Container::shop_dev_orders_migrate",
        "cnnew:docker:System$cnnew:docker:Service$docker:index/image:Image::orders",
    }


def test_a_service_waits_for_its_migration_and_that_for_the_database():
    database, migration, replica = (
        container("database-orders"),
        container("orders_migrate"),
        container("orders_1"),
    )
    assert database.urn in migration.dependencies
    assert migration.urn in replica.dependencies
    order = [ALL.index(entry) for entry in (database, migration, replica)]
    assert order == sorted(order)
    assert named("orders-data").urn in database.dependencies


def test_the_router_waits_for_every_service():
    replicas = {container(name).urn for name in ("orders_1", "billing_1", "catalog_1")}
    assert replicas <= container("router").dependencies


def test_services_do_not_wait_for_those_that_they_call():
    assert container("billing_1").urn not in container("orders_1").dependencies


def test_no_input_of_a_container_comes_from_another_container():
    urns = {entry.urn for entry in CONTAINERS}
    for entry in CONTAINERS:
        read = frozenset().union(*entry.input_dependencies.values())
        assert not read & urns, entry.name


@pytest.mark.parametrize("entry", CONTAINERS, ids=lambda entry: entry.name)
def test_every_container_is_hardened(entry: Registration):
    inputs = entry.inputs
    assert inputs["readOnly"] is True
    assert inputs["init"] is True
    assert inputs["capabilities"]["drops"] == ["ALL"]
    added = ["CAP_NET_BIND_SERVICE"] if entry.name.endswith(("gateway", "router")) else None
    assert inputs["capabilities"].get("adds") == added
    assert inputs["securityOpts"] == ["no-new-privileges:true"]
    assert inputs["user"] in {"10001:10001", "999:999"}
    assert inputs["memory"] == inputs["memorySwap"] > 0
    assert re.fullmatch(r"[0-9]+\.[0-9]+", inputs["cpus"])
    assert inputs["logOpts"] == {"max-file": "3", "max-size": "10m"}
    assert inputs["restart"] in {"unless-stopped", "on-failure"}
    assert inputs["destroyGraceSeconds"] > 5
    assert inputs["wait"] is inputs["mustRun"] is False
    assert "privileged" not in inputs
    assert "entrypoints" not in inputs
    assert PINNED.match(inputs["image"])
    assert [label["label"] for label in inputs["labels"]] == sorted(
        label["label"] for label in inputs["labels"]
    )
    assert {"healthcheck", "init", "tmpfs"} <= set(entry.request.replaceOnChanges)


def test_only_what_has_a_fixed_name_is_deleted_before_it_is_recreated():
    for entry in CONTAINERS:
        fixed = "name" in entry.inputs
        assert fixed == entry.name.startswith(("shop_dev_database-", "shop_dev_gateway"))
        assert entry.request.deleteBeforeReplace == fixed
        assert entry.request.deleteBeforeReplaceDefined
        assert not fixed or entry.inputs["name"] == entry.name
    networks = [entry for entry in ALL if entry.type == "docker:index/network:Network"]
    assert networks
    assert all(entry.request.deleteBeforeReplace for entry in networks)


def test_a_password_travels_only_as_a_secret():
    assert "canary" not in repr([entry.request.object for entry in ALL if entry.type != CONTAINER])
    for name in ("database-orders", "orders_1", "orders_migrate"):
        envs = container(name).inputs["envs"]
        assert envs[SECRET], name
        assert "envs" in container(name).request.additionalSecretOutputs
        assert "canary" not in repr(
            {key: value for key, value in container(name).inputs.items() if key != "envs"}
        )
    [url] = [
        value for value in container("orders_1").inputs["envs"]["value"] if value.startswith("DATABASE_URL=")
    ]
    assert url == "DATABASE_URL=postgresql://app:canary-orders-password@orders.database:5432/app"
    assert "canary-orders" not in repr(container("billing_1").inputs)
    assert "canary" not in repr(container("catalog_1").inputs)


def test_rows_outlive_the_stack():
    volume = named("orders-data")
    assert volume.request.retainOnDelete
    assert volume.inputs["name"] == "shop_dev_database-orders"


def test_a_container_is_recreated_when_the_networks_that_it_joins_late_change():
    labels = {label["label"]: label["value"] for label in container("orders_1").inputs["labels"]}
    assert labels["cn-new.endpoints"] == "shop_dev_route-orders"
    assert named("route-orders").urn in container("orders_1").input_dependencies["labels"]


def test_networks_are_not_a_network_of_a_container_when_it_is_created():
    joined = [network["name"] for network in container("billing_1").inputs["networksAdvanced"]]
    assert joined == ["shop_dev_database-billing", "shop_dev_service-billing"]


def test_every_network_has_a_subnet_of_its_own():
    subnets = [
        entry.inputs["ipamConfigs"][0]["subnet"]
        for entry in ALL
        if entry.type == "docker:index/network:Network"
    ]
    assert len(set(subnets)) == len(subnets) == 10


def test_an_image_by_reference_is_taken_and_kept():
    found = shop(images={"orders": "registry/orders@sha256:1"})
    taken = next(entry for entry in found if entry.name == "orders" and "emoteImage" in entry.type)
    assert taken.inputs == {"name": "registry/orders@sha256:1", "keepLocally": True}
    assert not [
        entry for entry in found if entry.name == "orders" and entry.type == "docker:index/image:Image"
    ]


def test_two_runs_register_the_same():
    again = shop()
    assert {entry.urn: entry.inputs for entry in again} == {entry.urn: entry.inputs for entry in ALL}


def test_a_preview_asks_the_engine_nothing():
    engine = FakeEngine()
    engine.broken = "a preview has no business here"
    found = shop(engine, preview=True)
    assert {entry.urn for entry in found} == {entry.urn for entry in ALL}


def test_all_replicas_are_sloted():
    engine = FakeEngine()
    shop(engine)
    assert sorted(engine.named("connect")) == [
        ("shop_dev_call-orders--billing", "shop_dev_billing_1-id", "billing"),
        ("shop_dev_route-catalog", "shop_dev_catalog_1-id", "catalog.1.a"),
        ("shop_dev_route-orders", "shop_dev_orders_1-id", "orders.1.a"),
        ("shop_dev_router", "shop_dev_router-id", "gateway.1.a"),
    ]


def test_all_that_a_state_makes_has_its_mark():
    kinds = {"docker:index/network:Network", CONTAINER, "docker:index/volume:Volume"}
    made = [entry for entry in ALL if entry.type in kinds]
    assert {entry.type for entry in made} == kinds
    for entry in made:
        labels = {label["label"]: label["value"] for label in entry.inputs["labels"]}
        assert labels["cn-new.state"] == "0a1b", entry.name


def test_a_predecessor_is_hidden_from_callers_once_its_successor_is_sloted():
    call = "shop_dev_call-orders--billing"
    engine = FakeEngine(former=FakeContainer([HEALTHY], networks={call: ["billing"]}))
    shop(engine)
    seated = engine.orders.index(("connect", call, "shop_dev_billing_1-id", "billing"))
    assert engine.orders[seated:].count(("remove_aliases", call, "former", "10.0.0.9")) == 1


def failing(**containers: FakeContainer) -> tuple[str, FakeEngine]:
    engine = FakeEngine()
    engine.fakes |= {f"shop_dev_{name}-id": container for name, container in containers.items()}
    with pytest.raises(pulumi.RunError) as refused:
        shop(engine)
    return str(refused.value), engine


def test_the_failures_of_all_services_are_reported_together():
    text, engine = failing(orders_1=FakeContainer([ill("no")]), catalog_1=FakeContainer([ill("neither")]))
    assert [line for line in text.splitlines() if line.startswith("services.")] == [
        "services.catalog: not ready after 0.05 s (unhealthy; health check: neither)",
        "services.orders: not ready after 0.05 s (unhealthy; health check: no)",
    ]
    assert {order[1] for order in engine.named("connect")} == {"shop_dev_billing_1-id"}


def test_a_failed_migration_stops_its_service_and_is_named():
    failed = FakeContainer([{"Status": "exited", "ExitCode": 3}], lines=("relation exists",))
    text, engine = failing(orders_migrate=failed)
    assert text.startswith("services.orders: migration: exited with code 3\n")
    assert "relation exists" in text
    assert "shop_dev_orders_1-id" not in engine.fakes


def test_a_database_that_does_not_start_is_named():
    text, engine = failing(
        **{"database-orders": FakeContainer([{"Status": "restarting", "ExitCode": 1}], restarts=9)}
    )
    assert text.startswith("services.orders: database: restarts again and again; exited with code 1")
    assert "shop_dev_orders_migrate-id" not in engine.fakes


def test_a_gateway_that_does_not_start_fails_the_deployment():
    text, _ = failing(gateway=FakeContainer([ill("")]))
    assert text.startswith("gateway: not ready after 0.05 s (unhealthy)")
