"""What tests of the target for clusters share."""

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tests.stacks.clustered import registered
from tests.stacks.graph import Registration


@dataclass(frozen=True)
class Engine:
    """A docker command that prints what its engine's machine has, first on the path."""

    command: Path

    def answer(self, script: str) -> None:
        self.command.write_text(f"#!/bin/sh\n{script}\n")
        self.command.chmod(0o755)

    def has(self, cpus: int, memory: int) -> None:
        self.answer(f"""[ "$1" != info ] || echo '{{"NCPU": {cpus}, "MemTotal": {memory}}}'""")


@pytest.fixture(autouse=True)
def engine(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """An engine on a large machine, and a state in which there is nothing, whatever there is here."""
    folder = tmp_path_factory.mktemp("engine")
    pulumi = folder / "pulumi"
    pulumi.write_text("#!/bin/sh\necho '{}'\n")
    pulumi.chmod(0o755)
    found = Engine(folder / "docker")
    found.has(cpus=64, memory=2**38)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return found


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder with nothing in it. Without a kubectl nothing is asked before resources are made."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def made(alone: None) -> list[Registration]:
    """All that the program registers of the system."""
    return list(_made())


@cache
def _made() -> list[Registration]:
    return registered(preview=False)
