"""Variables and commands are the same, name by name and byte by byte, wherever a system runs."""

import json
from typing import Any

from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from generator.rendering.renderer import render
from generator.rendering.template import open_template
from pulumi_stacks.context.model import Context
from pulumi_stacks.system import load, make_plan, resolve
from tests import quick_yaml
from tests.examples import examples
from tests.property.specs import AWKWARD, VARIABLES, answered, printable_texts
from tests.unit.clusters import manifests

TEMPLATE = open_template()
ENVIRONMENTS = {"dev": {"target": "docker"}, "prod": {"target": "kubernetes"}}
CONFIGS = st.dictionaries(VARIABLES, printable_texts(), min_size=1, max_size=4)
COMMANDS = st.lists(printable_texts(), min_size=1, max_size=3)
AWKWARD_CONFIG: dict[str, str] = AWKWARD["services"]["api"]["config"]


def context_of(service: dict[str, Any]) -> Context:
    spec = {
        "name": "s",
        "registry": "a.example/b",
        "environments": ENVIRONMENTS,
        "services": {"api": service},
    }
    return resolve(load(json.dumps(spec, ensure_ascii=False).encode()))


def composed(value: str) -> str:
    """Read a text as Compose does, which puts variables in place of a single dollar."""
    assert "$" not in value.replace("$$", "")
    return value.replace("$$", "$")


def expanded(word: str) -> str:
    """Read an argument as Kubernetes does, in which nothing may be left that it expands."""
    read = ""
    while word:
        if word[:1] == "$" and word[1:2] == "$":
            read, word = read + "$", word[2:]
        else:
            assert word[:2] != "$("
            read, word = read + word[0], word[1:]
    return read


@settings(max_examples=examples(40), phases=(Phase.explicit, Phase.generate), deadline=None)
@given(CONFIGS, COMMANDS)
@example(AWKWARD_CONFIG, list(AWKWARD_CONFIG.values()))
def test_names_and_values_read_back_on_every_target(config: dict[str, str], command: list[str]) -> None:
    context = context_of(answered({"image": "caddy:2", "config": config, "command": command}, 0))

    files = render(TEMPLATE, context.answers())
    compose = quick_yaml.load(files["compose.yaml"].data)["services"]["api"]
    in_compose = {name: composed(value) for name, value in compose["environment"].items() if name in config}
    assert {**in_compose, **config} == in_compose
    assert [composed(word) for word in compose["command"]] == command

    [planned] = [part for part in make_plan(context, "dev").services if part.name == "api"]
    in_plan = dict(planned.replicas[0].variables)
    assert {**in_plan, **config} == in_plan
    assert list(planned.replicas[0].command) == command

    objects = manifests(make_plan(context, "prod"))
    [in_cluster] = [
        made["data"] for made in objects if made["kind"] == "ConfigMap" and "SERVICE_NAME" in made["data"]
    ]
    assert {**in_cluster, **config} == in_cluster
    [pod] = [
        made["spec"]["template"]["spec"]["containers"][0]
        for made in objects
        if made["kind"] == "Deployment" and made["metadata"]["name"] == "api"
    ]
    assert [expanded(word) for word in pod["args"]] == command
