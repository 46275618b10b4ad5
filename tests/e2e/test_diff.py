"""What `cn diff` says is what Pulumi and its provider mean to do, and do."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from generator.rendering.yaml_text import dump
from pulumi_stacks import targets
from pulumi_stacks.diff import container_impact
from pulumi_stacks.plan.model import DeploymentPlan
from pulumi_stacks.plan.stack_config import StackConfig
from pulumi_stacks.system import load, make_plan, resolve
from tests.e2e.system import System

CONTAINER = "docker:index/container:Container"
NAME = "e2e-diff"
# Ready images only, so that nothing is built.
SERVICE: dict[str, Any] = {
    "image": "caddy:2",
    "port": 2080,
    "ready": "/up",
    "tmpfs": ["/config", "/data"],
    "command": ["caddy", "respond", "--listen", ":2080", "--body", "here"],
}
FRONT: dict[str, Any] = {**SERVICE, "route": "/front", "calls": ["back"], "scale": {"min": 2}}
BACK: dict[str, Any] = {**SERVICE, "database": "postgres"}
# One change each, so that one preview reports all of them.
SINGLE: dict[str, dict[str, Any]] = {
    "memory": {"resources": {"memory": "300Mi"}},
    "cpu": {"resources": {"cpu": "250m"}},
    "variable": {"config": {"A": "b"}},
    "words": {"command": [*SERVICE["command"][:-1], "there"]},
    "user": {"user": "10002"},
    "folders": {"tmpfs": ["/config", "/data", "/x"]},
    "ready": {"ready": "none"},
}


def spec(**services: dict[str, Any] | None) -> bytes:
    """Return the system's cn.yaml with these services changed, added, or (None) left out."""
    all_of = {"front": FRONT, "back": BACK, **dict.fromkeys(SINGLE, SERVICE), **services}
    present = {name: fields for name, fields in all_of.items() if fields is not None}
    return dump({"name": NAME, "services": present}).encode()


CHANGES = {
    "settings": spec(**{name: {**SERVICE, **fields} for name, fields in SINGLE.items()}),
    "edges": spec(front={**FRONT, "route": "/other", "calls": [], "scale": {"min": 1}}, cpu=None),
    "data": spec(back=SERVICE, front={**FRONT, "scale": {"min": 3}}, third={**SERVICE, "route": "/third"}),
    "renamed": spec(front={**FRONT, "calls": ["rear"]}, back=None, rear={**BACK, "id": "back"}),
}


@pytest.fixture(scope="module")
def system(_engine: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    folder = tmp_path_factory.mktemp("diff")
    made = System.create(folder, NAME, spec())
    # It has no containers, and does not matter, as a deployment asks only what is inside.
    (folder / "config.json").write_text(
        json.dumps({"proxies": {"default": {"httpProxy": "http://127.0.0.1:9"}}})
    )
    made.environment = {**made.environment, "DOCKER_CONFIG": str(folder)}
    made.configure(port=made.port, timeout=45)
    made.make("up")
    yield made
    made.make("down", "DATA=delete", ok=False)


def decided(data: bytes, port: int) -> DeploymentPlan:
    return make_plan(resolve(load(data)), "dev", StackConfig(port=port))


def meant(system: System) -> dict[str, str]:
    """Return what a preview means to do with each container."""
    told = json.loads(system.pulumi("preview", "--json", "--suppress-progress", kept=False).stdout)
    steps = [(step["urn"].split("::", 3), step["op"]) for step in told["steps"]]
    return {
        name.removeprefix(f"{NAME}_dev_"): operation
        for (_, _, kinds, name), operation in steps
        if kinds.endswith(CONTAINER) and operation != "same"
    }


@pytest.mark.parametrize("change", CHANGES)
def test_a_preview_means_to_do_what_the_diff_says(system: System, change: str) -> None:
    path = system.folder / "cn.yaml"
    path.write_bytes(CHANGES[change])
    try:
        before, after = (decided(data, system.port) for data in (spec(), CHANGES[change]))
        found = container_impact.containers(before, after, targets.known()["docker"].diff)
        assert meant(system) == {entry.key: entry.action for entry in found}
    finally:
        path.write_bytes(spec())


def test_an_up_does_it(system: System) -> None:
    """What is said to happen in place happens in place, and what rolls over has another container."""
    before = {name: system.one("service", name)["Id"] for name in (*SINGLE, "back")}
    (system.folder / "cn.yaml").write_bytes(CHANGES["settings"])
    system.make("up")
    kept = {name for name, identity in before.items() if system.one("service", name)["Id"] == identity}
    assert kept == {"memory", "ready", "back"}
    assert system.one("service", "memory")["HostConfig"]["Memory"] == 300 * 2**20


def test_the_folder_of_the_repository_tells_the_same(system: System) -> None:
    """The program's own environment has all that the diff needs."""
    (system.folder / "cn.yaml").write_bytes(CHANGES["data"])
    python = str(Path(".venv/bin/python"))
    said = system.run(python, "-m", "pulumi_stacks.diff", "HEAD", "../cn.yaml", where="infra").stdout
    assert "back loses its database: the rows stay in the volume `e2e-diff_dev_database-back`" in said
