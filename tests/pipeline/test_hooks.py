"""The hooks of .pre-commit-config.yaml: tools of the lock only, and nothing to complain about here."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
HOOK_KEYS = {"entry", "files", "id", "language", "name", "pass_filenames", "require_serial", "types_or"}
PYTHON = ".venv/bin/python"


def hooks() -> dict[str, dict[str, Any]]:
    (local,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert local["repo"] == "local"
    return {hook["id"]: hook for hook in local["hooks"]}


def tracked(pattern: str) -> list[str]:
    words = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    listed = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return [path for path in listed if re.search(pattern, path) and (ROOT / path).is_file()]


def test_every_hook_is_a_command_of_this_repository() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for name, hook in hooks().items():
        assert hook.keys() <= HOOK_KEYS, name
        assert hook.keys() >= {"id", "name", "entry", "language"}, name
        assert hook["language"] == "system", name
        tool, *words = hook["entry"].split()
        if tool == "make":
            assert re.search(rf"^{words[0]}:", makefile, re.MULTILINE), name
        else:
            assert tool == PYTHON, name
            assert f"$(RUN) {' '.join(words[:2])}" in makefile, name


def test_the_hooks_find_nothing_to_change(tmp_path: Path) -> None:
    paths = tracked(r"\.pyi?$")
    assert len(paths) > 100
    for path in ["pyproject.toml", *paths]:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, tmp_path / path)
    before = {path: (tmp_path / path).read_bytes() for path in paths}
    for hook in hooks().values():
        if hook.get("pass_filenames", True):
            command = [*hook["entry"].replace(PYTHON, sys.executable).split(), *paths]
            done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout + done.stderr
    assert {path: (tmp_path / path).read_bytes() for path in paths} == before


@pytest.mark.parametrize(
    "path", ["docs/spec.md", "examples/01-hello/cn.yaml", "copier.yml", "pulumi_stacks/spec/model.py"]
)
def test_the_documents_are_written_when_what_they_say_changes(path: str) -> None:
    assert re.search(hooks()["docs"]["files"], path)
    assert (ROOT / path).is_file()
