"""The image: who it runs as, what it says of itself, how large it is, and that its own tests pass."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from generator.rendering.template import open_template
from tests.contract.conftest import SERVICES, Bench
from tests.contract.engine import START, Container, docker, inspect, until
from tests.contract.promises import amount, word


@pytest.mark.promise("hardened")
def test_it_runs_without_root_and_without_capabilities(bench: Bench, service: Container) -> None:
    beside = ("--rm", f"--pid=container:{service.name}", f"--label={bench.network}")
    status = docker("run", *beside, "postgres:17", "cat", "/proc/1/status")
    values = dict(re.findall(r"^(\w+):\s+(.*)$", status, re.MULTILINE))
    user, group = word("hardened", "user").split(":")
    assert values["Uid"].split() == [user] * 4
    assert values["Gid"].split() == [group] * 4
    assert values["NoNewPrivs"] == "1"
    for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(values[kind], 16) == 0
    assert docker("diff", service.name) == ""


@pytest.mark.promise("health-check")
def test_its_own_health_check_turns_healthy(service: Container) -> None:
    until(START, "it is healthy", lambda: service.state["Health"]["Status"] == "healthy")


@pytest.mark.promise("health-check")
def test_its_own_health_check_sees_that_it_is_not_ready(bench: Bench) -> None:
    container = bench.start(DATABASE_URL=bench.database())
    until(START, "it is alive", lambda: container.get("/healthz").status == 200)
    until(START, "it was asked", lambda: bool(container.state["Health"]["Log"]))
    last = container.state["Health"]["Log"][-1]
    assert last["ExitCode"] == 1
    until(START, "its output tells why", lambda: "migrate" in container.state["Health"]["Log"][-1]["Output"])


@pytest.mark.promise("port")
def test_its_port_can_be_chosen(bench: Bench) -> None:
    container = bench.start(PORT="9000", DATABASE_URL=bench.address("postgres"))
    until(START, "it is asked", lambda: bool(container.state["Health"]["Log"]))
    until(START, "it answers", lambda: "migrate" in container.state["Health"]["Log"][-1]["Output"])


@pytest.mark.promise("labels", "entry-point", "health-check", "service-version", "port")
def test_the_image_says_what_it_is(image: str) -> None:
    config = inspect(image)["Config"]
    assert config["User"] == word("hardened", "user")
    assert config["StopSignal"] == word("entry-point", "signal")
    assert f"{word('port', 'default')}/tcp" in config["ExposedPorts"]
    assert config["Entrypoint"][0] not in ("/bin/sh", "sh")
    assert not config["Cmd"]
    check = config["Healthcheck"]
    assert check["Test"][0] == "CMD"
    assert check["StartInterval"] <= amount("health-check", "often") * 10**9
    assert check["StartPeriod"] >= amount("health-check", "patience") * 10**9
    labels = {key.removeprefix("org.opencontainers.image."): value for key, value in config["Labels"].items()}
    assert labels["title"] == "full"
    assert labels["description"] == 'It\'s "quoted", $HOME \\\\ and {braced}'
    assert labels["vendor"] == "@acme/contract"
    assert labels["version"] == "1.2.3"
    assert "SERVICE_VERSION=1.2.3" in config["Env"]


@pytest.mark.promise("image-size")
def test_the_image_is_small(image: str, runtime: str, record_property: Callable[[str, object], None]) -> None:
    bases: dict[str, str] = open_template().runtimes[runtime]["base_images"]
    whole = inspect(image)["Size"]
    more = whole - min(inspect(name)["Size"] for name in bases.values())
    record_property("whole", round(whole / 10**6, 1))
    record_property("over its base", round(more / 10**6, 1))
    assert more <= amount("image-size", runtime)


@pytest.mark.promise("test-stage")
@pytest.mark.parametrize("name", SERVICES)
def test_its_own_tests_pass_while_it_is_built(image: str, folder: Path, name: str) -> None:
    docker("build", "--target=test", str(folder / name))


@pytest.mark.promise("locked")
def test_locks_of_all_services_agree_on_versions(folder: Path) -> None:
    versions: dict[str, set[str]] = {}
    for path in (*folder.glob("*/requirements*.txt"), *folder.glob("*/package-lock.json")):
        pattern = (
            r"^(\S+)==(\S+)"
            if path.suffix == ".txt"
            else r'^    "(node_modules/\S+)": {\n +"version": "(\S+)"'
        )
        for package, version in re.findall(pattern, path.read_text(encoding="utf-8"), re.MULTILINE):
            versions.setdefault(package, set()).add(version)
    assert {package: found for package, found in versions.items() if len(found) > 1} == {}


@pytest.mark.promise("locked")
def test_no_lock_file_names_a_registry(folder: Path) -> None:
    locks = [
        path
        for pattern in ("requirements*.txt", "package-lock.json", "go.sum")
        for path in folder.rglob(pattern)
    ]
    assert locks
    for path in locks:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".json":  # the funding address of a package in npm is not a registry
            packages = json.loads(text)["packages"].values()
            text = json.dumps([{**package, "funding": None} for package in packages])
        assert not re.search(r"https?://", text), path
