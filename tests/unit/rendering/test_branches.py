"""Every condition of the templates is true for one of a few systems, and false for another.

Conditions are those of `if`, `elif`, inline `if`, `for … if`, the `else` of a loop, and each operand of `and`
and `or` that decides; in files, in path names and in the computed questions of copier.yml.
"""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from generator.rendering import renderer
from generator.rendering.template import CONFIG, Template, TemplateError, open_template
from pulumi_stacks.system import load, resolve
from tests.property.specs import AWKWARD, AWKWARD_TEXTS
from tests.unit.branch_systems import SYSTEMS
from tests.unit.branches import Condition, RecordingSandbox
from tests.unit.template_files import COPIER, write_template

ROOT = Path(__file__).resolve().parents[3]
MACROS = "templates/macros.jinja"
EXAMPLES = sorted((ROOT / "examples").glob("*/cn.yaml"))


def answers(spec: bytes) -> dict[str, Any]:
    return resolve(load(spec)).answers()


def systems() -> list[dict[str, Any]]:
    """Return the contexts that have to be enough."""
    texts = [json.dumps(spec, ensure_ascii=False).encode() for spec in (AWKWARD, *SYSTEMS)]
    return [answers(spec) for spec in (*(path.read_bytes() for path in EXAMPLES), *texts)]


def refused() -> list[dict[str, Any]]:
    """Return answers at which the computed questions stop."""
    hello = answers(EXAMPLES[0].read_bytes())
    stranger = {**hello["services"][0], "runtime": "cobol"}
    return [{**hello, "context": 2}, {**hello, "services": [stranger]}]


def record(
    template: Template, contexts: Iterable[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> list[Condition]:
    """Render everything and return all conditions, with what was seen of each."""
    made: list[RecordingSandbox] = []

    def sandbox(sources: Any) -> RecordingSandbox:
        made.append(RecordingSandbox(sources))
        return made[-1]

    monkeypatch.setattr(renderer, "Sandbox", sandbox)
    for context in contexts:
        try:
            renderer.render(template, context)
        except TemplateError:
            assert context in refused()
    (recording,) = made
    compile_all(template, recording)
    call_macros(template, recording)
    return recording.record.conditions


def compile_all(template: Template, sandbox: RecordingSandbox) -> None:
    """Bring in also what no system reached: its conditions were seen neither way."""
    for path in template.sources:
        if path.startswith("templates/") and path.endswith(template.suffix):
            sandbox.compile(path)
    for part in {part for path in template.sources for part in path.split("/")}:
        sandbox.compile_text(part.removesuffix(template.suffix))
    for question in template.questions:
        items = question.default if isinstance(question.default, list) else [question.default]
        for item in items:
            if isinstance(item, str):
                sandbox.compile_text(item)


def call_macros(template: Template, sandbox: RecordingSandbox) -> None:
    """Call each macro, used here or left to authors of templates, with texts of all sorts."""
    source = template.sources.get(MACROS)
    for name in re.findall(r"macro ([a-z]\w*)\(", source.data.decode()) if source else ():
        for value in (*AWKWARD_TEXTS, 'a "quoted" word'):
            sandbox.text(
                f'{{% import "{MACROS}" as quote %}}{{{{ quote.{name}(value) }}}}', {"value": value}, name
            )


def one_sided(template: Template, conditions: list[Condition]) -> list[str]:
    return [f"{place(template, c)}: {c.kind} {c.source!r} was never {c.lacks}" for c in conditions if c.lacks]


def place(template: Template, condition: Condition) -> str:
    """Return where a condition stands: file and line, the path that it is part of, or the question."""
    if condition.text in template.sources:
        return f"{condition.text}:{condition.line}"
    for path in sorted(template.sources):
        if condition.text in (part.removesuffix(template.suffix) for part in path.split("/")):
            return path
    lines = template.sources[CONFIG].data.decode().splitlines()
    question = next(q.name for q in template.questions if condition.text in (q.default, *as_list(q.default)))
    return f"{CONFIG}:{lines.index(f'{question}:') + 1}"


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def test_every_condition_is_seen_true_and_false(monkeypatch: pytest.MonkeyPatch) -> None:
    template = open_template(ROOT)
    conditions = record(template, [*systems(), *refused()], monkeypatch)
    assert len(conditions) > 50
    faults = one_sided(template, conditions)
    assert not faults, "add a system to branch_systems.py, or drop the condition:\n" + "\n".join(faults)


ONE_SIDED = {
    "{% if name %}a{% endif %}": ["{}:1: if 'name' was never false"],
    "{% if name == 'x' %}a{% endif %}": ["{}:1: if \"name == 'x'\" was never true"],
    "{% if name %}a{% elif services %}b{% endif %}": [
        "{}:1: if 'name' was never false",
        "{}:1: if 'services' was never true nor false",
    ],
    "\n{{ 'a' if not name else 'b' }}": ["{}:2: inline if 'not name' was never true"],
    "{% for s in services if s.routes %}{% else %}none{% endfor %}": [
        "{}:1: for … else 'services' was never false"
    ],
    "{% for s in services if s.name %}{% endfor %}": ["{}:1: for … if 's.name' was never false"],
    "{{ name or 'none' }}": ["{}:1: operand of or 'name' was never false"],
    "{% for s in services if s.routes and s.name %}{% endfor %}": [
        "{}:1: operand of and 's.name' was never false"
    ],
    "{% set a = name and services[0].routes %}": ["{}:1: operand of and 'name' was never false"],
    "{% macro m(a) %}{% if a %}{% endif %}{% endmacro %}{{ m(1) }}": ["{}:1: if 'a' was never false"],
    "{% for s in services %}{% if s.routes %}{% endif %}{{ 1 if s.routes | length > 1 }}{% endfor %}": [],
}


@pytest.mark.parametrize("text", ONE_SIDED)
def test_a_condition_seen_one_way_is_named(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    template = open_template(write_template(tmp_path, {"a.txt.jinja": text}))
    found = one_sided(template, record(template, [{}], monkeypatch))
    assert found == [fault.format("templates/project/a.txt.jinja") for fault in ONE_SIDED[text]]


def test_a_condition_in_a_path_and_in_a_question_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = "{% yield s from services %}{{ s.name }}{% endyield %}/{% if s.name %}b{% endif %}.txt"
    question = "more: {type: str, when: false, default: \"{{ 'x' if name }}\"}\n"
    copier = COPIER + question.replace("more: {", "more:\n  {")
    template = open_template(write_template(tmp_path, {path: ""}, copier))
    assert one_sided(template, record(template, [{}], monkeypatch)) == [
        "copier.yml:5: inline if 'name' was never false",
        f"templates/project/{path}: if 's.name' was never false",
    ]


def test_a_file_that_no_system_renders_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"{% if not name %}a{% endif %}/b.txt.jinja": "{{ 1 if services }}"}
    template = open_template(write_template(tmp_path, files))
    found = one_sided(template, record(template, [{}], monkeypatch))
    assert [fault for fault in found if fault.endswith("'services' was never true nor false")]


def test_what_is_recorded_is_rendered_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    context = systems()[-1]
    wanted = renderer.render(open_template(), context)
    monkeypatch.setattr(renderer, "Sandbox", RecordingSandbox)
    assert renderer.render(open_template(ROOT), context) == wanted
