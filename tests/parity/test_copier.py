"""Our renderer and Copier itself make the same repository of one context."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import copier
import pytest
import yaml

from generator.rendering.renderer import render
from generator.rendering.template import open_template
from generator.rendering.yaml_text import dump
from pulumi_stacks.system import load, resolve
from tests.parity.oracle import by_copier, differences, read, without_source
from tests.property.specs import AWKWARD

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted(path.name for path in (ROOT / "examples").iterdir())


def answers_of(spec: bytes) -> dict[str, Any]:
    return resolve(load(spec)).answers()


# One is compared on every day; `make parity` compares all.
OFTEN = "02-shop"


@pytest.mark.parametrize(
    "example", [pytest.param(name, marks=[pytest.mark.slow] if name != OFTEN else []) for name in EXAMPLES]
)
def test_an_example_is_the_same_by_copier(example: str, source: Path, tmp_path: Path) -> None:
    answers = answers_of((ROOT / "examples" / example / "cn.yaml").read_bytes())
    found = by_copier(source, tmp_path, yaml.safe_load(dump(answers)))
    assert differences(found, render(open_template(), answers)) == []


@pytest.mark.slow
def test_a_bare_copy_is_the_first_example(source: Path, tmp_path: Path) -> None:
    answers = answers_of((ROOT / "examples/01-hello/cn.yaml").read_bytes())
    assert differences(by_copier(source, tmp_path, None), render(open_template(), answers)) == []


@pytest.mark.slow
def test_awkward_texts_are_the_same_by_the_command_line(source: Path, tmp_path: Path) -> None:
    answers = answers_of(json.dumps(AWKWARD, ensure_ascii=False).encode())
    (tmp_path / "answers.yml").write_text(dump(answers), encoding="utf-8")
    destination = tmp_path / "made"
    command = [
        "-m",
        "copier",
        "copy",
        "--defaults",
        "--data-file",
        str(tmp_path / "answers.yml"),
        str(source),
    ]
    subprocess.run([sys.executable, *command, str(destination)], check=True, capture_output=True)
    assert differences(without_source(read(destination)), render(open_template(), answers)) == []


def test_copier_refuses_answers_of_another_context(source: Path, tmp_path: Path) -> None:
    with pytest.raises(copier.errors.UserMessageError, match="this_template_needs_answers_of_context_1"):
        by_copier(source, tmp_path / "made", {"context": 2})
    assert not (tmp_path / "made").exists()


def test_copier_refuses_a_runtime_that_the_template_lacks(source: Path, tmp_path: Path) -> None:
    answers = answers_of((ROOT / "examples/01-hello/cn.yaml").read_bytes())
    answers["services"][0]["runtime"] = "cobol"
    with pytest.raises(copier.errors.UserMessageError, match="this_template_lacks_a_runtime"):
        by_copier(source, tmp_path / "made", answers)
