"""What documents show and needs an engine, Pulumi, a language or a cluster is run: alone, and first."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.first.cases import Case, cases
from tests.first.fresh import pythons
from tests.first.judge import judge
from tests.first.run import Run

pytestmark = pytest.mark.engine
CASES = [case for case in cases() if case.runs and not case.quick]
INSTALLERS = ("uv", "pipx")


@pytest.fixture(scope="session")
def installers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The installers that README names, each of which may be on a machine or not."""
    folder = tmp_path_factory.mktemp("installers")
    subprocess.run([pythons()[0], "-m", "venv", folder], check=True)
    subprocess.run([folder / "bin/python", "-m", "pip", "install", "--quiet", *INSTALLERS], check=True)
    return folder / "bin"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_it_works_first_and_alone(
    case: Case, tmp_path: Path, require: Callable[..., None], request: pytest.FixtureRequest
) -> None:
    require("docker", "make", *(tool for tool in case.needs if tool not in INSTALLERS))
    run = Run(case, tmp_path)
    for tool in set(INSTALLERS).intersection(case.needs):
        (run.machine.tools / tool).symlink_to(request.getfixturevalue("installers") / tool)
    try:
        judge(run)
    finally:
        run.remove()
