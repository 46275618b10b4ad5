import subprocess
from pathlib import Path

import pytest

from generator import git


@pytest.fixture(autouse=True)
def no_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (
        "GIT_DIR",
        "GIT_AUTHOR_NAME",
        "GIT_AUTHOR_EMAIL",
        "GIT_COMMITTER_NAME",
        "GIT_COMMITTER_EMAIL",
        "EMAIL",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", "/dev/null")


def folder(tmp_path: Path) -> Path:
    made = tmp_path / "shop"
    made.mkdir()
    (made / "file").write_text("text\n")
    return made


def ask(where: Path, *words: str) -> str:
    return subprocess.run(
        ["git", *words], cwd=where, check=True, capture_output=True, text=True
    ).stdout.strip()


def test_the_first_commit_holds_everything_and_needs_no_identity(tmp_path):
    shop = folder(tmp_path)
    assert git.first_commit(shop, "Start shop") is None
    assert ask(shop, "log", "--format=%s") == "Start shop"
    assert ask(shop, "branch", "--show-current") == "main"
    assert ask(shop, "status", "--porcelain") == ""
    assert ask(shop, "ls-files") == "file"


def test_the_identity_of_the_user_is_used(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Ada")
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "ada@example.org")
    monkeypatch.setenv("GIT_COMMITTER_NAME", "Ada")
    monkeypatch.setenv("GIT_COMMITTER_EMAIL", "ada@example.org")
    shop = folder(tmp_path)
    assert git.first_commit(shop, "Start") is None
    assert ask(shop, "log", "--format=%an <%ae>") == "Ada <ada@example.org>"


def test_without_git_nothing_fails_and_it_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert git.first_commit(folder(tmp_path), "Start") == "git is not installed: no repository was made"


def test_inside_another_repository_none_is_made(tmp_path):
    ask(tmp_path, "init", "--quiet")
    shop = folder(tmp_path)
    assert "inside a git repository" in str(git.first_commit(shop, "Start"))
    assert not (shop / ".git").exists()


def test_where_another_repository_ignores_the_folder_one_is_made(tmp_path):
    ask(tmp_path, "init", "--quiet")
    (tmp_path / ".gitignore").write_text("/shop/\n")
    shop = folder(tmp_path)
    assert git.first_commit(shop, "Start") is None
    assert (shop / ".git").is_dir()


def test_the_environment_of_another_repository_does_not_leak_in(tmp_path, monkeypatch):
    other = tmp_path / "other"
    other.mkdir()
    ask(other, "init", "--quiet")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    shop = folder(tmp_path)
    assert git.first_commit(shop, "Start") is None
    assert (shop / ".git").is_dir()


def test_hooks_and_signing_of_the_user_do_not_run(tmp_path, monkeypatch):
    settings = tmp_path / "settings"
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    hook = hooks / "prepare-commit-msg"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    settings.write_text(
        f"[core]\n\thooksPath = {hooks}\n[commit]\n\tgpgSign = true\n[user]\n\tname = A\n\temail = a@b\n"
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    assert git.first_commit(folder(tmp_path), "Start") is None
