"""The gateway on an engine: it stays while the router behind it is replaced, when that changes."""

import pulumi
import pytest

from tests.stacks.fake_engine import FakeContainer, FakeEngine, ill
from tests.stacks.test_docker import container, named, shop


def test_gateway_and_router_have_their_configurations_before_they_start():
    engine = FakeEngine()
    found = shop(engine)
    written = {volume.rsplit("_", 2)[0]: (path, text) for volume, path, text in engine.named("write")}
    assert {path for path, _ in written.values()} == {"/etc/caddy/Caddyfile"}
    text = written["shop_dev_router"][1]
    assert "handle @public.orders" in text
    assert "orders" not in written["shop_dev_gateway"][1], "it stays whatever becomes of the routes"
    component = next(entry for entry in found if entry.type == "cnnew:docker:Gateway")
    assert component.inputs == {"configuration": text}, "a preview shows it"
    for name in ("router", "gateway"):
        [mounted] = container(name).inputs["volumes"]
        assert mounted["volumeName"] in {volume for volume, _, _ in engine.named("write")}
        volume = next(entry for entry in found if entry.type.endswith(":Volume") and entry.name == name)
        assert volume.urn in container(name).dependencies


def test_the_router_comes_after_the_services_and_the_gateway_after_it():
    engine = FakeEngine()
    shop(engine)
    seated = [order[2:] for order in engine.orders if order[0] == "connect" and order[-1].endswith(".a")]
    assert seated[-1] == ("shop_dev_router-id", "gateway.1.a")
    assert len(seated) == 3
    assert container("router").urn in container("gateway").dependencies
    assert not container("router").request.deleteBeforeReplace
    assert container("gateway").request.deleteBeforeReplace


def test_a_new_router_takes_the_free_slot():
    engine = FakeEngine()
    engine.fakes["former"] = FakeContainer(
        [{"Status": "running"}], networks={"shop_dev_router": ["gateway.1.a"]}
    )
    shop(engine)
    assert ("connect", "shop_dev_router", "shop_dev_router-id", "gateway.1.b") in engine.orders


@pytest.mark.parametrize(("name", "place"), [("router", "gateway: router"), ("gateway", "gateway")])
def test_one_that_does_not_become_well_fails_the_deployment(name: str, place: str):
    engine = FakeEngine()
    engine.fakes[f"shop_dev_{name}-id"] = FakeContainer([ill("503")], lines=("unknown directive",))
    with pytest.raises(pulumi.RunError, match=rf"(?s)^{place}: .*unknown directive"):
        shop(engine)


def test_a_configuration_that_cannot_be_written_fails_it_too():
    engine = FakeEngine()
    engine.refusals["write"] = ["no space left on device"]
    with pytest.raises(pulumi.RunError, match=r"^gateway.*: cannot write its configuration: no space"):
        shop(engine)


def test_the_router_takes_requests_from_the_network_of_the_gateway_alone():
    subnet = named("router", [entry for entry in shop() if entry.type.endswith(":Network")])
    [config] = subnet.inputs["ipamConfigs"]
    assert subnet.inputs["internal"] is True
    assert f"ROUTER_NETWORK={config['subnet']}" in container("router").inputs["envs"]


def test_networks_of_routes_go_after_the_router():
    assert {named(f"route-{name}").urn for name in ("orders", "catalog")} <= container("router").dependencies
    read = container("gateway").input_dependencies["networksAdvanced"]
    assert {urn.rpartition("::")[2] for urn in read} == {"gateway", "router"}, "no route recreates it"
