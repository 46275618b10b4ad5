"""Rendering a template to a tree, and its errors with file and line."""

from pathlib import Path
from typing import Any

import pytest

from generator.rendering.file_tree import EXECUTABLE, REGULAR, File
from generator.rendering.renderer import ANSWERS_FILE, render
from generator.rendering.template import Template, TemplateError, open_template
from tests.unit.template_files import COPIER, write_template

EACH = "{% yield service from services %}{{ service.name }}{% endyield %}"


def template(root: Path, files: dict[str, str], more: str = "") -> Template:
    return open_template(write_template(root, files, COPIER + more))


def texts(
    root: Path, files: dict[str, str], more: str = "", answers: dict[str, Any] | None = None
) -> dict[str, str]:
    return {
        path: file.data.decode() for path, file in render(template(root, files, more), answers or {}).items()
    }


def fault(root: Path, files: dict[str, str], more: str = "", answers: dict[str, Any] | None = None) -> str:
    with pytest.raises(TemplateError) as caught:
        render(template(root, files, more), answers or {})
    return str(caught.value).removeprefix("templates/project/")


def test_template_files_are_rendered_and_others_copied(tmp_path: Path) -> None:
    files = {"a.txt.jinja": "{{ name }}\n", "b.txt": "{{ name }}\r\n"}
    assert texts(tmp_path, files) == {"a.txt": "demo\n", "b.txt": "{{ name }}\r\n"}


def test_bytes_that_are_not_text_are_copied(tmp_path: Path) -> None:
    root = write_template(tmp_path, {"a": ""})
    (root / "templates/project/a").write_bytes(b"\xff\x00{{")
    assert render(open_template(root), {})["a"] == File(REGULAR, b"\xff\x00{{")


def test_modes_come_from_the_template_file(tmp_path: Path) -> None:
    root = write_template(tmp_path, {"run.jinja": "", "read": ""})
    (root / "templates/project/run.jinja").chmod(0o700)
    (root / "templates/project/read").chmod(0o660)
    files = render(open_template(root), {})
    assert (files["run"].mode, files["read"].mode) == (EXECUTABLE, REGULAR)


def test_line_ends_of_template_files_are_line_feeds(tmp_path: Path) -> None:
    assert texts(tmp_path, {"a.jinja": "x\r\n{{ name }}\r\n"}) == {"a": "x\ndemo\n"}


def test_yield_makes_one_folder_per_item_and_binds_it_below(tmp_path: Path) -> None:
    files = {f"{EACH}/sub/a.jinja": "{{ service.name }} of {{ name }}"}
    assert texts(tmp_path, files) == {"a/sub/a": "a of demo", "b/sub/a": "b of demo"}


def test_yields_nest_and_obey_conditions(tmp_path: Path) -> None:
    inner = (
        "{% if service.routes %}{% yield route from service.routes %}{{ route }}.txt{% endyield %}{% endif %}"
    )
    files = {f"{EACH}/{inner}.jinja": "{{ service.name }}{{ route }}"}
    assert texts(tmp_path, files) == {"a/x.txt": "ax", "a/y.txt": "ay"}


def test_a_yielded_name_may_hold_folders(tmp_path: Path) -> None:
    more = 'paths: {when: false, type: json, default: \'["x/y.py", "z.py"]\'}\n'
    files = {
        "in/{% yield p from paths %}{{ p }}{% endyield %}.jinja": "{% include 'pulumi_stacks/' ~ p -%}\n"
    }
    files |= {"../../pulumi_stacks/x/y.py": "one\n", "../../pulumi_stacks/z.py": ""}
    assert texts(tmp_path, files, more) == {"in/x/y.py": "one\n", "in/z.py": ""}


def test_text_around_a_yield_is_part_of_the_name(tmp_path: Path) -> None:
    assert sorted(texts(tmp_path, {f"Pulumi.{EACH}.yaml.jinja": ""})) == ["Pulumi.a.yaml", "Pulumi.b.yaml"]


def test_a_name_that_renders_to_nothing_leaves_its_files_out(tmp_path: Path) -> None:
    assert texts(tmp_path, {"{% if name == 'x' %}dir{% endif %}/a": "", "b": ""}) == {"b": ""}


def test_included_files_and_macros_come_from_the_root_of_the_template(tmp_path: Path) -> None:
    files = {
        "a.jinja": '{% import "templates/m.jinja" as m %}{{ m.twice(name) }}',
        "../m.jinja": "{% macro twice(x) %}{{ x }}{{ x }}{% endmacro %}",
    }
    assert texts(tmp_path, files) == {"a": "demodemo"}


def test_excluded_paths_are_left_out(tmp_path: Path) -> None:
    files = {"keep/a": "", "drop/a": "", "x.tmp": "", "{% if name %}y.tmp{% endif %}": ""}
    assert sorted(texts(tmp_path, files, "_exclude: [drop, '*.tmp']\n")) == ["keep/a"]


def test_hidden_questions_are_computed_in_order(tmp_path: Path) -> None:
    more = (
        "static: {when: false, type: yaml, default: {k: [1]}}\n"
        "first: {when: false, type: json, default: '{{ (services | length + static.k[0]) | tojson }}'}\n"
        "second: {when: false, type: int, default: '{{ first + 1 }}'}\n"
    )
    assert texts(tmp_path, {"a.jinja": "{{ first + second }}"}, more) == {"a": "7"}


def test_answers_are_remembered_without_the_hidden_ones(tmp_path: Path) -> None:
    more = "hidden: {when: false, type: str, default: x}\n"
    files = {"{{ _copier_conf.answers_file }}.jinja": "{{ _copier_answers | tojson }}"}
    found = texts(tmp_path, files, more, {"name": "x", "services": []})
    assert found == {ANSWERS_FILE: '{"name": "x", "services": []}'}


def test_values_are_never_template_source(tmp_path: Path) -> None:
    more = "hidden: {when: false, type: json, default: '{{ services | tojson }}'}\n"
    name = "{{ 7 * 7 }} {% raw %}\U0001f600"
    files = {"a.jinja": "{{ name }} {{ hidden[0].name }}"}
    assert texts(tmp_path, files, more, {"name": name, "services": [{"name": name}]}) == {
        "a": f"{name} {name}"
    }


def test_the_error_of_an_undefined_name_has_file_and_line(tmp_path: Path) -> None:
    assert fault(tmp_path, {"a.txt.jinja": "x\n\n{{ nme }}\n"}) == "a.txt.jinja:3: 'nme' is undefined"


def test_the_error_in_an_included_file_has_its_place(tmp_path: Path) -> None:
    files = {"a.jinja": "{% include 'templates/part.txt' %}", "../part.txt": "\n{{ nme }}"}
    assert fault(tmp_path, files) == "templates/part.txt:2: 'nme' is undefined"


def test_an_undefined_name_in_the_body_of_a_yield_is_an_error(tmp_path: Path) -> None:
    name = "{% yield service from services %}{{ service.nme }}{% endyield %}"
    assert fault(tmp_path, {f"{name}/a": ""}) == f"{name}/a: 'dict object' has no attribute 'nme'"


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"a.jinja": "x\n{% for %}"}, "a.jinja:2: "),
        (
            {"a.jinja": "{% yield x from y %}{% endyield %}"},
            "a.jinja:1: 'yield' is only valid in path names; use 'for'",
        ),
        ({f"{EACH}{EACH}": ""}, f"{EACH}{EACH}: two 'yield' in one part of the path"),
        (
            {"{% yield x from nothing %}{{ x }}{% endyield %}": ""},
            "{% yield x from nothing %}{{ x }}{% endyield %}: 'not",
        ),
        (
            {"{% yield x from 3 %}{{ x }}{% endyield %}": ""},
            "{% yield x from 3 %}{{ x }}{% endyield %}: 'int' object is",
        ),
        ({"{{ nme }}": ""}, "{{ nme }}: 'nme' is undefined"),
        ({"{% if %}": ""}, "{% if %}: "),
        (
            {"a.jinja": "{% include 'other' %}"},
            "a.jinja:1: included file 'other' not found",
        ),
        ({"a.jinja": "{{ 1 / 0 }}"}, "a.jinja:1: division by zero"),
        ({"a.jinja": "{{ name + 1 }}"}, "a.jinja:1: "),
        ({"a.jinja": "{{ range(10 ** 9) }}"}, "a.jinja:1: "),
        ({"a.jinja": "{{ services | random }}"}, "a.jinja:1: No filter named 'random'"),
        ({"a.jinja": "{{ services | to_nice_yaml }}"}, "a.jinja:1: No filter named 'to_nice_yaml'"),
        ({"a.jinja": "{{ lipsum() }}"}, "a.jinja:1: 'lipsum' is undefined"),
        ({"a.jinja": "{{ _folder_name }}"}, "a.jinja:1: '_folder_name' is undefined"),
        ({"a.jinja": "{{ services.append(1) }}"}, "a.jinja:1: "),
        ({"a.jinja": "{{ name.__class__.__mro__ }}"}, "a.jinja:1: access to attribute '__class__'"),
        ({"{{ name }}": "", "demo.jinja": ""}, "{{ name }}: same rendered path demo as "),
        (
            {"{{ '..' }}/a": ""},
            "{{ '..' }}/a: rendered path '../a' is not inside the folder",
        ),
        (
            {"{{ '.gIt' }}/hooks/a": ""},
            "{{ '.gIt' }}/hooks/a: rendered path '.gIt/hooks/a' is inside .git",
        ),
        (
            {"README.md": "", "readme.md": ""},
            "templates/project: readme.md: 'readme.md' and 'README.md' are the same name",
        ),
    ],
)
def test_a_fault_of_the_template_names_its_place(files: dict[str, str], message: str, tmp_path: Path) -> None:
    assert fault(tmp_path, files).startswith(message)


def test_a_template_file_that_is_not_utf_8_is_an_error(tmp_path: Path) -> None:
    root = write_template(tmp_path, {"a.jinja": ""})
    (root / "templates/project/a.jinja").write_bytes(b"\xff")
    with pytest.raises(TemplateError, match=r"a\.jinja: not valid UTF-8; remove the template suffix"):
        render(open_template(root), {})


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({"nme": "x"}, "copier.yml: no question for the answer 'nme'; questions are name, services"),
        ({"name": 3}, "copier.yml: name: expected str, got int"),
    ],
)
def test_invalid_answers_are_an_error(answers: dict[str, Any], message: str, tmp_path: Path) -> None:
    assert fault(tmp_path, {"a": ""}, answers=answers) == message


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ("{type: int, default: 'x'}", "rendered default is not of type int"),
        ("{type: int, default: true}", "expected int, got bool"),
        ("{type: json, when: false, default: '{'}", "rendered default is not of type json"),
        ("{type: yaml, when: false, default: '{{ \"[\" }}'}", "rendered default is not of type yaml"),
        ("{type: str, when: false, default: '{{ nothing }}'}", "'nothing' is undefined"),
    ],
)
def test_a_faulty_default_names_its_question(question: str, message: str, tmp_path: Path) -> None:
    assert fault(tmp_path, {"a": ""}, f"more: {question}\n").startswith(f"copier.yml: more: {message}")


def test_answers_of_another_context_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="this_template_needs_answers_of_context_1"):
        render(open_template(), {"context": 2})
