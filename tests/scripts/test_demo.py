import importlib.util
import os
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Load scripts/demo.py for a folder of its own and a PATH with git alone: no Docker, no Pulumi."""
    spec = importlib.util.spec_from_file_location("demo", ROOT / "scripts" / "demo.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "SHOP", tmp_path / "build" / "shop")
    tools = tmp_path / "tools"
    tools.mkdir()
    git = shutil.which("git")
    assert git is not None
    (tools / "git").symlink_to(git)
    monkeypatch.setenv("PATH", str(tools))
    return module


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the demo makes its repository once, for those that look at what comes after."""
    return tmp_path_factory.mktemp("made") / "shop"


@pytest.fixture
def shop(demo: ModuleType, made: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The repository of a demo before."""
    folder: Path = demo.SHOP
    if not made.exists():
        monkeypatch.setattr(demo, "SHOP", made)
        assert demo.main(["up"]) == 0
        monkeypatch.setattr(demo, "SHOP", folder)
    shutil.copytree(made, folder, symlinks=True)
    return folder


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".git" not in path.parts
    }


def test_without_tools_the_demo_shows_the_repository_and_says_what_is_missing(
    demo: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert demo.main(["up"]) == 0
    shown = capsys.readouterr().out
    assert "  cn.yaml\n" in shown
    assert "docker is not installed" in shown
    assert "Pulumi CLI is not installed" in shown
    assert "make up ENV=dev" in shown


def test_a_second_demo_makes_the_same_repository(demo: ModuleType) -> None:
    assert demo.main(["up"]) == 0
    first = files(demo.SHOP)
    assert demo.main(["up"]) == 0
    assert files(demo.SHOP) == first


def test_an_edited_repository_is_kept(
    demo: ModuleType, shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop / "README.md").write_text("mine\n")
    assert demo.main(["up"]) == 0
    assert (shop / "README.md").read_text() == "mine\n"
    assert "it has edits" in capsys.readouterr().out


def test_a_file_of_ones_own_is_kept_whatever_git_shows(
    demo: ModuleType, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "settings").write_text("[status]\n\tshowUntrackedFiles = no\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "settings"))
    (shop / "mine").write_text("mine\n")
    assert demo.main(["up"]) == 0
    assert (shop / "mine").read_text() == "mine\n"


def test_a_committed_edit_is_kept(demo: ModuleType, shop: Path) -> None:
    (shop / "README.md").write_text("mine\n")
    author = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a"}
    subprocess.run(
        ["git", "commit", "-qam", "Mine"],
        cwd=shop,
        env={**os.environ, **author, "GIT_COMMITTER_EMAIL": "a@b"},
        check=True,
    )
    assert demo.main(["up"]) == 0
    assert (shop / "README.md").read_text() == "mine\n"


def test_the_state_of_a_running_system_is_kept(demo: ModuleType, shop: Path) -> None:
    state = shop / "infra" / ".pulumi-state" / ".pulumi" / "stacks" / "dev.json"
    state.parent.mkdir(parents=True)
    state.write_text("{}")
    assert demo.main(["up"]) == 0
    assert state.read_text() == "{}"
    assert demo.main(["down"]) == 1
    assert state.read_text() == "{}"


def test_down_removes_a_repository_that_never_ran(demo: ModuleType, shop: Path) -> None:
    assert demo.main(["down"]) == 0
    assert not shop.exists()
    assert demo.main(["down"]) == 0


def test_a_wrong_word_is_refused(demo: ModuleType) -> None:
    assert demo.main(["sideways"]) == 2
