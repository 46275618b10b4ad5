"""No two names that come from the names of a spec meet, whatever these are."""

import json
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

import yaml
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from generator.graph.mermaid import mermaid
from generator.rendering.renderer import render
from generator.rendering.template import open_template
from pulumi_stacks.context.model import Context
from pulumi_stacks.plan.model import DeploymentPlan
from pulumi_stacks.spec import explanations
from pulumi_stacks.system import load, make_plan, resolve
from pulumi_stacks.targets.kubernetes.kustomize import secrets
from pulumi_stacks.targets.kubernetes.manifests.metadata import lasting_name
from tests import quick_yaml
from tests.examples import examples
from tests.unit.clusters import manifests

# What our own names begin or end with, beside the names of services.
WORDS = (
    *(
        "private",
        "ambiguous",
        "public",
        "route",
        "gateway",
        "call",
        "service",
        "database",
        "migrate",
        "ready",
    ),
    *(
        "migration",
        "password",
        "data",
        "registry",
        "tls",
        "default",
        "deny",
        "namespace",
        "compose",
        "container",
    ),
    *("check", "postgres", "caddy", "image", "images", "test", "push", "help", "up", "down", "stack", "lint"),
    *("outside", "environment", "local", "dev", "x", "xn", "a", "1", "2", "prepare", "address", "settings"),
)
NAMES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map("-".join)
NAMES = NAMES.filter(lambda name: explanations.name_fault(name) is None)
CLUSTER = {"target": "kubernetes", "namespace": "shop", "gateway": "ingress", "domain": "shop.example"}
STORED = {"runtime": "python", "route": "/", "database": "postgres", "scale": {"min": 2}}
# Each of these pairs met once: in the gateway, in a plan, on a cluster.
MET = {
    name: {**STORED, "route": f"/{name}"}
    for name in (
        *("api", "api-private", "ambiguous", "database-api", "api-1", "api-migrate", "database-api-migrate"),
        *("api-database", "default-deny", "xn"),
    )
}


@st.composite
def systems(draw: st.DrawFn) -> dict[str, Any]:
    """Return the services of a system where names, and ids, are like what we make of them."""
    names = draw(st.lists(NAMES, min_size=2, max_size=6, unique=True))
    # A service may have the name of another one as its id, as long as that one has another.
    identities = draw(st.one_of(st.just(names), st.permutations(names)))
    return {
        name: {
            **draw(st.sampled_from([STORED, {"runtime": "python"}, {"image": "caddy:2", "ready": "/up"}])),
            **({"route": f"/{name}"} if draw(st.booleans()) else {}),
            "id": identity,
            "calls": draw(st.lists(st.sampled_from(names[index + 1 :]), unique=True))
            if names[index + 1 :]
            else [],
        }
        for index, (name, identity) in enumerate(zip(names, identities, strict=True))
    }


def context_of(services: dict[str, Any]) -> Context:
    services = {
        name: {**service, "route": f"/{name}"} if "route" in service else service
        for name, service in services.items()
    }
    environments = {"dev": {"target": "docker"}, "live": CLUSTER}
    spec = {"name": "shop", "registry": "ghcr.io/acme", "environments": environments, "services": services}
    return resolve(load(json.dumps(spec).encode()))


def twice(names: Iterable[Any]) -> list[Any]:
    return [name for name, count in Counter(names).items() if count > 1]


def in_gateway(caddyfile: str) -> Iterable[str]:
    return re.findall(r"^\t@(\S+) ", caddyfile, re.MULTILINE)


def in_plan(decided: DeploymentPlan) -> Iterable[tuple[str, str]]:
    containers = [
        *decided.entrance,
        *(container for service in decided.services for container in service.containers),
    ]
    yield from (("container", container.key) for container in containers)
    yield from (("network", network.name) for network in decided.networks)
    yield from (("network's key", network.key) for network in decided.networks)
    yield from (("volume", service.database.volume) for service in decided.services if service.database)
    for container in containers:
        yield from ((f"variable of {container.key}", name) for name, _ in container.variables)
        yield from ((f"variable of {container.key}", secret.variable) for secret in container.secrets)
    # Replicas share the name under which others call them, and no one else has it.
    hosts = {
        (network, alias, dict(container.labels)["cn-new.service"], dict(container.labels)["cn-new.role"])
        for container in containers
        for network, aliases in [
            *((link.network, link.aliases) for link in container.links),
            *((endpoint.network, endpoint.slots) for endpoint in container.endpoints),
        ]
        for alias in aliases
    }
    yield from ((f"host on {network}", alias) for network, alias, _, _ in hosts)


def in_compose(written: str) -> Iterable[tuple[str, str]]:
    """Return every key of every mapping, which a reader would take once where it stands twice."""

    def walk(node: yaml.Node | None, place: str) -> Iterable[tuple[str, str]]:
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                yield place, key.value
                yield from walk(value, f"{place}.{key.value}")
        elif isinstance(node, yaml.SequenceNode):
            for index, value in enumerate(node.value):
                yield from walk(value, f"{place}.{index}")

    yield from walk(yaml.compose(written, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)), "")
    yield from (("anchor", name) for name in re.findall(r" &(\S+)$", written, re.MULTILINE))
    yield from (("password", name) for name in re.findall(r"APP_PASSWORD: \$\{(\w+):", written))


def on_cluster(decided: DeploymentPlan) -> Iterable[tuple[str, str]]:
    for made in manifests(decided):
        yield made["kind"], made["metadata"]["name"]
        yield f"{made['kind']} in a stack", lasting_name(made)
    yield from (("Secret", name) for name in (*secrets(decided), "gateway-tls"))
    yield from (("volume", service.database.volume) for service in decided.services if service.database)


def in_catalog(written: str) -> Iterable[tuple[str, ...]]:
    for entity in quick_yaml.load_all(written):
        yield entity["kind"], entity["metadata"].get("namespace", ""), entity["metadata"]["name"]


def in_makefile(written: str, names: Iterable[str]) -> Iterable[str]:
    yield from re.findall(r"^([a-z-]+):", written, re.MULTILINE)
    yield from (f"{verb}-{name}" for verb in ("test", "image", "push") for name in names)


TURNED = {
    "a": {**STORED, "id": "b"},
    "b": {**STORED, "id": "a-database"},
    "a-database": {**STORED, "id": "a"},
}


@settings(max_examples=examples(60), phases=(Phase.explicit, Phase.generate))
@given(systems())
@example(MET)
@example(TURNED)
def test_no_two_names_of_a_running_system_meet(services: dict[str, Any]) -> None:
    context = context_of(services)
    for environment in context.environments:
        decided = make_plan(context, environment.name)
        assert twice(in_gateway(environment.gateway)) == []
        assert twice(in_plan(decided)) == []
        if environment.pulls:
            assert twice(on_cluster(decided)) == []


@settings(max_examples=examples(5), phases=(Phase.explicit, Phase.generate))
@given(systems())
@example(MET)
@example(TURNED)
def test_no_two_names_in_a_repository_meet(services: dict[str, Any]) -> None:
    context = context_of(services)
    tree = {path: file.data.decode() for path, file in render(open_template(), context.answers()).items()}
    assert twice(in_compose(tree["compose.yaml"])) == []
    assert twice(in_makefile(tree["Makefile"], services)) == []
    assert twice(in_catalog(tree["catalog-info.yaml"])) == []
    assert twice(re.findall(r"^  (\w+)[\[(>]", mermaid(context), re.MULTILINE)) == []
