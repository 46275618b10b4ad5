"""Where commands are run, and what they find there."""

import io
import shutil
from pathlib import Path

import pytest

from generator import main as cli
from generator.doctor import version_probe
from generator.result import DONE
from tests.unit.edited_shop import SPEC
from tests.unit.fake_kubectl import FakeKubectl


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Run in an empty folder, without a terminal."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO()))
    return tmp_path


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder that is the whole PATH, and stand in an empty one."""
    folder = tmp_path / "bin"
    folder.mkdir()
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(version_probe, "SECONDS", 10.0)
    return folder


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project as it was made; to be read only."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "cn.yaml").write_text(SPEC)
    made = ["--spec", str(folder / "cn.yaml"), "--into", str(folder / "shop"), "--quiet", "--no-git"]
    assert cli.main_new(made) == DONE
    return folder / "shop"


@pytest.fixture
def shop(pristine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Run in a copy of the project."""
    folder = tmp_path / "shop"
    shutil.copytree(pristine, folder)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeKubectl:
    """A kubectl that answers what the test says."""
    return FakeKubectl(tmp_path / "bin", monkeypatch)
