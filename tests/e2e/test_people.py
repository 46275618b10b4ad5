"""What people do to a system on one engine: a route more under load, a kill, a second clone."""

import json
import os
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.load import load
from tests.e2e.system import System, docker, empty_home

SITE: dict[str, Any] = {"image": "caddy:2", "port": 80, "ready": "/", "route": "/"}
STORE: dict[str, Any] = {"image": "caddy:2", "port": 80, "ready": "/", "database": "postgres"}


def written(name: str, **services: dict[str, Any]) -> bytes:
    return yaml.safe_dump({"name": name, "services": {"site": SITE, "store": STORE, **services}}).encode()


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A site and a service with a database, running; taken away at the end."""
    system = System.create(tmp_path_factory.mktemp("people"), "e2e-people", written("e2e-people"))
    system.configure(port=system.port)
    system.make("up")
    yield system
    system.make("down", "DATA=delete", ok=False)


def gateway(system: System) -> dict[str, Any]:
    return system.one("gateway", "gateway")


def router(system: System) -> dict[str, Any]:
    return system.one("router", "gateway")


def change(system: System, **services: dict[str, Any]) -> None:
    (system.folder / "cn.yaml").write_bytes(written(system.name, **services))


def test_a_route_comes_and_goes_under_load(people: System) -> None:
    before = gateway(people)["Id"]
    route = f"{people.name}_dev_route-more"
    with load(people.port, "/", "GET") as running:
        time.sleep(1)
        change(people, more={**SITE, "route": "/more"})
        told = people.make("preview").stdout
        assert "gateway update [diff: ~configuration]" in told
        people.make("up")
        assert people.call("GET", "/more")[0] == 200
        assert route in router(people)["NetworkSettings"]["Networks"]
        change(people)
        people.make("up")
        time.sleep(1)
    assert running.failures == []
    assert running.sent.total() > 500
    assert gateway(people)["Id"] == before
    assert route not in router(people)["NetworkSettings"]["Networks"]
    assert route not in people.remains()


def test_a_deployment_that_failed_may_be_taken_back(people: System) -> None:
    people.configure(timeout=10)
    change(people, more={**SITE, "route": "/more", "ready": "/", "command": ["caddy", "version"]})
    assert people.make("up", ok=False).returncode != 0
    change(people)
    for _ in range(2):
        people.make("up")
        assert people.call("GET", "/")[0] == 200
    people.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes")
    assert len([name for name in people.remains() if "_router_" in name]) == 1
    people.configure(timeout=60)


def test_gateway_and_router_have_what_they_need_after_a_restart(
    people: System,
) -> None:
    for part in (gateway, router):
        docker("restart", part(people)["Id"])
        until(people)
        assert people.call("GET", "/")[0] == 200
    people.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes")


def until(system: System) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            if system.call("GET", "/")[0] == 200:
                return
        except OSError:
            pass
        assert time.monotonic() < deadline, "the gateway does not answer"
        time.sleep(0.2)


def test_all_addresses_may_change(people: System) -> None:
    people.configure(subnet="10.222.0.0/16")
    people.make("up")
    assert people.call("GET", "/")[0] == 200
    networks = gateway(people)["NetworkSettings"]["Networks"]
    assert len(networks) == 2
    assert all(network["IPAddress"].startswith("10.222.") for network in networks.values())


def recorded(system: System) -> set[str]:
    told = json.loads(system.pulumi("stack", "export").stdout)
    return {one["id"] for one in told["deployment"]["resources"] if one["type"].startswith("docker:")}


def strays(system: System) -> set[str]:
    """Return the containers that no state knows."""
    return {container["Id"] for container in system.containers(everything=True)} - recorded(system)


def killed(system: System) -> None:
    """Deploy more replicas, and end all processes of that once the engine has one that no state knows."""
    for _ in range(5):
        change(system, site={**SITE, "scale": {"min": 4}, "config": {"TRY": f"{time.time()}"}})
        created = subprocess.Popen(
            ["docker", "events", "--filter=event=create", f"--filter=label=cn-new.project={system.name}"],
            stdout=subprocess.PIPE,
        )
        process = subprocess.Popen(
            ["make", "up", f"ENV={system.stack}"],
            cwd=system.folder,
            env=dict(system.environment),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            assert created.stdout is not None
            ready, _, _ = select.select([created.stdout], [], [], 120)
            assert ready, "nothing was made"
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            created.kill()
            created.communicate()
        time.sleep(2)
        system.make("unlock")
        if strays(system):
            return
        system.make("up")
    pytest.fail("no kill came at the moment at which the state does not know a container")


def test_an_up_that_was_killed_is_gone_on_with_and_nothing_is_left(people: System) -> None:
    killed(people)
    told = people.make("up").stdout
    assert "left by a deployment that was killed" in told
    assert strays(people) == set()
    assert len(people.containers(everything=True, role="service", service="site")) == 4
    assert people.call("GET", "/")[0] == 200


@pytest.fixture
def second(people: System, tmp_path: Path) -> System:
    """Another clone of the same repository, with the same passphrase and without its state."""
    folder = tmp_path / "second"
    ignored = shutil.ignore_patterns(".pulumi-state", ".venv")
    shutil.copytree(people.folder, folder, ignore=ignored)
    (folder / "infra" / ".venv").symlink_to(people.folder / "infra" / ".venv")
    return System(folder, people.name, empty_home(tmp_path / "home"), people.port)


def test_another_state_neither_changes_nor_deletes_what_is_there(people: System, second: System) -> None:
    before = people.remains()
    refused = second.make("up", ok=False)
    assert refused.returncode != 0
    assert "environments.dev: another Pulumi state owns it on this Docker engine" in refused.stdout
    deleted = second.make("down", "DATA=delete", ok=False)
    assert deleted.returncode != 0
    assert "volumes not deleted: environments.dev: another Pulumi state owns it" in deleted.stdout
    assert people.remains() == before
    assert people.call("GET", "/")[0] == 200


def test_down_after_a_kill_leaves_nothing(people: System) -> None:
    killed(people)
    people.make("down", "DATA=delete")
    assert people.remains() == []
    assert people.containers(everything=True) == []
