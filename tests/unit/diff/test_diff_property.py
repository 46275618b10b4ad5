"""What holds for the diff of any two specs: every format has it, and the reverse diff is its opposite."""

import json
from typing import Any

import jsonschema
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pulumi_stacks.diff import run as diff
from pulumi_stacks.diff.markdown import markdown
from pulumi_stacks.diff.model import Diff, Finding
from tests.examples import examples
from tests.property import specs
from tests.unit.comparison import PYTHON, compare


def _called(services: dict[str, Any]) -> dict[str, Any]:
    return {"name": "a", "services": services}


@settings(max_examples=examples(25))
@given(specs.specs(), specs.specs(), st.integers(300, 4000))
@example(  # a new edge leads to a service that is renamed
    _called({"l": PYTHON, "a": {**PYTHON, "id": "same"}}),
    _called({"a": PYTHON, "l": {**PYTHON, "calls": ["e"]}, "e": {**PYTHON, "id": "same"}}),
    301,
)
def test_any_two_specs_are_reported_in_every_form(one: dict[str, Any], two: dict[str, Any], limit: int):
    two = {**two, "name": one["name"]} if limit % 2 else two
    found, back = compare(one, two), compare(two, one)
    document = json.loads(diff.render(found, "json"))
    jsonschema.validate(document, diff.schema())
    assert Diff.model_validate(document) == found
    assert len(markdown(found, limit).encode()) <= limit
    text = diff.render(found, "text")
    for environment in found.environments:
        for finding in environment.findings:
            # Of environments that are alike the volumes' names are put together.
            assert finding.text.partition("`")[0] in text
    if one["name"] == two["name"]:
        opposite = {"added": "removed", "removed": "added", "changed": "changed", "renamed": "renamed"}
        assert sorted(map(key, all_of(found))) == sorted(
            (area, opposite[what], subject) for area, what, subject in map(key, all_of(back))
        )
    assert not compare(one, one).changed


def all_of(found: Diff) -> list[Finding]:
    """Return the findings whose subject has one name on both sides."""
    findings = [each for environment in found.environments for each in environment.findings]
    renamed = {name for each in findings if each.what == "renamed" for name in (each.before, each.after)}
    return [
        each for each in findings if each.what not in {"renamed", "changed"} and each.subject not in renamed
    ]


def key(finding: Finding) -> tuple[str, str, str]:
    return finding.area, finding.what, finding.subject
