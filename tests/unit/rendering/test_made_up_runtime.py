"""A runtime is one folder and one entry: nothing else knows its name, and a made-up one is like any other."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
import yaml

from generator.doctor.report import required_tools
from generator.rendering.renderer import render
from generator.rendering.template import Source, Template, open_template
from pulumi_stacks.spec.loader import SpecError
from pulumi_stacks.system import load, make_plan, resolve

BUILT_IN = open_template()
CONTRACT = [name for name, entry in BUILT_IN.runtimes.items() if entry["contract"]]
FOLDER = (
    "templates/project/services/{% yield service from services_of.madeup %}{{ service.name }}{% endyield %}/"
)
ENTRY = {
    "title": "Madeup",
    "contract": True,
    "base_images": {"MADEUP_IMAGE": "madeup:7"},
    "ignores": ["*.madeup-out"],
    "names": ["madeup"],
    "change": {"file": "main.madeup", "old": "NAME", "new": "CAPITALS"},
    "locks": ["madeup.lock"],
    "editorconfig": {"*.madeup": {"indent_size": 3}},
    "renovate": {"madeup": {"enabled": False}},
    "tools": [
        {"title": "Madeup", "command": ["madeup"], "least": "7", "get": {"link": "https://madeup.example"}}
    ],
    "devcontainer": {"ghcr.io/madeup/feature:7": {}},
    "extensions": ["madeup.madeup"],
}


def with_runtimes(template: Template, runtimes: Mapping[str, Any], sources: Mapping[str, Source]) -> Template:
    questions = [
        replace(question, default=dict(runtimes)) if question.name == "runtimes" else question
        for question in template.questions
    ]
    return replace(template, questions=tuple(questions), sources=sources)


def renamed(old: str) -> Template:
    """Return the built-in template in which one runtime has another name, which no code can know."""
    runtimes = {f"{name}x" if name == old else name: entry for name, entry in BUILT_IN.runtimes.items()}
    sources = {
        path.replace(f"services_of.{old} %", f"services_of.{old}x %"): source
        for path, source in BUILT_IN.sources.items()
    }
    assert sources.keys() != BUILT_IN.sources.keys()
    return with_runtimes(BUILT_IN, runtimes, sources)


def system(runtime: str) -> bytes:
    """Return a system with everything that a service may have, in one runtime beside all others."""
    services = {
        name: {"runtime": name, "route": f"/{name}"} for name in CONTRACT if runtime.removesuffix("x") != name
    }
    whole = {
        "full": {"runtime": runtime, "database": "postgres", "calls": ["plain"], "route": "/full"},
        "plain": {"runtime": runtime, "config": {"A": "b"}, "scale": {"min": 2}},
        "own": {"runtime": "dockerfile"},
    }
    environments = {"dev": {"target": "docker"}, "prod": {"target": "kubernetes", "state": "local"}}
    spec = {"name": "made", "registry": "r.example/made", "environments": environments}
    return yaml.safe_dump({**spec, "services": {**whole, **services}}, sort_keys=False).encode()


def made(template: Template, runtime: str) -> dict[str, str]:
    """Return all files of the system, and what each environment runs."""
    data = system(runtime)
    context = resolve(load(data, "cn.yaml", template.runtimes))
    tree = render(template, context.answers())
    plans = {name: repr(make_plan(context, name)) for name in ("dev", "prod")}
    return {**{path: file.data.decode() for path, file in tree.items()}, **plans}


@pytest.mark.parametrize("runtime", CONTRACT)
def test_with_another_name_a_runtime_makes_the_same_system(runtime: str) -> None:
    before = made(BUILT_IN, runtime)
    after = made(renamed(runtime), f"{runtime}x")
    assert before.keys() - after.keys() == after.keys() - before.keys() == set()
    assert [path for path in before if after[path].replace(f"{runtime}x", runtime) != before[path]] == []


@pytest.fixture(scope="module")
def template() -> Template:
    """The built-in template with one more runtime: an entry, and a folder with a Dockerfile."""
    files = {
        "Dockerfile": b"ARG MADEUP_IMAGE=madeup:7\nFROM ${MADEUP_IMAGE}\n",
        "main.madeup.jinja": b"NAME {{ service.name }}\n",
        "README.md.jinja": b"# {{ service.name }}\n",
    }
    sources = {f"{FOLDER}{name}": Source(executable=False, data=data) for name, data in files.items()}
    return with_runtimes(BUILT_IN, {**BUILT_IN.runtimes, "madeup": ENTRY}, {**BUILT_IN.sources, **sources})


@pytest.fixture(scope="module")
def files(template: Template) -> dict[str, str]:
    """What a system is made of that has only the made-up runtime."""
    spec = b"name: made\nci: github\nservices:\n  one: {runtime: madeup, route: /}\n"
    tree = render(template, resolve(load(spec, "cn.yaml", template.runtimes)).answers())
    return {path: file.data.decode() for path, file in tree.items()}


def test_a_made_up_runtime_has_its_files(files: dict[str, str]) -> None:
    assert files["services/one/main.madeup"] == "NAME one\n"
    assert "services/one/Dockerfile" in files


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".gitignore", "*.madeup-out"),
        (".gitattributes", "/services/*/madeup.lock"),
        (".editorconfig", "[*.madeup]"),
        (".vscode/extensions.json", "madeup.madeup"),
        (".devcontainer/devcontainer.json", "ghcr.io/madeup/feature:7"),
        ("renovate.json", "madeup"),
        ("README.md", "Madeup"),
        ("compose.yaml", "services/one"),
    ],
)
def test_a_made_up_runtime_is_in_every_file_that_is_shared(
    files: dict[str, str], path: str, text: str
) -> None:
    assert text in files[path]


def test_a_made_up_runtime_has_its_tools_looked_for(template: Template) -> None:
    assert "Madeup" in {tool.title for tool in required_tools(template.runtimes, None)}


def test_only_a_runtime_that_has_an_entry_is_taken(template: Template) -> None:
    spec = b"name: made\nservices:\n  one: {runtime: madeup}\n"
    with pytest.raises(SpecError, match="madeup"):
        load(spec, "cn.yaml", BUILT_IN.runtimes)
    assert load(spec, "cn.yaml", template.runtimes).services["one"].runtime == "madeup"
