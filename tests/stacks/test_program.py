from pathlib import Path
from typing import Any

import pulumi
import pytest

from pulumi_stacks import program
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


def test_build_arguments_reach_every_build(tmp_path: Path):
    found = preview(tmp_path, build_args='{"PYTHON_IMAGE": "python:3.13"}')
    [image] = [entry for entry in found if entry.type == "docker:index/image:Image"]
    assert image.inputs["build"]["args"] == {"PYTHON_IMAGE": "python:3.13"}
    assert image.inputs["build"]["context"] == "../services/web"
    assert image.inputs["skipPush"] is True


def test_all_faults_of_the_spec_are_told_with_their_places(tmp_path: Path):
    text = refusal(tmp_path, SPEC + "  api: {runtime: python, calls: [wbe], colour: red}\n")
    assert [line.split(": ")[0] for line in text.splitlines()] == ["cn.yaml:5:34", "cn.yaml:5:40"]


def test_a_missing_spec_is_named(tmp_path: Path):
    with pytest.raises(pulumi.RunError, match=r"none\.yaml: No such file"):
        run(lambda: program.run(str(tmp_path / "none.yaml")))


def test_faults_of_the_stacks_configuration_are_told_with_their_keys(tmp_path: Path):
    assert refusal(tmp_path, port="0", subnet="x").splitlines()[0].startswith("cn:port: 0 is not between")
    assert "pulumi config set --path cn:images.NAME VALUE" in refusal(tmp_path, images="[1]")
    assert "pulumi config set --path cn:images.NAME VALUE" in refusal(tmp_path, images="{")


def test_a_stack_that_is_no_environment_is_refused(tmp_path: Path):
    text = refusal(tmp_path, SPEC.replace("dev:", "prod:"))
    assert text == "environment 'dev' is not in cn.yaml (it has prod); a stack is named like its environment"
