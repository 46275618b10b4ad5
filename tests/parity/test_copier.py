"""Our renderer and Copier itself make the same repository of one context."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import copier
import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings

from generator.render import ANSWERS_FILE, render
from generator.template import open_template
from generator.tree import EXECUTABLE, REGULAR, File, Tree
from generator.yamltext import dump
from pulumi_stacks.context import resolve
from pulumi_stacks.load import load
from tests.property.specs import AWKWARD, specs

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted(path.name for path in (ROOT / "examples").iterdir())


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    copy_template(folder)
    return folder


def copy_template(folder: Path) -> None:
    shutil.copy(ROOT / "copier.yml", folder)
    for name in ("templates", "pulumi_stacks"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))


def read(folder: Path) -> dict[str, File]:
    return {
        path.relative_to(folder).as_posix(): File(
            EXECUTABLE if path.stat().st_mode & 0o100 else REGULAR, path.read_bytes()
        )
        for path in folder.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(folder).parts
    }


def without_source(tree: Tree) -> Tree:
    """Drop what says where Copier took the template from."""
    answers = re.sub(rb"(?m)^_(commit|src_path):.*\n", b"", tree[ANSWERS_FILE].data)
    return {**tree, ANSWERS_FILE: File(REGULAR, answers)}


def by_copier(source: Path, destination: Path, answers: dict[str, Any] | None) -> Tree:
    copier.run_copy(str(source), destination, data=answers, defaults=True, quiet=True)
    return without_source(read(destination))


def assert_same(found: Tree, wanted: Tree) -> None:
    assert sorted(found) == sorted(wanted)
    assert [path for path in wanted if found[path] != wanted[path]] == []


def answers_of(spec: bytes) -> dict[str, Any]:
    return resolve(load(spec)).answers()


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_the_same_by_copier(example: str, source: Path, tmp_path: Path) -> None:
    answers = answers_of((ROOT / "examples" / example / "cn.yaml").read_bytes())
    assert_same(by_copier(source, tmp_path, yaml.safe_load(dump(answers))), render(open_template(), answers))


def test_a_bare_copy_is_the_first_example(source: Path, tmp_path: Path) -> None:
    answers = answers_of((ROOT / "examples/01-hello/cn.yaml").read_bytes())
    assert_same(by_copier(source, tmp_path, None), render(open_template(), answers))


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
    assert_same(without_source(read(destination)), render(open_template(), answers))


@settings(
    max_examples=4,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),
)
@given(spec=specs())
def test_random_specs_are_the_same_by_copier(
    spec: dict[str, Any], source: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    answers = answers_of(json.dumps(spec, ensure_ascii=False).encode())
    destination = tmp_path_factory.mktemp("made")
    assert_same(by_copier(source, destination, answers), render(open_template(), answers))


def test_copier_refuses_answers_of_another_context(source: Path, tmp_path: Path) -> None:
    with pytest.raises(copier.errors.UserMessageError, match="this_template_needs_answers_of_context_1"):
        by_copier(source, tmp_path / "made", {"context": 2})
    assert not (tmp_path / "made").exists()


def test_copier_refuses_a_runtime_that_the_template_lacks(source: Path, tmp_path: Path) -> None:
    answers = answers_of((ROOT / "examples/01-hello/cn.yaml").read_bytes())
    answers["services"][0]["runtime"] = "cobol"
    with pytest.raises(copier.errors.UserMessageError, match="this_template_lacks_a_runtime"):
        by_copier(source, tmp_path / "made", answers)
