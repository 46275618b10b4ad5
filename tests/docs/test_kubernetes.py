"""docs/kubernetes.md says what the target makes, in its words and with its figures."""

import inspect
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from pulumi_stacks.plan import planner, postgres
from pulumi_stacks.plan.stack_config import StackConfig
from pulumi_stacks.system import load, make_plan, resolve
from pulumi_stacks.targets.kubernetes import kubectl, pod_failures, preflight, required_config
from pulumi_stacks.targets.kubernetes.manifests import ingress, workloads
from pulumi_stacks.targets.kubernetes.manifests.metadata import Object
from pulumi_stacks.targets.kubernetes.manifests.system import SystemManifests

TEXT = (Path(__file__).resolve().parents[2] / "docs/kubernetes.md").read_text()
(SPEC,) = re.findall(r"^```yaml\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def made(gateway: str = "ingress") -> list[Object]:
    """Return all objects of the system on the page."""
    spec = load(SPEC.replace("gateway: ingress", f"gateway: {gateway}").encode())
    decided = make_plan(
        resolve(spec), "prod", StackConfig(images={"orders": "x@sha256:0", "billing": "y@sha256:0"})
    )
    system = SystemManifests(decided, workloads.Timeouts(ready_seconds=workloads.READY_SECONDS))
    services = [
        (system.config_map(service), *system.service(service, "any", f"database--{service.key}").objects)
        for service in decided.services
    ]
    secret = system.secret(decided.services[0], {})
    return [
        system.namespace(),
        system.default_deny(),
        secret,
        *(one for objects in services for one in objects),
        *system.gateway("any").objects,
    ]


def test_every_kind_of_object_is_on_the_page() -> None:
    objects = [one for gateway in ("ingress", "gateway-api") for one in made(gateway)]
    told = set(re.findall(r"\w+", TEXT.partition("## Guarantees")[0]))
    assert {one["kind"] for one in objects} - told == set()


@pytest.mark.parametrize(
    "name",
    ["shop-prod", "default--deny", "orders", "database--orders", "gateway"],
)
def test_every_name_on_the_page_is_that_of_an_object(name: str) -> None:
    assert f"`{name}`" in TEXT
    assert name in {one["metadata"]["name"] for one in made()}


def test_the_figures_are_those_of_the_target() -> None:
    assert f"a claim `data-database--orders-0` of {workloads.CLAIM_SIZE}" in TEXT
    assert f"ready; {workloads.READY_SECONDS} unless set" in TEXT
    assert f"Above {planner.MANY_SERVICES} services" in TEXT
    assert f"the last {kubectl.LOG_LINES} lines" in TEXT
    assert f"gets {workloads.DRAIN_SECONDS} seconds" in TEXT
    assert f"`{ingress.CERTIFICATE}`" in TEXT
    assert f"Postgres {postgres.DATA_PATH.split('/')[-2]} " in TEXT


@pytest.mark.parametrize(
    "words",
    [
        "cannot connect to the cluster ",
        "this user cannot create ",
        "and this user cannot create namespaces; ",
        "check {key}",
        "exited with code ",
        "out of memory: killed at its limit; raise {place}.resources.memory",
        "lower {place}.resources, or add nodes",
        "choose another environments.*.storage_class",
        "lower {place}.resources or {place}.scale, or raise the quota",
        "is not set; run `make push ENV={plan.environment}`",
        "is not set, but the database is external",
    ],
)
def test_what_is_said_of_a_failure_is_said_by_the_code(words: str) -> None:
    code = "".join(inspect.getsource(module) for module in (preflight, pod_failures, required_config))
    assert words in code
    shown = words.format(
        key="cn:images.orders", place="services.orders", plan=SimpleNamespace(environment="prod")
    )
    assert shown in TEXT
