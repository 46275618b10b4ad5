"""The last example shows every field of the format."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel

from pulumi_stacks.spec.model import Spec

FULL = Path(__file__).parents[3] / "examples/03-full/cn.yaml"


def fields(model: type[BaseModel]) -> Iterator[str]:
    """Name every field of a model and of those below it, as `Service.scale`."""
    for name, field in model.model_fields.items():
        yield f"{model.__name__}.{name}"
        for below in models(field.annotation):
            yield from fields(below)


def models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from models(argument)


def used(model: type[BaseModel], value: Any) -> Iterator[str]:
    """Name every field that a document sets."""
    for name, given in value.items():
        if name.startswith("x-"):
            continue
        yield f"{model.__name__}.{name}"
        annotation = model.model_fields[name].annotation
        for below in models(annotation):
            entries = given.values() if str(annotation).startswith("dict[") else [given]
            for entry in entries:
                yield from used(below, entry)


def test_it_uses_every_field_there_is() -> None:
    assert set(used(Spec, yaml.safe_load(FULL.read_text()))) == set(fields(Spec))


def test_every_line_with_a_field_of_its_own_says_what_it_is_for() -> None:
    lines = [line for line in FULL.read_text().splitlines() if ":" in line]
    assert len([line for line in lines if " # " in line]) > len(set(fields(Spec))) * 2 // 3
