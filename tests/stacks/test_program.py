"""The program of a stack: its exports, and the errors before a deployment."""

from pathlib import Path
from typing import Any

import pulumi
import pytest

from pulumi_stacks import program
from tests.stacks.conftest import Engine
from tests.stacks.graph import CONTAINER, Registration, run

SPEC = """\
name: shop
environments: {dev: {target: docker}}
services:
  web: {runtime: python, route: /web}
"""


def preview(tmp_path: Path, text: str = SPEC, **config: str) -> list[Registration]:
    path = tmp_path / "cn.yaml"
    path.write_text(text)
    (tmp_path / "services" / "web").mkdir(parents=True, exist_ok=True)
    (tmp_path / "services" / "web" / "Dockerfile").touch()
    return run(
        lambda: program.run(str(path)),
        preview=True,
        config={f"cn:{key}": value for key, value in config.items()},
    )


def refusal(tmp_path: Path, text: str = SPEC, **config: str) -> str:
    with pytest.raises(pulumi.RunError) as refused:
        preview(tmp_path, text, **config)
    return str(refused.value)


def gateway(found: list[Registration]) -> Any:
    return next(
        entry.inputs for entry in found if entry.type == CONTAINER and entry.name == "shop_dev_gateway"
    )


def test_the_program_deploys_the_environment_that_the_stack_is_named_after(tmp_path: Path):
    [port] = gateway(preview(tmp_path))["ports"]
    assert (port["external"], port["ip"]) == (8080, "127.0.0.1")


def test_a_service_without_a_folder_is_named(tmp_path: Path):
    text = SPEC + "  api: {runtime: python}\n"
    assert "services.api: there is no services/api/Dockerfile" in refusal(tmp_path, text)
    preview(tmp_path, text, images='{"api": "registry/api:1"}')


def test_the_stacks_configuration_reaches_the_plan(tmp_path: Path):
    found = preview(
        tmp_path,
        port="9090",
        subnet="10.99.0.0/16",
        images='{"web": "registry/web:1"}',
        base_images='{"caddy": "registry/caddy:2"}',
    )
    assert gateway(found)["ports"][0]["external"] == 9090
    taken = {entry.inputs["name"] for entry in found if "emoteImage" in entry.type}
    assert taken == {"registry/web:1", "registry/caddy:2"}
    subnets = [entry.inputs["ipamConfigs"][0]["subnet"] for entry in found if "network" in entry.type]
    assert subnets
    assert all(subnet.startswith("10.99.") for subnet in subnets)


def test_what_the_machine_refuses_is_reported_before_anything_is_made(tmp_path: Path, engine: Engine):
    text = SPEC.replace("route: /web", "route: /web, resources: {cpu: 4, memory: 8Gi}")
    engine.has(cpus=4, memory=8589934592)
    assert preview(tmp_path, text)
    engine.has(cpus=2, memory=8589934592)
    said = refusal(tmp_path, text)
    assert said.startswith("services.web.resources.cpu: 4 is more than the 2 CPUs of this Docker engine; ")
    assert said.endswith("set services.web.environments.dev.resources.cpu to 2 or less")


def test_memory_that_the_machine_has_not_is_warned_of(
    tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
):
    warned: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", warned.append)
    engine.has(cpus=2, memory=4294967296)
    preview(tmp_path, SPEC.replace("route: /web", "route: /web, resources: {memory: 8Gi}"))
    [said] = warned
    assert said.startswith(
        "services.web.resources.memory: 8 GiB is more than the 4 GiB of this Docker engine, "
    )


@pytest.mark.parametrize("ended", ["exit 1", """echo '{"NCPU": 0, "MemTotal": 0}'"""])
def test_an_engine_that_does_not_answer_is_named(
    tmp_path: Path, engine: Engine, ended: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("DOCKER_HOST", "tcp://there:1")
    engine.answer(f"echo Cannot connect >&2; {ended}")
    assert refusal(tmp_path) == (
        "cannot connect to the Docker engine at tcp://there:1: Cannot connect; start it, or set "
        "DOCKER_HOST or docker:host to another one"
    )


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("unix:///var/run/docker.sock", None),
        ("tcp://127.0.0.2:2375", None),
        ("tcp://[::1", None),
        (
            "ssh://me@h:2222",
            "ssh://me@h:2222: `ssh -p 2222 -L PORT:127.0.0.1:PORT me@h` forwards its port to this machine",
        ),
        ("npipe:////./pipe/docker_engine", None),
        (
            "ssh://ada@host",
            "ssh://ada@host: `ssh -L PORT:127.0.0.1:PORT ada@host` forwards its port to this machine",
        ),
        (
            "tcp://10.0.0.1:2376",
            "tcp://10.0.0.1:2376: `ssh -L PORT:127.0.0.1:PORT 10.0.0.1` forwards its port to this machine",
        ),
    ],
)
def test_where_the_gateway_of_an_engine_elsewhere_listens_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str, said: str | None
):
    warned: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", warned.append)
    monkeypatch.setenv("DOCKER_HOST", host)
    preview(tmp_path)
    assert warned == (
        [] if said is None else [f"the gateway listens on 127.0.0.1 of the engine's machine, {said}"]
    )


LISTS = """\
case "$1$2" in
ps*) echo '{"ID": "x", "Names": "theirs", "Labels": "cn-new.state=9f9f"}' ;;
info*) echo '{"NCPU": 64, "MemTotal": 274877906944}' ;;
esac"""


def test_what_another_state_has_here_is_not_touched(tmp_path: Path, engine: Engine):
    engine.answer(LISTS)
    assert refusal(tmp_path).startswith(
        "environments.dev: another Pulumi state owns it on this Docker engine (theirs); "
    )


def test_without_a_docker_command_nothing_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert preview(tmp_path)


def test_build_arguments_reach_every_build(tmp_path: Path):
    found = preview(tmp_path, build_args='{"PYTHON_IMAGE": "python:3.13"}')
    [image] = [entry for entry in found if entry.type == "docker:index/image:Image"]
    assert image.inputs["build"]["args"] == {"PYTHON_IMAGE": "python:3.13"}
    assert image.inputs["build"]["context"] == "../services/web"
    assert image.inputs["skipPush"] is True


def test_all_faults_of_the_spec_are_reported_with_their_places(tmp_path: Path):
    text = refusal(tmp_path, SPEC + "  api: {runtime: python, calls: [wbe], colour: red}\n")
    assert [line.split(": ")[0] for line in text.splitlines()] == ["cn.yaml:5:34", "cn.yaml:5:40"]


def test_a_missing_spec_is_named(tmp_path: Path):
    with pytest.raises(pulumi.RunError, match=r"none\.yaml: no such file"):
        run(lambda: program.run(str(tmp_path / "none.yaml")))


def test_faults_of_the_stacks_configuration_are_reported_with_their_keys(tmp_path: Path):
    assert refusal(tmp_path, port="0", subnet="x").splitlines()[0].startswith("cn:port: 0 is not between")
    assert "pulumi config set --path cn:images.NAME VALUE" in refusal(tmp_path, images="[1]")
    assert "pulumi config set --path cn:images.NAME VALUE" in refusal(tmp_path, images="{")


def test_a_stack_that_is_not_a_environment_is_refused(tmp_path: Path):
    text = refusal(tmp_path, SPEC.replace("dev:", "prod:"))
    assert text == "stack dev: no such environment in cn.yaml; choose a stack from prod"


def test_another_major_of_postgres_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    made = {
        "type": "docker:index/remoteImage:RemoteImage",
        "urn": "u::postgres",
        "inputs": {"name": "postgres:16"},
    }
    monkeypatch.setattr("pulumi_stacks.targets.docker.deploy.read_resources", lambda _: [made])
    stored = SPEC.replace("route: /web", "route: /web, database: postgres")
    assert "postgres:17 cannot read the databases of Postgres 16" in refusal(tmp_path, stored)
    assert preview(tmp_path, SPEC), "without a database nothing is lost"
    monkeypatch.setattr(
        "pulumi_stacks.targets.docker.deploy.read_resources", lambda _: [{**made, "delete": True}]
    )
    assert preview(tmp_path, stored)
