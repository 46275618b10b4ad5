"""docs/spec.md says what the model says, and what its prose claims holds."""

import re
from pathlib import Path
from typing import Any

import pytest

from generator.rendering.yaml_text import dump
from generator.repository import plan_document
from pulumi_stacks.context import resolve as context
from pulumi_stacks.diff import run as diff
from pulumi_stacks.spec import model as spec
from pulumi_stacks.spec import yaml_reader
from pulumi_stacks.spec.loader import SpecError
from pulumi_stacks.system import load, make_plan, resolve, spec_schema
from pulumi_stacks.targets.kubernetes.manifests.workloads import CLAIM_SIZE, GATEWAY_REPLICAS
from scripts import docs, schema_tables

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [path.name for path in docs.documents()]
PARTS = {name for path in docs.documents() for _, name, _, _ in docs.PART.findall(path.read_text())}
RUNTIME: dict[str, Any] = {"runtime": "python"}
IMAGE: dict[str, Any] = {"image": "caddy:2"}


def models(schema: dict[str, Any]) -> set[str]:
    return set(schema["$defs"])


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_the_code_says_is_written_there(name: str) -> None:
    text = (ROOT / "docs" / name).read_text()
    assert docs.written(text) == text, "make docs"
    assert text.count("<!-- part: ") == text.count("<!-- end -->") == len(docs.PART.findall(text))


def test_the_flowchart_of_the_packages_is_that_of_the_imports() -> None:
    text = docs.CONTRIBUTING.read_text()
    assert docs.written(text) == text, "make docs"
    assert {"packages pulumi_stacks", "packages generator"} <= {
        name for _, name, _, _ in docs.PART.findall(text)
    }


def test_every_model_of_a_document_has_its_table() -> None:
    shown = {name.split(":")[0] for name in PARTS}
    assert {f"fields {name}" for name in models(spec_schema()) | {"Spec"}} <= shown
    assert {f"context {name}" for name in models(context.schema()) | {"Context"}} <= shown
    assert {f"plan {name}" for name in models(plan_document.schema()) | {"Plan"}} <= shown
    assert {f"diff {name}" for name in models(diff.schema()) | {"Diff"}} <= shown


def test_every_field_stands_in_one_table() -> None:
    text = (ROOT / "docs/spec.md").read_text()
    for name, model in {"Spec": spec_schema(), **spec_schema()["$defs"]}.items():
        rows = [
            field
            for _, part, body, _ in docs.PART.findall(text)
            if part.split(":")[0] == f"fields {name}"
            for field in re.findall(r"^\| `(\w+)` \|", body, re.MULTILINE)
        ]
        assert sorted(rows) == sorted(model["properties"]), name


def entries() -> list[tuple[str, dict[str, Any], Any]]:
    """Return each example of the schema with the spec that it belongs in."""
    found = []
    of = spec_schema()
    base: dict[str, Any] = {"name": "shop", "services": {"billing": RUNTIME}}
    for field, entry in of["properties"].items():
        found += [(field, base | {field: shown}, shown) for shown in examples(entry)]
    for field, entry in of["$defs"]["Service"]["properties"].items():
        origin = {} if field == "image" else IMAGE if field in spec.OWN_FIELDS else RUNTIME
        for shown in examples(entry):
            named = {"config": dict.fromkeys(shown, "a")} if field == "not_secret" else {}
            service = {"orders": {**origin, **named, field: shown}}
            found.append((f"services.orders.{field}", base | {"services": base["services"] | service}, shown))
    return found


def examples(entry: dict[str, Any]) -> list[Any]:
    return [shown for of in (entry, *entry.get("anyOf", ())) for shown in of.get("examples", ())]


@pytest.mark.parametrize(("field", "whole", "shown"), entries(), ids=lambda value: str(value)[:40])
def test_every_example_of_a_field_loads(field: str, whole: dict[str, Any], shown: Any) -> None:
    loaded: Any = load(dump(whole).encode()).model_dump(mode="json", exclude_unset=True)
    for part in field.split("."):
        loaded = loaded[part]
    assert loaded == shown


def test_every_field_has_an_example_or_says_all_that_it_takes() -> None:
    for name, model in {"Spec": spec_schema(), **spec_schema()["$defs"]}.items():
        for field, entry in model["properties"].items():
            told = schema_tables.value(entry).startswith("`") or (name, field) == ("Service", "runtime")
            assert examples(entry) or told, (name, field)


def test_a_field_that_takes_a_word_says_which() -> None:
    # The runtimes are the template's, calls name services, not_secret names variables: the text says so.
    free = {"`runtime`", "`calls`", "`not_secret`"}
    for line in (ROOT / "docs/spec.md").read_text().splitlines():
        if re.match(r"\| `\w+` \| (text|list; each text) \|", line):
            assert line.split(" | ")[0].removeprefix("| ") in free, line


def test_the_limits_of_reading_are_those_of_the_reader() -> None:
    text = (ROOT / "docs/spec.md").read_text()
    assert f"more than {yaml_reader.MAX_ALIASES} aliases, nesting deeper than {yaml_reader.MAX_DEPTH}" in text
    assert f"more than {yaml_reader.MAX_BYTES // 2**20} MiB" in text


def test_the_limits_that_no_field_moves_are_those_of_a_plan() -> None:
    said = (ROOT / "docs/spec.md").read_text()
    shop = b"name: s\nservices: {a: {runtime: python, database: postgres, route: /}}"
    decided = make_plan(resolve(load(shop)), "dev")
    [service] = decided.services
    assert service.database is not None
    container, database, gateway = service.replicas[0], service.database.container, decided.router
    assert gateway is not None
    assert gateway.configuration is not None
    text = gateway.configuration.text
    assert {"max_header_size 16KB", "read_body 60s", "response_header_timeout 60s", "write 300s"} <= set(
        map(str.strip, text.splitlines())
    )
    assert (container.processes, container.grace_seconds, container.tmpfs) == (
        512,
        30,
        (("/tmp", "size=64m,mode=1777"),),
    )
    assert (database.cpu_millis, database.mebibytes) == (1000, 512)
    assert (gateway.cpu_millis, gateway.mebibytes) == (1000, 256)
    assert (CLAIM_SIZE, GATEWAY_REPLICAS) == ("10Gi", 2)
    for words in ("| 512 |", "| 30 s |", "1 CPU, 512 MiB", "1 CPU, 256 MiB", "| 240 s |", "a claim of 10Gi"):
        assert words in said


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name: no\nservices: {a: {runtime: python}}", '"no" is reserved'),
        ("name: shop\nservices: {a: {image: caddy, port: 010}}", "010 starts with 0"),
        (
            "name: shop\nservices: {a: {runtime: python, route: /b}, b: {runtime: python, route: /b}}",
            "is already the route of",
        ),
    ],
)
def test_what_the_prose_says_of_reading_holds(text: str, told: str) -> None:
    with pytest.raises(SpecError, match=told):
        load(text.encode())


def test_every_faulty_file_has_a_fault_that_is_not_another_ones() -> None:
    told = [docs.fault(text, ("python", "go", "dockerfile")) for text in docs.FAULTY]
    assert len(set(told)) == len(told)
    with pytest.raises(AssertionError, match="has no fault"):
        docs.fault("name: shop\nservices: {a: {runtime: python}}", ("python",))
