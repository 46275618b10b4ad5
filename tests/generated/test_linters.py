"""Generated repositories under the linters of their languages; none finds anything."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from generator.rendering.template import open_template
from generator.repository import writer
from generator.repository.build import build
from tests.repository.conftest import SPECS

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module", params=SPECS)
def repository(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository of an example or of an awkward spec, on disk."""
    folder = tmp_path_factory.mktemp("linted") / request.param
    writer.create(folder, build(SPECS[request.param], "cn.yaml", open_template()).tree)
    return folder


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False, timeout=300)


def assert_clean(done: subprocess.CompletedProcess[str]) -> None:
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr


def files(repository: Path, *patterns: str) -> list[str]:
    found = {path for pattern in patterns for path in repository.rglob(pattern) if path.is_file()}
    return sorted(str(path.relative_to(repository)) for path in found)


def test_hadolint_finds_nothing(repository: Path, require: Callable[..., None]) -> None:
    require("hadolint")
    dockerfiles = files(repository, "Dockerfile")
    assert dockerfiles
    done = run(repository, "hadolint", "--no-fail", "--format", "json", *dockerfiles)
    assert json.loads(done.stdout) == []


def test_yamllint_finds_nothing(repository: Path, require: Callable[..., None]) -> None:
    require("yamllint")
    rules = "{extends: default, rules: {line-length: disable, document-start: disable}}"
    # The user's own file may be written in any way; Copier's answers are written for no reader.
    own = set(files(repository, "*.yaml", "*.yml")) - {".copier-answers.yml", "cn.yaml"}
    assert own
    assert_clean(run(repository, "yamllint", "--strict", "-d", rules, *sorted(own)))


def test_shellcheck_finds_nothing(repository: Path, require: Callable[..., None]) -> None:
    require("shellcheck")
    scripts = files(repository, "*.sh")
    assert scripts
    assert_clean(run(repository, "shellcheck", "--enable=quote-safe-variables", *scripts))


def test_programs_lie_in_one_folder_and_need_a_plain_shell(repository: Path) -> None:
    programs = {path for path in files(repository, "*") if os.access(repository / path, os.X_OK)}
    assert programs
    for path in programs:
        assert path.startswith("ci/")
        assert (repository / path).read_text(encoding="utf-8").startswith("#!/bin/sh\n"), path


def test_compose_reads_the_compose_file_without_a_warning(
    repository: Path, require: Callable[..., None]
) -> None:
    require("docker")
    assert_clean(run(repository, "ci/secrets.sh"))
    assert_clean(run(repository, "docker", "compose", "config", "--quiet"))


def test_the_compose_file_keeps_its_schema(repository: Path, require: Callable[..., None]) -> None:
    require("check-jsonschema")
    done = run(repository, "check-jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml")
    assert_clean(done)


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ("hadolint Dockerfile", "FROM debian\nRUN apt-get install curl\n"),
        ("yamllint --strict some.yaml", "a:   1\n"),
        ("shellcheck some.sh", "#!/bin/sh\nrm -rf $1\n"),
        ("check-jsonschema --builtin-schema vendor.compose-spec some.yaml", "services: {a: {imag: b}}\n"),
    ],
)
def test_a_linter_finds_a_fault(
    command: str, text: str, tmp_path: Path, require: Callable[..., None]
) -> None:
    tool, *_, file = command.split()
    require(tool)
    (tmp_path / file).write_text(text)
    assert run(tmp_path, *command.split()).returncode != 0
