"""A generated repository where cn-new was never installed: its own commands work, and leave git clean."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from generator.rendering.template import open_template
from generator.repository import writer
from generator.repository.build import build
from tests.first.fresh import SPEED

ROOT = Path(__file__).resolve().parents[2]
# The interpreter that our own environment was made from: it holds nothing of ours.
PYTHON = getattr(sys, "_base_executable", sys.executable)
OWN = f"PYTHON={PYTHON}"
ABSENT = (
    "import importlib.util as util; assert util.find_spec('generator') is util.find_spec('jinja2') is None"
)
PLAN = f"""{ABSENT}
import pulumi_stacks.targets.docker.deploy, pulumi_stacks.program
from pathlib import Path
from pulumi_stacks import stack
print(stack.plan_of(Path("../cn.yaml"), "dev", lambda name: None).url)
"""
# What people type in the first hour, in this order.
COMMANDS: dict[str, tuple[str, ...]] = {
    "no cn-new here": (PYTHON, "-c", ABSENT),
    "make help": ("make", "help"),
    "make secrets": ("make", "secrets"),
    "compose reads compose.yaml": ("docker", "compose", "config", "--quiet"),
    "make test-catalog": ("make", "test-catalog"),
    "a service by itself": ("make", "-C", "services/orders", "lint", "test", OWN),
    "the environment of the program": ("make", "infra/.venv/.ready", OWN),
    "the program makes its plan": ("sh", "-c", 'cd infra && .venv/bin/python -c "$0"', PLAN),
}


def environment() -> dict[str, str]:
    """Return the variables of a shell in which cn-new is not installed."""
    folders = os.environ["PATH"].split(os.pathsep)
    path = os.pathsep.join(one for one in folders if not shutil.which("cn-new", path=one))
    ours = {"VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE"}
    theirs = {name: value for name, value in os.environ.items() if name not in ours}
    return {**theirs, "PATH": path, **SPEED}


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words, cwd=folder, env=environment(), capture_output=True, text=True, check=False, timeout=600
    )


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory, require: Callable[..., None]) -> Path:
    """The shop, committed."""
    require("docker", "git", "make")
    folder = tmp_path_factory.mktemp("used") / "shop"
    data = (ROOT / "examples/02-shop/cn.yaml").read_bytes()
    writer.create(folder, build(data, "cn.yaml", open_template()).tree)
    identity = ("-c", "user.name=Someone", "-c", "user.email=someone@example.org")
    for words in (("init", "--quiet"), ("add", "--all"), (*identity, "commit", "--quiet", "-m", "Start")):
        done = run(folder, "git", *words)
        assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def done(used: Path) -> dict[str, subprocess.CompletedProcess[str]]:
    """What became of every command."""
    return {name: run(used, *words) for name, words in COMMANDS.items()}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_works_without_cn_new(name: str, done: dict[str, subprocess.CompletedProcess[str]]) -> None:
    assert done[name].returncode == 0, done[name].stdout[-4000:] + done[name].stderr[-4000:]


def test_no_command_complains(done: dict[str, subprocess.CompletedProcess[str]]) -> None:
    quiet = ("make help", "make secrets", "compose reads compose.yaml", "the program makes its plan")
    assert {name: done[name].stderr for name in quiet} == dict.fromkeys(quiet, "")


def test_the_plan_has_the_address_that_the_readme_names(
    used: Path, done: dict[str, subprocess.CompletedProcess[str]]
) -> None:
    address = done["the program makes its plan"].stdout.strip()
    assert address.removeprefix("http://") in (used / "README.md").read_text(encoding="utf-8")


def test_git_is_clean_afterwards(used: Path, done: dict[str, subprocess.CompletedProcess[str]]) -> None:
    assert run(used, "git", "status", "--porcelain").stdout == ""
    kept = {".env", "infra/.venv/", "services/orders/.venv/"}
    assert kept <= set(
        run(used, "git", "ls-files", "-o", "-i", "--exclude-standard", "--directory").stdout.split()
    )


def test_other_users_cannot_read_secrets(
    used: Path, done: dict[str, subprocess.CompletedProcess[str]]
) -> None:
    assert (used / ".env").stat().st_mode & 0o777 == 0o600


def test_git_is_not_clean_after_a_change(
    used: Path, done: dict[str, subprocess.CompletedProcess[str]]
) -> None:
    (used / "services/orders/app/new.py").write_text("")
    try:
        assert run(used, "git", "status", "--porcelain").stdout == "?? services/orders/app/new.py\n"
    finally:
        (used / "services/orders/app/new.py").unlink()
