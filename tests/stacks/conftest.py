"""What tests of the target for clusters share."""

from pathlib import Path

import pytest

from tests.stacks.clustered import registered
from tests.stacks.graph import Registration


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder with nothing in it. Without a kubectl nothing is asked before resources are made."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def made(alone: None) -> list[Registration]:
    """All that the program registers of the system."""
    return registered(preview=False)
