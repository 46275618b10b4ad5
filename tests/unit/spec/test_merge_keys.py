"""Keys that begin with x-, and merge keys: what every file of Docker Compose uses."""

from __future__ import annotations

import jsonschema
import pytest

from pulumi_stacks.spec.loader import SpecError
from pulumi_stacks.spec.model import Spec, schema
from pulumi_stacks.spec.yaml_reader import MAX_ALIASES, DocumentError, read
from pulumi_stacks.system import load

SHARED = """\
x-common: &common
  database: postgres
  resources: {memory: 512Mi}
name: shop
services:
  api: {<<: *common, runtime: go}
  web:
    runtime: go
    <<: *common
    database:
"""


def plain(text: str) -> object:
    return read(text.encode()).plain()


def messages(text: str) -> list[str]:
    try:
        load(text.encode())
    except SpecError as error:
        return [str(problem) for problem in error.problems]
    return []


def spec(text: str) -> Spec:
    return load(text.encode())


def test_a_merge_key_brings_the_fields_of_a_mapping() -> None:
    services = spec(SHARED.replace("    database:\n", "")).services
    assert [service.database for service in services.values()] == ["postgres", "postgres"]
    assert {service.resources.memory for service in services.values()} == {"512Mi"}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a: &a {x: 1, y: 1}\nb: {<<: *a, x: 2}", {"x": 2, "y": 1}),
        ("a: &a {x: 1, y: 1}\nb: {x: 2, <<: *a}", {"x": 2, "y": 1}),
        ("a: &a {x: 1}\nc: &c {x: 2, y: 2}\nb: {<<: [*a, *c]}", {"x": 1, "y": 2}),
        ("a: &a {x: 1}\nc: &c {x: 2, y: 2}\nb: {<<: [*c, *a]}", {"x": 2, "y": 2}),
        ("b: {<<: {x: 1}, y: 2}", {"x": 1, "y": 2}),
        ("b: {<<: [{x: 1}, {y: 2}]}", {"x": 1, "y": 2}),
        ("b: {<<: [], y: 2}", {"y": 2}),
        ("a: &a {x: 1}\nc: &c {<<: *a, y: 2}\nb: {<<: *c}", {"x": 1, "y": 2}),
        ("a: &a {x: {p: 1}}\nb: {<<: *a, x: {q: 2}}", {"x": {"q": 2}}),
        ("b: {'<<': {x: 1}}", {"<<": {"x": 1}}),
        ('b: {"<<": 1, y: 2}', {"<<": 1, "y": 2}),
        ("a: &a {x: 1}\nb:\n  <<: *a\n  <<: {z: 3}\n", None),
    ],
)
def test_merging_follows_the_rule_of_yaml(text: str, wanted: object) -> None:
    if wanted is None:
        with pytest.raises(DocumentError, match='duplicate key "<<"'):
            plain(text)
    else:
        found = plain(text)
        assert isinstance(found, dict)
        assert found["b"] == wanted


@pytest.mark.parametrize("value", ["1", "text", "null", "[1]", "[{a: 1}, 2]", "[[{a: 1}]]"])
def test_only_mappings_are_merged(value: str) -> None:
    with pytest.raises(DocumentError, match="cannot be merged") as refused:
        plain(f"b:\n  <<: {value}\n")
    assert refused.value.line == 2


def test_the_top_of_the_file_merges_too() -> None:
    assert spec("x-a: &a {name: shop, ci: github}\n<<: *a\nservices: {api: {runtime: go}}\n").ci == "github"


def test_a_fault_in_a_merged_field_is_reported_where_it_is_written() -> None:
    text = SHARED.replace("512Mi", "512MB").replace("    database:\n", "")
    assert [found.partition(":")[2].partition(" ")[0] for found in messages(text)] == ["3:23:", "3:23:"]
    assert [found.split()[1] for found in messages(text)] == [
        "services.api.resources.memory:",
        "services.web.resources.memory:",
    ]


def test_an_unknown_merged_field_is_reported_at_its_key_in_the_anchor() -> None:
    [found] = messages("x-a: &a\n  rute: /x\nname: s\nservices: {api: {runtime: go, <<: *a}}\n")
    assert found.startswith("cn.yaml:2:3: services.api.rute: unknown field; did you mean 'route'?")


def test_merging_counts_as_values_do() -> None:
    lines = ["x-a: &a {" + ", ".join(f"k{n}: [1,1,1,1,1,1,1,1,1,1]" for n in range(500)) + "}"]
    lines += [f"x-{n}: {{<<: *a}}" for n in range(60)]
    with pytest.raises(DocumentError, match="more than 100000 values"):
        plain("\n".join(lines))


def test_merging_twice_in_a_row_does_not_grow_without_limit() -> None:
    lines = ["x-0: &m0 {a: 1}"]
    lines += [f"x-{n + 1}: &m{n + 1} {{<<: *m{n}, k{n}: {{<<: *m{n}}}}}" for n in range(60)]
    with pytest.raises(DocumentError, match="more than 100000 values"):
        plain("\n".join(lines))


def test_aliases_to_merge_count_as_aliases() -> None:
    lines = ["x-a: &a {x: 1}", *(f"x-{n}: {{<<: *a}}" for n in range(MAX_ALIASES + 1))]
    with pytest.raises(DocumentError, match="aliases"):
        plain("\n".join(lines))


@pytest.mark.parametrize(
    "place",
    [
        "x-mine: {a: 1}\nname: s\nservices: {api: {runtime: go}}\n",
        "name: s\nx-mine: [1, 2]\nservices: {api: {runtime: go}}\n",
        "name: s\nx-mine:\nservices: {api: {runtime: go}}\n",
        "name: s\nservices: {api: {runtime: go, x-mine: 1.10}}\n",
        "name: s\nenvironments: {dev: {target: docker, x-mine: a}}\nservices: {api: {runtime: go}}\n",
        "name: s\nservices: {api: {runtime: go, scale: {min: 1, x-mine: a}}}\n",
        "name: s\nservices: {api: {runtime: go, environments: {dev: {x-mine: a}}}}\n",
    ],
)
def test_keys_that_begin_with_x_are_the_users_wherever_fields_are(place: str) -> None:
    assert messages(place) == []
    assert "mine" not in str(spec(place).model_dump())
    found = read(place.encode()).plain()
    jsonschema.Draft202012Validator(schema()).validate(found)


def test_names_of_services_and_variables_may_begin_with_x_as_any_other() -> None:
    found = spec("name: s\nservices: {x-api: {runtime: go}}\nenvironments: {x-dev: {target: docker}}\n")
    assert list(found.services) == ["x-api"]
    assert list(found.environments) == ["x-dev"]


def test_what_is_kept_for_merging_need_not_be_valid_alone() -> None:
    text = "x-a: &a {route: nonsense, tokens: !!}\n".replace(", tokens: !!", "")
    assert messages(text + "name: s\nservices: {api: {runtime: go, <<: *a, route: /x}}\n") == []


def test_a_secret_below_x_is_refused_in_any_depth() -> None:
    text = "x-a:\n  - b: {c: 'postgres://me:pw@db/x'}\nname: s\nservices: {api: {runtime: go}}\n"
    [found] = messages(text)
    assert found.startswith("cn.yaml:2:12: x-a[0].b.c: looks like a secret (a password in a URL)")
    assert not messages("x-a: {max_tokens: '2'}\nname: s\nservices: {api: {runtime: go}}\n")


def test_a_merged_variable_is_judged_and_answered_where_it_is_used() -> None:
    shared = "x-a: &a {SESSION_TOKEN: cookie}\nname: s\nservices:\n  api: {runtime: go, config: {<<: *a}%s}\n"
    assert len(messages(shared % "")) >= 1
    assert messages(shared % ", not_secret: [SESSION_TOKEN]") == []


def test_editors_accept_merge_keys() -> None:
    validator = jsonschema.Draft202012Validator(schema())
    for place in (
        {"name": "s", "<<": {"ci": "none"}, "services": {"a": {"runtime": "go"}}},
        {"name": "s", "services": {"a": {"runtime": "go", "<<": [{"route": "/a"}]}}},
        {"name": "s", "services": {"a": {"runtime": "go", "config": {"<<": {"A": "1"}}}}},
        {"name": "s", "services": {"<<": {"a": {"runtime": "go"}}}},
    ):
        validator.validate(place)
