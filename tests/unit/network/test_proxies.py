"""Whatever proxy a container is given, what is inside the system is called without it."""

import json
from typing import Any
from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]

import pytest
from hypothesis import example, given, settings

from pulumi_stacks.network import proxies
from pulumi_stacks.system import load, make_plan, resolve
from tests.examples import examples
from tests.property.specs import AWKWARD, specs

OUTSIDE = ("example.com", "billing.example.com", "203.0.113.9")


def bypasses(variables: dict[str, str], host: str) -> bool:
    return bool(proxy_bypass_environment(host, {"no": variables["no_proxy"]}))


@settings(max_examples=examples(50))
@given(specs())
@example(AWKWARD)
def test_no_container_of_any_system_calls_another_through_a_proxy(spec: dict[str, Any]) -> None:
    context = resolve(load(json.dumps(spec, ensure_ascii=False).encode()))
    for environment in context.environments:
        deployment = make_plan(context, environment.name)
        names = {service.key: service.name for service in deployment.services}
        gateway = dict(deployment.gateway.variables)
        assert (gateway["HTTP_PROXY"], gateway["http_proxy"]) == ("", "")
        for service in deployment.services:
            for container in (*service.replicas, *([service.migration] if service.migration else [])):
                variables = dict(container.variables)
                assert variables["NO_PROXY"] == variables["no_proxy"]
                inside = ("localhost", "127.0.0.1", "::1", *(names[key] for key in service.calls))
                assert all(bypasses(variables, host) for host in inside)
                if not {"NO_PROXY", "no_proxy"} & (spec["services"][service.name].get("config") or {}).keys():
                    assert not any(bypasses(variables, host) for host in OUTSIDE)


@pytest.mark.parametrize(
    ("config", "hosts"),
    [
        ({}, "localhost,127.0.0.1,::1,b,c"),
        ({"NO_PROXY": " corp.example, .test"}, "corp.example,.test,localhost,127.0.0.1,::1,b,c"),
        ({"no_proxy": "x", "NO_PROXY": "c,y"}, "c,y,x,localhost,127.0.0.1,::1,b"),
        ({"NO_PROXY": ""}, "localhost,127.0.0.1,::1,b,c"),
        ({"NO_PROXY": "*"}, "*"),
        ({"NO_PROXY": "a, *"}, "*"),
    ],
)
def test_what_config_names_is_called_without_a_proxy_too(config: dict[str, str], hosts: str) -> None:
    assert proxies.direct(["c", "b"], config) == {"NO_PROXY": hosts, "no_proxy": hosts}


@pytest.mark.parametrize(("hosts", "found"), [("", ""), ("x, .y", "x,.y"), ("b,x", "x"), ("*", "*")])
def test_what_config_names_is_found_again(hosts: str, found: str) -> None:
    joined = proxies.direct(["b", "c"], {"NO_PROXY": hosts})["NO_PROXY"]
    assert proxies.named(joined, ["b", "c"]) == found
