"""The gateway on an engine: it stays while its configuration and its networks change."""

import pulumi
import pytest

from pulumi_stacks import plan
from pulumi_stacks.context import resolve
from pulumi_stacks.docker.checks import Checks
from pulumi_stacks.docker.components import System
from pulumi_stacks.load import load
from tests.stacks.fake_engine import HEALTHY, Box, FakeEngine
from tests.stacks.graph import run
from tests.stacks.test_docker import SHOP, container, named, shop


def test_the_gateway_gets_its_configuration_before_it_starts_and_reads_it_again_once_it_has_its_networks():
    engine = FakeEngine()
    found = shop(engine)
    [(volume, path, text)] = engine.named("write")
    assert (volume, path) == ("shop_dev_gateway", "/etc/caddy/Caddyfile")
    assert "handle @public.orders" in text
    gateway = next(entry for entry in found if entry.type == "cnnew:docker:Gateway")
    assert gateway.inputs == {"configuration": text}, "a preview shows it"
    assert "CADDYFILE" not in repr(container("gateway").inputs)
    orders = [order for order in engine.orders if "shop_dev_gateway-id" in order and order[0] != "limit"]
    assert [order[0] for order in orders] == ["connect", "connect", "execute"]
    assert orders[-1][2:4] == ("caddy", "reload")
    seats = [number for number, order in enumerate(engine.orders) if order[-1].endswith(".a")]
    assert max(seats) < engine.orders.index(("write", volume, path, text))


def test_the_gateway_leaves_networks_of_routes_that_are_gone_and_no_other():
    joined = ("shop_dev_gateway", "shop_dev_route-old", "shop_dev_route-orders", "monitoring")
    engine = FakeEngine()
    engine.boxes["shop_dev_gateway-id"] = Box([HEALTHY], networks={name: [] for name in joined})
    shop(engine)
    last = [order for order in engine.orders if "shop_dev_gateway-id" in order][-2:]
    assert last[0][0] == "execute"
    assert last[1] == ("disconnect", "shop_dev_route-old", "shop_dev_gateway-id")


def test_a_configuration_that_the_gateway_refuses_fails_the_deployment():
    engine = FakeEngine()
    engine.refusals["execute"] = ["adapting config: unknown directive"]
    with pytest.raises(pulumi.RunError, match=r"^gateway: the Docker engine says: adapting config"):
        shop(engine)


def test_connections_that_wait_outlive_a_change_where_linux_can_hand_them_on():
    deployment = plan.deploy(resolve(load(SHOP)), "dev")
    checks = Checks(engine=FakeEngine(), timeout=0.05, settle=0, poll=0.001)
    found = run(lambda: System(deployment, checks, migrates=True).ready)
    with_it = {entry.name for entry in found if entry.inputs.get("sysctls")}
    assert with_it == {"shop_dev_gateway"}
    assert named("shop_dev_gateway", found).inputs["sysctls"] == {"net.ipv4.tcp_migrate_req": "1"}
    assert "sysctls" not in container("gateway").inputs


def test_networks_go_after_the_gateway_that_follows_them():
    assert {named(f"route-{name}").urn for name in ("orders", "catalog")} <= container("gateway").dependencies
    read = container("gateway").input_dependencies["networksAdvanced"]
    assert {urn.rpartition("::")[2] for urn in read} == {"gateway"}, "a new one does not make it anew"
