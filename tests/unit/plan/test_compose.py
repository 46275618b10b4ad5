"""compose.yaml says what the plan says, field by field."""

import ipaddress
import re
from pathlib import Path

import pytest
import yaml

from generator.rendering.renderer import render
from pulumi_stacks.context.model import Context
from pulumi_stacks.spec.environment import Environment
from pulumi_stacks.spec.model import Spec
from pulumi_stacks.system import load, resolve
from tests.unit import compose

ROUTES = re.compile(r"(?ms)^\t@(?:private|public)\..*?^\t}$")
EXAMPLES = sorted((Path(__file__).parents[3] / "examples").glob("*/cn.yaml"))
AWKWARD = b"""
name: odd
description: $HOME and ${PWD}
environments:
  prod: {target: docker}
  dev: {target: docker, diagnostics: true}
services:
  one: {runtime: python, id: uno, route: /one, database: postgres, calls: [own, two], scale: {min: 3},
        config: {PRICE: "$5 ${X} $$", Y: "no", EMPTY: "", NO_PROXY: "$x.example"},
        environments: {prod: {scale: {min: 2}}}}
  two: {image: "ghcr.io/acme/two:1", port: 81, ready: /up, tmpfs: [/data, /var/x], user: 1000,
        command: [run, "--price=$5", 'a "b"'], route: /two, scale: {min: 2},
        resources: {cpu: 10m, memory: 33Mi}}
  own: {runtime: dockerfile, ready: none, database: postgres, route: /own, resources: {cpu: 1.5, memory: 1G}}
  last: {runtime: python, resources: {cpu: 290m}}
"""


def system(data: bytes) -> Context:
    return resolve(load(data))


def assert_equal(context: Context) -> None:
    """Assert that compose.yaml and the plan differ only in compose.DIFFERENCES."""
    text, deployment = compose.compose(context), compose.planned(context)
    found, wanted = compose.from_compose(text), compose.from_plan(deployment)
    for container in wanted.values():
        # Without a path compose has nothing to ask.
        if container["probe"] and not container["probe"]["path"]:
            container["probe"] = None
    assert found == wanted
    assert compose.networks_of_compose(text) == {
        network.key: network.internal for network in deployment.networks if network.key != "router"
    }


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_compose_is_the_plan_of_each_example(path: Path):
    assert_equal(system(path.read_bytes()))


def test_compose_is_the_plan_of_an_awkward_system():
    context = system(AWKWARD)
    assert context.local.name == "prod"
    assert_equal(context)


def test_without_a_docker_environment_compose_runs_one_of_its_own():
    spec = load(AWKWARD)
    # Not validated: the target is one that this version does not know yet.
    elsewhere = Environment.model_construct(target="kubernetes", diagnostics=False)
    context = resolve(Spec.model_construct(**{**dict(spec), "environments": {"prod": elsewhere}}))
    assert (context.local.name, context.targets) == ("local", ("kubernetes",))
    assert_equal(context.model_copy(update={"targets": ("docker",)}))


def test_the_configuration_of_its_gateway_is_that_of_the_plan_and_takes_no_orders():
    context = system(AWKWARD)
    planned = compose.planned(context)
    assert planned.router is not None
    configuration = planned.router.configuration
    assert configuration is not None
    found = render(compose.TEMPLATE, context.answers())["infra/gateway/Caddyfile"].data.decode()
    # Of the routes it says the same.
    planned_routes = configuration.text.replace("\t\t\theader_up X-Forwarded-For {client_ip}\n", "")
    assert ROUTES.findall(found) == ROUTES.findall(planned_routes) != []
    assert "admin off" in found
    build = yaml.safe_load(compose.compose(context))["services"]["gateway"]["build"]["dockerfile_inline"]
    name = configuration.path.rpartition("/")[2]
    assert f"COPY --chmod=444 {name} {configuration.path}\n" in build


def test_compose_and_stacks_share_no_address_and_no_port():
    context = system(AWKWARD)
    document = yaml.safe_load(compose.compose(context))
    stack = {network.subnet for network in compose.planned(context).networks}
    own = list(compose.subnets_of_compose(compose.compose(context)).values())
    assert own == [network.subnet for network in context.local.networks]
    assert len(set(own)) == len(own)
    assert not any(
        ipaddress.ip_network(one).overlaps(ipaddress.ip_network(other)) for one in own for other in stack
    )
    assert document["services"]["gateway"]["ports"] == ["127.0.0.1:${GATEWAY_PORT:-8000}:8080"]
    assert 8000 not in [environment.port for environment in context.environments]


def test_what_waits_for_what():
    services = yaml.safe_load(compose.compose(system(AWKWARD)))["services"]
    # Compose recreates what depends on a recreated container, and that would be every route at once.
    assert "depends_on" not in services["gateway"]
    assert services["one_2"]["depends_on"] == {"one_migrate": {"condition": "service_completed_successfully"}}
    assert services["one_migrate"]["depends_on"] == {"one_database": {"condition": "service_healthy"}}
    assert services["own"]["depends_on"] == {"own_database": {"condition": "service_healthy"}}
    # One that ends would end `up --wait` with 1, unless another container waited for its end.
    assert services["two_2_ready"]["command"] == ["sleep", "infinity"]
    assert services["two_2_ready"]["healthcheck"]["test"][-1] == "http://two_2:81/up"
    assert services["two_2_ready"]["networks"] == {"service-two": {}}
    assert services["two_2_ready"]["depends_on"] == {"two_2": {"condition": "service_started"}}
    assert "own_ready" not in services


def test_what_makes_no_calls_outside_has_no_proxy():
    services = yaml.safe_load(compose.compose(system(AWKWARD)))["services"]
    asking = {name for name in services if name.endswith("_ready")}
    assert asking == {"two_ready", "two_2_ready"}
    assert all(services[name]["environment"] == {"http_proxy": ""} for name in asking)
    assert services["gateway"]["environment"].items() >= {"HTTP_PROXY": "", "http_proxy": ""}.items()


def test_the_users_own_hosts_without_a_proxy_are_joined():
    services = yaml.safe_load(compose.compose(system(AWKWARD)))["services"]
    for name in ("one", "one_2", "one_migrate"):
        hosts = f"{compose.JOINED}$$x.example,localhost,127.0.0.1,::1,own,two"
        assert services[name]["environment"]["NO_PROXY"] == hosts
        assert services[name]["environment"]["no_proxy"] == hosts


def test_only_one_service_builds_an_image():
    services = yaml.safe_load(compose.compose(system(AWKWARD)))["services"]
    assert {name: entry["build"]["context"] for name, entry in services.items() if "build" in entry} == {
        "gateway": "infra/gateway",
        "one": "services/one",
        "own": "services/own",
        "last": "services/last",
    }
    assert {name for name, entry in services.items() if entry.get("pull_policy") == "never"} == {
        "one_2",
        "one_migrate",
    }


def test_a_system_of_thousands_of_networks_has_an_address_for_each():
    services = "".join(f"  s{n}: {{runtime: python, database: postgres}}\n" for n in range(2100))
    context = system(f"name: big\nservices:\n{services}".encode())
    assert len({network.subnet for network in context.local.networks}) == 4201
    assert context.local.block == "10"
    small = system(b"name: big\nservices: {one: {runtime: python}}\n").local
    assert all(network.subnet.startswith(f"{small.block}.") for network in small.networks)
    assert small.block.count(".") == 1
