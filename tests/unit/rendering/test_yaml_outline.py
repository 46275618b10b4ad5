"""The depth and the keys of a YAML file, even of an invalid one."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings

from generator.rendering.template import CONFIG, open_template
from generator.rendering.yaml_outline import keys
from generator.rendering.yaml_text import dump
from tests.examples import examples
from tests.property.specs import specs

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("services: {a: {runtime: python}, b: {}}", ["a", "b"]),
        ("name: x\nservices:\n  a:\n    calls: [b]\n    services: {no: 1}\n  b: {}\n", ["a", "b"]),
        ("services:\n  a: {}\n  b:\n    runtime: [\n", ["a", "b"]),
        ("services:\n  a: {}\n  b: {}\n\tbad", ["a", "b"]),
        ("services:\n  ? [x, y]\n  : {c: d}\n  a: {}\n", ["", "a"]),
        ("services:\n  ? {x: y}\n  : e\n  a: &n {}\n  b: *n\n", ["", "a", "b"]),
        ("- services: {a: {}}\n", []),
        ("services: [a, b]\n", []),
        ("services: a\n", []),
        ("{{{{", []),
        ("", []),
    ],
)
def test_keys_are_read_up_to_the_first_fault(text: str, found: list[str]) -> None:
    assert keys(text.encode(), "services") == found


def test_bytes_that_are_not_text_have_no_keys() -> None:
    assert keys(b"\xff\xfe\x00services: {a: b}", "services") == []


@settings(max_examples=examples(30))
@given(specs())
def test_the_names_are_those_that_a_parser_reads(spec: dict) -> None:
    data = dump(spec).encode()
    assert keys(data, "services") == list(yaml.safe_load(data)["services"])
    assert keys(data, "environments") == list(yaml.safe_load(data)["environments"])


def test_the_runtimes_are_those_of_the_template() -> None:
    names = keys((ROOT / CONFIG).read_bytes(), "runtimes", "default")
    assert set(names) == set(open_template().runtimes)
