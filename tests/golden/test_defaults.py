"""What copier.yml repeats is what it repeats."""

from pathlib import Path

import yaml

from generator.rendering.template import open_template
from pulumi_stacks.context.model import Context
from scripts import template_defaults

COPIER = template_defaults.ROOT / "copier.yml"


def test_the_defaults_are_the_first_example(update_golden: bool) -> None:
    if update_golden:
        COPIER.write_text(template_defaults.write(COPIER.read_text()))
    questions = {question.name: question for question in open_template().questions}
    visible = {name: question.default for name, question in questions.items() if not question.hidden}
    assert visible == template_defaults.hello(), "make golden"


def test_the_questions_are_the_fields_of_the_context() -> None:
    visible = [question.name for question in open_template().questions if not question.hidden]
    assert visible == list(Context.model_fields)


def test_the_stack_sources_are_those_on_disk(update_golden: bool) -> None:
    if update_golden:
        COPIER.write_text(template_defaults.write(COPIER.read_text()))
    entry = yaml.safe_load(COPIER.read_text())["stack_sources"]["default"]
    assert entry == template_defaults.stack_sources(), "make golden"


def test_sources_that_repositories_carry_hold_no_template_syntax_and_no_carriage_return() -> None:
    for path in sorted((template_defaults.ROOT / "pulumi_stacks").rglob("*.[ps][yh]")):
        data = path.read_bytes()
        assert not [mark for mark in (b"{{", b"{%", b"{#", b"\r") if mark in data], path.name


def test_template_files_are_utf_8_with_line_feeds_and_end_with_one() -> None:
    for path in sorted(Path(template_defaults.ROOT / "templates").rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            text = path.read_bytes().decode()
            assert "\r" not in text, path.name
            assert not text or (text.endswith("\n") and not text.endswith("\n\n")), path.name
