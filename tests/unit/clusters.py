"""Environments on a cluster for tests: specs to plans, and plans to the objects of their manifests."""

import json
from collections.abc import Iterator
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Any

from pulumi_stacks.plan.model import DeploymentPlan
from pulumi_stacks.plan.stack_config import StackConfig
from pulumi_stacks.system import load, make_plan, resolve
from pulumi_stacks.targets.kubernetes.kustomize import files
from pulumi_stacks.targets.kubernetes.manifests.metadata import lasting_name
from pulumi_stacks.targets.kubernetes.manifests.workloads import READY_SECONDS, Timeouts
from tests import quick_yaml

ROOT = Path(__file__).resolve().parents[2]
TIMEOUTS = Timeouts(READY_SECONDS)
LIVE = "live"
PODS = ("Deployment", "Job", "StatefulSet")

Spec = dict[str, Any]
Object = dict[str, Any]


def example(name: str) -> Spec:
    """Return an example as plain values."""
    text = (ROOT / "examples" / name / "cn.yaml").read_text(encoding="utf-8")
    return {"environments": {"dev": {"target": "docker"}}, **quick_yaml.load(text)}


def live(spec: Spec, **fields: Any) -> Spec:
    """Return a spec with an environment `live` on a cluster."""
    environment = {"target": "kubernetes", "namespace": "alive", **fields}
    environments = {**spec.get("environments", {}), LIVE: environment}
    return {"registry": "ghcr.io/acme", **spec, "environments": environments}


def plan(spec: Spec, environment: str = LIVE, **settings: Any) -> DeploymentPlan:
    """Return the plan of an environment."""
    context = resolve(load(json.dumps(spec, ensure_ascii=False).encode()))
    return make_plan(context, environment, StackConfig(**settings))


def clusters(spec: Spec) -> list[str]:
    """Name the environments of a spec that are on a cluster."""
    return [name for name, place in spec["environments"].items() if place["target"] == "kubernetes"]


def manifests(decided: DeploymentPlan) -> list[Object]:
    """Return everything that the files of an environment hold, as a tool reads it."""
    texts = files(decided, TIMEOUTS)
    listed = quick_yaml.load(texts.pop("kustomization.yaml"))["resources"]
    assert sorted(listed) == sorted(texts)
    return [made for name in listed for made in quick_yaml.load_all(texts[name])]


def objects(spec: Spec, environment: str = LIVE, **settings: Any) -> list[Object]:
    """Return the objects of an environment of a spec."""
    return deepcopy(_objects(json.dumps({**settings, "spec": spec, "environment": environment})))


@lru_cache(maxsize=64)
def _objects(asked: str) -> list[Object]:
    return manifests(plan(**json.loads(asked)))


def of_kind(made: list[Object], *kinds: str) -> list[Object]:
    return [each for each in made if each["kind"] in kinds]


def named(made: list[Object], kind: str, name: str) -> Object:
    """Return the one object of a kind that has this name, perhaps with what its content adds to it."""
    [found] = [
        each for each in of_kind(made, kind) if each["metadata"]["name"] == name or lasting_name(each) == name
    ]
    return found


def templates(made: list[Object]) -> Iterator[tuple[Object, Object]]:
    """Yield every object that makes pods, with the template of its pods."""
    for each in of_kind(made, *PODS):
        yield each, each["spec"]["template"]


def container(owner: Object) -> Object:
    """Return the only container of the pods of an object."""
    [found] = owner["spec"]["template"]["spec"]["containers"]
    return dict(found)
