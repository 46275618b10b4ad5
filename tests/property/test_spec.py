"""What holds of every spec before anything is rendered: the strategy, the schemas, reading and writing."""

import json
import re
from collections.abc import Iterator
from typing import Any, get_args

import jsonschema
import yaml
from hypothesis import Phase, example, given, seed, settings
from pydantic import BaseModel

from generator.rendering.yaml_text import dump
from pulumi_stacks.context import resolve as context
from pulumi_stacks.spec import loader, model
from pulumi_stacks.system import resolve, spec_schema
from tests.examples import examples
from tests.property.specs import AWKWARD, ROOT, specs

SPEC = jsonschema.Draft202012Validator(spec_schema())
MANY = settings(max_examples=examples(60), phases=(Phase.explicit, Phase.generate))
CONTEXT = jsonschema.Draft202012Validator(context.schema())


def loaded(spec: dict[str, Any]) -> model.Spec:
    return loader.load(json.dumps(spec, ensure_ascii=False).encode())


def models(of: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """Yield a model and every model in its fields."""
    yield of
    for field in of.model_fields.values():
        for inner in (field.annotation, *get_args(field.annotation)):
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                yield from models(inner)


def fields_set(entry: object) -> Iterator[tuple[str, str]]:
    """Yield model and name of each field that was given, in all depths."""
    if isinstance(entry, BaseModel):
        for name in entry.model_fields_set:
            yield type(entry).__name__, name
            yield from fields_set(getattr(entry, name))
    elif isinstance(entry, dict):
        for item in entry.values():
            yield from fields_set(item)


def choices(entry: Any) -> Iterator[tuple[str, str]]:
    """Yield each choice that a schema offers, with the name of its field."""
    for name, field in entry.get("properties", {}).items():
        for kind in (field, *field.get("anyOf", ())):
            for word in kind.get("enum", [kind["const"]] if "const" in kind else ()):
                yield name, str(word)


def test_random_specs_set_every_field_and_take_every_choice() -> None:
    given_fields: set[tuple[str, str]] = set()
    texts: list[str] = []

    @seed(1)
    @settings(max_examples=120, database=None)
    @given(specs())
    def draw(spec: dict[str, Any]) -> None:
        given_fields.update(fields_set(loaded(spec)))
        texts.append(dump(spec))

    draw()
    wanted = {(of.__name__, name) for of in models(model.Spec) for name in of.model_fields}
    assert wanted - given_fields == set(), "tests/property/specs.py never sets these"
    document = spec_schema()
    offered = {pair for entry in (document, *document["$defs"].values()) for pair in choices(entry)}
    everything = "".join(texts)
    taken = {(name, word) for name, word in offered if re.search(f'{name}: "?{word}"?\n', everything)}
    assert offered - taken == set()


@MANY
@given(specs())
@example(AWKWARD)
def test_the_schema_accepts_what_the_loader_accepts(spec: dict[str, Any]) -> None:
    loaded(spec)
    SPEC.validate(spec)


@MANY
@given(specs())
@example(AWKWARD)
def test_the_schema_of_the_context_accepts_every_context(spec: dict[str, Any]) -> None:
    CONTEXT.validate(resolve(loaded(spec)).answers())


@MANY
@given(specs())
@example(AWKWARD)
def test_a_spec_that_is_written_reads_back_as_it_was(spec: dict[str, Any]) -> None:
    wanted = loaded(spec)
    assert loader.load(dump(wanted.model_dump(mode="json", exclude_unset=True)).encode()) == wanted


class Dumper(yaml.SafeDumper):
    """PyYAML with quotes around text such as 1e100: a number in YAML 1.2, but not in its YAML 1.1."""

    def represent_text(self, text: str) -> yaml.Node:
        return self.represent_scalar("tag:yaml.org,2002:str", text, "'" if text[:1] in NUMERIC else None)


NUMERIC = frozenset("0123456789+-.")
Dumper.add_representer(str, Dumper.represent_text)


@MANY
@given(specs())
@example(AWKWARD)
@example({**AWKWARD, "services": {"x": {"image": "a/b", "config": {"A": "1e100", "B": "0o7", "C": ".5e1"}}}})
def test_the_style_of_the_yaml_changes_nothing(spec: dict[str, Any]) -> None:
    wanted = loaded(spec)
    assert loader.load(dump(spec).encode()) == wanted
    written = yaml.dump(spec, Dumper=Dumper, allow_unicode=True, sort_keys=False)
    assert loader.load(written.encode()) == wanted


def test_the_schema_accepts_the_examples() -> None:
    for path in sorted((ROOT / "examples").glob("*/cn.yaml")):
        SPEC.validate(yaml.safe_load(path.read_text()))
