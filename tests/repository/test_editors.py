"""What editors, reviewers and development containers read in a generated repository."""

import json
import re
from typing import Any

import jsonschema
import pytest

from generator.rendering.template import open_template
from tests import quick_yaml
from tests.repository.conftest import Repository

EXTENSION = re.compile(r"[a-z0-9][a-z0-9-]*\.[a-z0-9][a-z0-9-]*")
FEATURE = re.compile(r"ghcr\.io/[a-z0-9-]+/features/[a-z0-9-]+:\d+")


def read(repository: Repository, path: str) -> Any:
    return json.loads(repository.text(path))


def used_runtimes(repository: Repository) -> list[dict[str, Any]]:
    used = {service.runtime for service in repository.context.services}
    return [dict(entry) for name, entry in open_template().runtimes.items() if name in used]


def test_the_spec_keeps_the_schema_that_editors_get(repository: Repository) -> None:
    schema = read(repository, "infra/cn.schema.json")
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(quick_yaml.load(repository.text("cn.yaml")), schema)


@pytest.mark.parametrize(
    "fault",
    ["nmae: shop", "services: {a: {runtime: python, calls: b}}", "environments: {dev: {target: moon}}"],
)
def test_an_editor_sees_a_fault_of_the_spec(fault: str, shop: Repository) -> None:
    document = {**quick_yaml.load(shop.text("cn.yaml")), **quick_yaml.load(fault)}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, read(shop, "infra/cn.schema.json"))


def test_vs_code_finds_the_schema_and_the_spec(repository: Repository) -> None:
    settings = read(repository, ".vscode/settings.json")
    for schema, document in settings["yaml.schemas"].items():
        assert schema.removeprefix("./") in repository.tree
        assert document in repository.tree


def test_recomfixed_extensions_are_those_of_the_runtimes_in_use(repository: Repository) -> None:
    recomfixed = read(repository, ".vscode/extensions.json")["recommendations"]
    assert recomfixed == sorted(set(recomfixed))
    assert all(map(EXTENSION.fullmatch, recomfixed))
    container = read(repository, ".devcontainer/devcontainer.json")
    assert container["customizations"]["vscode"]["extensions"] == recomfixed
    for entry in used_runtimes(repository):
        assert set(entry["extensions"]) <= set(recomfixed)


def test_nothing_of_a_runtime_that_is_not_used_is_there(repositories: dict[str, Repository]) -> None:
    brought = repositories["brought"]
    python = open_template().runtimes["python"]
    assert not set(python["extensions"]) & set(read(brought, ".vscode/extensions.json")["recommendations"])
    assert not set(python["ignores"]) & set(brought.text(".gitignore").splitlines())
    assert not [pattern for pattern in python["locks"] if f"/{pattern} " in brought.text(".gitattributes")]


def test_a_development_container_has_docker_pulumi_and_the_runtimes(repository: Repository) -> None:
    container = read(repository, ".devcontainer/devcontainer.json")
    assert container.keys() == {"name", "image", "features", "forwardPorts", "customizations"}
    assert container["name"] == repository.context.name
    image, _, tag = container["image"].rpartition(":")
    assert image.startswith("mcr.microsoft.com/devcontainers/")
    assert re.match(r"\d", tag), "a tag with a version"
    features = container["features"]
    assert all(map(FEATURE.fullmatch, features))
    tools = {name.rpartition("/")[2].partition(":")[0] for name in features}
    assert {"docker-in-docker", "pulumi", "python"} <= tools
    for entry in used_runtimes(repository):
        assert entry["devcontainer"].items() <= features.items()
    assert ("kubectl-helm-minikube" in tools) == ("kubernetes" in repository.context.targets)
    ports = [one.port for one in repository.context.environments if one.port]
    assert container["forwardPorts"] == [repository.context.local.port, *ports]


def test_a_runtime_has_one_version_in_its_image_and_in_the_development_container() -> None:
    for name, entry in open_template().runtimes.items():
        for options in entry["devcontainer"].values():
            images = list(entry["base_images"].values())
            assert any(re.search(rf":{re.escape(options['version'])}\b", image) for image in images), name


def test_codeowners_has_one_pattern_and_one_owner_to_a_line(repository: Repository) -> None:
    if not repository.context.owner:
        assert "CODEOWNERS" not in repository.tree
        return
    lines = [line for line in repository.text("CODEOWNERS").splitlines() if line[:1] != "#"]
    assert lines == [f"* {repository.context.owner}"]
    assert re.fullmatch(r"@[\w.-]+(/[\w.-]+)*|[^@\s]+@[^@\s]+", lines[0].removeprefix("* "))


def test_git_folds_the_files_that_tools_write_and_only_those(repository: Repository) -> None:
    lines = repository.text(".gitattributes").splitlines()
    assert lines[0] == "* text=auto eol=lf"
    folded = [line.split()[0].removeprefix("/") for line in lines if "linguist-generated" in line]
    for pattern in folded:
        wanted = re.compile(re.escape(pattern).replace(r"\*", "[^/]*"))
        assert any(map(wanted.fullmatch, repository.tree)), pattern
