"""What a user has told pip, Python, npm and Go for other work breaks nothing of ours."""

import hashlib
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from generator.repository import writer
from tests.repository.ci_repository import rendered
from tests.repository.fresh import Fresh

# An interpreter outside of virtual environments.
PYTHON = getattr(sys, "_base_executable", sys.executable)
INFRA = ("pulumi", "pulumi_docker", "pulumi_kubernetes", "pulumi_random", "pydantic_core")
SERVICE = ("fastapi", "pytest", "pydantic_core")
SPEC = b"""\
name: all
services:
  one: {runtime: python, database: postgres}
  two: {runtime: node, database: postgres}
  three: {runtime: go, database: postgres}
"""


def wheel(folder: Path, name: str) -> str:
    """Make a package of one module and nothing in it, and return its line in a lock file."""
    file = folder / f"{name}-1-py3-none-any.whl"
    about = f"{name}-1.dist-info"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(f"{name}.py", "")
        archive.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
        archive.writestr(
            f"{about}/WHEEL", "Wheel-Version: 1.0\nGenerator: us\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(
            f"{about}/RECORD", f"{name}.py,,\n{about}/METADATA,,\n{about}/WHEEL,,\n{about}/RECORD,,\n"
        )
    return f"{name}==1 --hash=sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}\n"


def personal(folder: Path) -> dict[str, str]:
    """Return all that a user may have told pip and Python, and where packages are, which is to be heard."""
    (folder / "shadow").mkdir()
    for name in ("pulumi", "fastapi", "pip"):
        (folder / "shadow" / f"{name}.py").write_text("raise SystemExit('of something else')\n")
    config = f"[global]\nno-index = true\nfind-links = {folder}\n[install]\nuser = true\n"
    (folder / "pip.conf").write_text(config)
    elsewhere = str(folder / "elsewhere")
    return {
        "PIP_CONFIG_FILE": str(folder / "pip.conf"),
        "PIP_DRY_RUN": "1",
        "PIP_NO_DEPS": "1",
        "PIP_PREFIX": elsewhere,
        "PIP_PYTHON": "/usr/bin/python3",
        "PIP_REQUIRE_VIRTUALENV": "1",
        "PIP_ROOT": elsewhere,
        "PIP_TARGET": elsewhere,
        "PIP_USER": "1",
        "PYTHONHOME": "/nonexistent",
        "PYTHONPATH": str(folder / "shadow"),
        "PYTHONSAFEPATH": "1",
        "PYTHONUSERBASE": elsewhere,
        "VIRTUAL_ENV": elsewhere,
    }


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    (tmp_path / "packages").mkdir()
    return tmp_path / "packages"


def test_the_program_gets_its_virtual_environment(
    tmp_path: Path, packages: Path, require: Callable[..., None]
) -> None:
    require("make")
    fresh = Fresh.create(tmp_path)
    (fresh.folder / "infra/requirements.txt").write_text("".join(wheel(packages, name) for name in INFRA))
    variables = personal(packages)
    called = fresh.make("up", f"PYTHON={PYTHON}", variables=variables)
    assert "pulumi --cwd infra --non-interactive up" in called
    python = fresh.folder / "infra/.venv/bin/python"
    done = fresh.run(str(python), "-c", f"import {', '.join(INFRA)}")
    assert done.returncode == 0, done.stderr
    assert not (packages / "elsewhere").exists()
    # From the shell that has it activated, and in a folder that has another name by now.
    moved = fresh.folder.rename(tmp_path / "moved")
    again = Fresh(moved, fresh.tools)
    path = f"{moved}/infra/.venv/bin:{fresh.tools}:/usr/bin:/bin"
    (moved / "infra/requirements.txt").touch()
    again.make("up", "PYTHON=python3", variables={**variables, "PATH": path})
    assert (moved / "infra/.venv/.ready").exists()


@pytest.mark.skipif(sys.version_info < (3, 12), reason="a service needs Python 3.12")
def test_a_service_gets_its_virtual_environment(
    tmp_path: Path, packages: Path, require: Callable[..., None]
) -> None:
    require("make")
    fresh = Fresh.create(tmp_path, spec=SPEC)
    service = fresh.folder / "services/one"
    (service / "requirements-dev.txt").write_text("".join(wheel(packages, name) for name in SERVICE))
    python = f"PYTHON={PYTHON}"
    done = fresh.run("make", ".venv/installed", python, variables=personal(packages), where=service)
    assert done.returncode == 0, done.stdout + done.stderr
    assert fresh.run(str(service / ".venv/bin/python"), "-c", "import fastapi").returncode == 0
    assert not (packages / "elsewhere").exists()
    done = fresh.run("make", "-n", ".venv/installed", where=service)
    assert "up to date" in done.stdout
    (service / ".venv/bin/python").unlink()
    assert "-m venv" in fresh.run("make", "-n", ".venv/installed", where=service).stdout


TARGETS = ("run", "test", "lint", "format", "migrate", "openapi", "lock", "image", "clean")
COMMON = dict.fromkeys(("GO", "IMAGE", "LOCK", "NAME", "READY", "RUN", "VENV"), "other")


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory, require: Callable[..., None]) -> Path:
    require("make")
    folder = tmp_path_factory.mktemp("all") / "all"
    writer.create(folder, rendered(SPEC))
    return folder / "services"


def make(folder: Path, *words: str, variables: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), **variables}
    return subprocess.run(
        ("make", *words), cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("service", ["one", "two", "three"])
def test_a_service_does_the_same_with_every_variable_exported(services: Path, service: str) -> None:
    folder = services / service
    plain = make(folder, "-n", *TARGETS, variables={}).stdout
    assert "docker build -t" in plain
    assert make(folder, "-n", *TARGETS, variables=COMMON).stdout == plain
    done = make(folder, "-n", "migration", variables=COMMON)
    assert 'test -n ""' in done.stdout, "an exported name is not the name of a migration"
    assert 'test -n "add price"' in make(folder, "-n", "migration", "NAME=add price", variables=COMMON).stdout


def test_a_service_in_go_is_built_as_in_its_image(services: Path, tmp_path: Path) -> None:
    go = tmp_path / "go"
    go.write_text("#!/bin/sh\nenv | grep -E '^(CGO|GO)' | sort\n")
    go.chmod(0o755)
    variables = {
        "CGO_ENABLED": "1",
        "GO111MODULE": "off",
        "GOARCH": "wasm",
        "GOFLAGS": "-mod=vendor -buildvcs=false",
        "GOOS": "js",
        "GOPROXY": "https://mirror.example.com",
        "GOWORK": "/nonexistent/go.work",
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
    }
    done = make(services / "three", "-s", "test", variables=variables)
    assert done.stdout.split() == [
        "CGO_ENABLED=0",
        "GOFLAGS=-buildvcs=false",
        "GOPROXY=https://mirror.example.com",
        "GOWORK=off",
    ]


def test_a_service_in_node_gets_all_it_needs(
    services: Path, tmp_path: Path, require: Callable[..., None]
) -> None:
    """With npm itself, and nothing to install but a folder that only development needs."""
    require("npm")
    service = tmp_path / "two"
    (service / "tool").mkdir(parents=True)
    (service / "Makefile").write_text((services / "two/Makefile").read_text())
    (service / "tool/package.json").write_text(json.dumps({"name": "tool", "version": "1.0.0"}))
    package = {"name": "two", "version": "1.0.0", "devDependencies": {"tool": "file:./tool"}}
    package["scripts"] = {"test": "node -e \"require.resolve('tool/package.json')\""}
    (service / "package.json").write_text(json.dumps(package))
    path = {"PATH": os.environ["PATH"], "HOME": str(service)}
    lock = ("npm", "install", "--package-lock-only", "--offline", "--no-audit", "--no-fund")
    subprocess.run(lock, cwd=service, env=path, check=True, capture_output=True)
    variables = {
        "NODE_ENV": "production",
        "NPM_CONFIG_IGNORE_SCRIPTS": "true",
        "NPM_CONFIG_PREFIX": str(tmp_path / "elsewhere"),
        "npm_config_global": "true",
        "npm_config_omit": "dev",
    }
    done = make(service, "test", variables=variables)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not (tmp_path / "elsewhere").exists()
