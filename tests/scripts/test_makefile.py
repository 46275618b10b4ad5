"""Our own Makefile: what a user has exported for other programs changes nothing that it does."""

import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TARGETS = ("test", "lint", "format", "conformance", "record", "parity", "fuzz", "golden", "wheel", "clean")
HOSTILE = dict.fromkeys(
    [
        "ARGS",
        "JOBS",
        "MUTANTS",
        "PIP",
        "PYTEST",
        "PYTHONS",
        "READY",
        "RUN",
        "RUNTIME",
        "SAME",
        "SEED",
        "SOURCES",
        "SPECS",
        "VENV",
    ],
    "other",
)


def make(*words: str, variables: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run make with nothing else in the environment; `make test` runs this test with words of its own."""
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **variables}
    return subprocess.run(
        ("make", *words), cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60
    )


def test_every_target_does_the_same_with_every_variable_exported(require: Callable[..., None]) -> None:
    require("make")
    plain = make("-n", *TARGETS, variables={})
    assert "pytest" in plain.stdout
    exported = make("-n", *TARGETS, variables={**HOSTILE, "PYTHONHOME": "/nonexistent"})
    assert (exported.stdout, exported.stderr) == (plain.stdout, plain.stderr)
    assert make("-n", "test", "JOBS=2", "ARGS=-k x", variables={}).stdout.count("-k x -n 2 ") == 1


@pytest.mark.parametrize("python", ["3.12", "/", "false"])
def test_an_invalid_python_is_named(tmp_path: Path, python: str, require: Callable[..., None]) -> None:
    require("make")
    done = make("setup", f"VENV={tmp_path}/venv", variables={"PYTHON": python})
    assert done.returncode == 2
    assert f"PYTHON={python}: not Python 3.11 or newer; choose one with `make setup PYTHON=" in done.stderr
    assert not (tmp_path / "venv").exists()


def test_a_virtual_environment_without_its_python_or_of_another_folder_is_recreated(
    tmp_path: Path, require: Callable[..., None]
) -> None:
    require("make")
    python = tmp_path / "venv/bin/python"
    python.parent.mkdir(parents=True)
    (tmp_path / "venv/.ready").touch()
    words = ("-n", "setup", f"VENV={tmp_path}/venv", "PYTHON=python3")
    assert "-m venv" in make(*words, variables={}).stdout, "it has none"
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    assert "-m venv" in make(*words, variables={}).stdout, "it has what is in another folder"
    python.write_text("#!/bin/sh\n")
    assert "-m venv" not in make(*words, variables={}).stdout
