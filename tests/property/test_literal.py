"""A text of a spec is that text in every file that shows it, whatever the language."""

import dataclasses
import json
import subprocess
from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from generator.rendering.file_tree import Tree
from generator.rendering.renderer import render
from generator.rendering.template import open_template
from pulumi_stacks.context.model import Context, Service
from pulumi_stacks.spec.model import OWN_DOCKERFILE
from pulumi_stacks.system import load, resolve
from tests.examples import examples
from tests.property.readers import READERS
from tests.property.specs import AWKWARD, AWKWARD_TEXTS, RUNTIMES, printable_lines, specs

TEMPLATE = open_template()
MANY = settings(max_examples=examples(25), phases=(Phase.explicit, Phase.generate))
# Texts that occur nowhere else, and are valid where they stand.
MARKS = {
    "description": "Xdescription",
    "owner": "@x-owner/x-team",
    "registry": "xregistry.example/x",
    "image": "ximage/x:1",
    "command": "Xcommand",
    "config": "Xconfig",
}
# Read in tests/property/test_compose.py, where the names of all images are compared with the plan.
ELSEWHERE = {("registry", "compose.yaml", ""), ("registry", ".copier-answers.yml", "")}


def context_of(spec: Mapping[str, Any]) -> Context:
    return resolve(load(json.dumps(spec, ensure_ascii=False).encode()))


def marked() -> Context:
    """Return a system with a service of each kind, in which each text is its mark."""
    own = {"runtime": OWN_DOCKERFILE, "command": [MARKS["command"]]}
    services: dict[str, Any] = {f"x{name}x": {"runtime": name, "database": "postgres"} for name in RUNTIMES}
    services |= {
        f"x{OWN_DOCKERFILE}x": own,
        "ready": {"image": MARKS["image"], "command": [MARKS["command"]]},
    }
    for service in services.values():
        service["config"] = {"TEXT": MARKS["config"]}
    top = {field: MARKS[field] for field in ("description", "owner", "registry")}
    return context_of({"name": "xnamex", "ci": "github", **top, "services": services})


def kind(path: str, context: Context) -> tuple[str, str, Service | None]:
    """Return a path without the name of a service, the runtime of that service, and the service."""
    for service in context.services:
        if service.folder and path.startswith(f"{service.folder}/"):
            return f"services/*{path.removeprefix(service.folder)}", service.runtime, service
    return path, "", None


def shown() -> set[tuple[str, str, str]]:
    """Return which field is shown by which file, below a service by that of which runtime."""
    context = marked()
    files = render(TEMPLATE, context.answers())
    return {
        (field, *kind(path, context)[:2])
        for path, file in files.items()
        for field, mark in MARKS.items()
        if mark.encode() in file.data
    }


SHOWN = shown() - ELSEWHERE


def wanted(field: str, context: Context, service: Service | None) -> Any:
    """Return what a file has to say of a field: all of it, or what concerns its service."""
    if field in {"description", "owner", "registry"}:
        return getattr(context, field)
    if service:
        return getattr(service, field)
    values = {
        one.name: getattr(one, field) for one in context.services if not (field == "image" and one.folder)
    }
    return {
        name: list(value) if isinstance(value, tuple) else value for name, value in values.items() if value
    }


def assert_shown(got: Any, text: Any, place: str) -> None:
    """Assert that a file says what is wanted; of services and variables it may tell more."""
    if isinstance(text, dict):
        for name, value in text.items():
            assert_shown(got.get(name), value, f"{place}: {name}")
    else:
        # Markdown has no spaces at the ends of a line.
        assert got == (text.strip() if ".md:" in place and isinstance(text, str) else text), place


def assert_literal(files: Tree, context: Context) -> int:
    """Read every file that shows a text; return how many were read."""
    read = 0
    for path, file in files.items():
        pattern, runtime, service = kind(path, context)
        for field in MARKS:
            if (field, pattern, runtime) in SHOWN:
                text = wanted(field, context, service)
                if pattern.endswith("/README.md"):
                    text = {name: value for name, value in text.items() if name != "LOG_LEVEL"}
                assert_shown(READERS[field][pattern](file.data.decode()), text, f"{path}: {field}")
                read += 1
        if reader := READERS["name"].get(pattern):
            assert service
            assert reader(file.data.decode()) == service.name, path
            read += 1
    return read


def test_the_files_that_show_a_text_are_those_with_a_reader() -> None:
    read = {(field, path) for field, readers in READERS.items() if field in MARKS for path in readers}
    assert {(field, path) for field, path, _ in SHOWN} == read


def test_every_language_shows_a_text() -> None:
    """Only names reach TOML, JSON, Python, Go and TypeScript; their letters mean nothing there."""
    files = {path for readers in READERS.values() for path in readers}
    names = ("cn.yaml", ".toml", ".json", ".sh", "Dockerfile", ".py", "Makefile", ".md", "go.mod")
    assert [name for name in names if not any(path.endswith(name) for path in files)] == []
    languages = (".toml", ".json", ".py", ".go", ".ts", ".js")
    assert [place for place in SHOWN if place[1].endswith(languages)] == []


@MANY
@given(specs())
@example(AWKWARD)
def test_every_text_reads_back_from_every_file_that_shows_it(spec: dict[str, Any]) -> None:
    context = context_of(spec)
    assert assert_literal(render(TEMPLATE, context.answers()), context) > 10


@MANY
@given(printable_lines(), st.sampled_from([*RUNTIMES, OWN_DOCKERFILE]))
@example(" ".join(AWKWARD_TEXTS), RUNTIMES[0])
def test_one_text_in_every_field_reads_back(text: str, runtime: str) -> None:
    spec = {
        "name": "a",
        "description": text,
        "services": {
            "api": {"runtime": runtime, "config": {"TEXT": text}},
            "own": {"runtime": OWN_DOCKERFILE, "config": {"TEXT": text}, "command": [text, text]},
            "made": {"image": "caddy:2", "config": {"TEXT": text}, "command": [text]},
        },
    }
    context = context_of(spec)
    assert_literal(render(TEMPLATE, context.answers()), context)


@MANY
@given(specs())
@example(AWKWARD)
def test_no_text_of_a_spec_reaches_a_workflow(spec: dict[str, Any]) -> None:
    """Whatever stands in the fields of a system, its workflow is the one of a system without them."""
    kept = {"runtime", "image", "database"}
    services = {
        name: {field: value for field, value in service.items() if field in kept}
        for name, service in spec["services"].items()
    }
    bare = {"name": "a", "ci": "github", "services": services}
    found, plain = (render(TEMPLATE, context_of(one).answers()) for one in ({**spec, "ci": "github"}, bare))
    workflows = [path for path in found if path.startswith(".github/")]
    assert workflows
    for path in workflows:
        assert found[path] == plain[path]


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("services/own/Dockerfile", b'\\"', b'"'),
        ("services/own/Makefile", b"$$", b"$"),
        ("compose.yaml", b"$$", b"$"),
        ("README.md", b"\\`", b"`"),
        ("infra/Pulumi.yaml", b'\\"', b"'"),
        ("catalog-info.yaml", b"\\\\", b"\\"),
    ],
)
def test_a_text_that_is_not_kept_is_found(path: str, old: bytes, new: bytes) -> None:
    text = " ".join(AWKWARD_TEXTS)
    service = {"runtime": OWN_DOCKERFILE, "config": {"TEXT": text}}
    context = context_of({"name": "a", "description": text, "services": {"own": service}})
    files = dict(render(TEMPLATE, context.answers()))
    assert old in files[path].data
    files[path] = dataclasses.replace(files[path], data=files[path].data.replace(old, new))
    # The text is another one, the file cannot be read any more, or make or the shell refuses it.
    with pytest.raises((AssertionError, ValueError, yaml.YAMLError, subprocess.SubprocessError)):
        assert_literal(files, context)
