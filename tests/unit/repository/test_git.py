"""The first commit and the notes inside a larger repository."""

import subprocess
from pathlib import Path

import pytest

from generator.rendering.file_tree import EXECUTABLE, REGULAR, File, Tree
from generator.repository.git import first_commit as commits
from generator.repository.git import nested_repository, queries
from tests.repository.hostile import IGNORED, settings
from tests.unit.folders import read


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


TREE: Tree = {
    ".gitignore": File(REGULAR, b".env\n"),
    "ci/run": File(EXECUTABLE, b"#!/bin/sh\n"),
    "migrations/*.sql": File(REGULAR, b"select 1;\n"),
    "package-lock.json": File(REGULAR, b"{}\n"),
}


def first_commit(where: Path) -> list[str]:
    return commits.first_commit(where, TREE, "Start shop")


def folder(tmp_path: Path) -> Path:
    made = tmp_path / "shop"
    made.mkdir()
    for path, file in TREE.items():
        (made / path).parent.mkdir(exist_ok=True)
        (made / path).write_bytes(file.data)
        (made / path).chmod(file.mode)
    return made


def ask(where: Path, *words: str) -> str:
    return subprocess.run(
        ["git", *words], cwd=where, check=True, capture_output=True, text=True
    ).stdout.strip()


def files(where: Path) -> list[str]:
    return ask(where, "-c", "core.quotePath=false", "ls-tree", "-r", "--name-only", "HEAD").splitlines()


def test_the_first_commit_holds_everything_and_needs_no_identity(tmp_path):
    shop = folder(tmp_path)
    assert first_commit(shop) == []
    assert ask(shop, "log", "--format=%s %an <%ae>") == "Start shop cn-new <cn-new@localhost>"
    assert ask(shop, "branch", "--show-current") == "main"
    assert ask(shop, "status", "--porcelain") == ""
    assert files(shop) == list(TREE)


def test_the_identity_of_the_user_is_used(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Ada")
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "ada@example.org")
    shop = folder(tmp_path)
    assert first_commit(shop) == []
    assert ask(shop, "log", "--format=%an <%ae> %cn") == "Ada <ada@example.org> cn-new"


def test_a_name_that_git_rejects_is_replaced(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_AUTHOR_NAME", "")
    monkeypatch.setenv("GIT_COMMITTER_NAME", "<>")
    assert first_commit(folder(tmp_path)) == []


def test_without_git_there_is_a_note(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert first_commit(folder(tmp_path)) == ["git is not installed: no git repository was created"]


def test_inside_another_repository_none_is_made(tmp_path):
    ask(tmp_path, "init", "--quiet")
    shop = folder(tmp_path)
    assert first_commit(shop) == []
    assert not (shop / ".git").exists()
    assert ask(tmp_path, "ls-files") == ""


def test_where_another_repository_ignores_the_folder_one_is_made(tmp_path):
    ask(tmp_path, "init", "--quiet")
    (tmp_path / ".gitignore").write_text("/shop/\n")
    assert queries.root(tmp_path / "shop") is None, "also before it is there"
    shop = folder(tmp_path)
    assert first_commit(shop) == []
    assert (shop / ".git").is_dir()


def test_the_environment_of_another_repository_does_not_leak_in(tmp_path, monkeypatch):
    other = tmp_path / "other"
    other.mkdir()
    ask(other, "init", "--quiet")
    for name, value in (("DIR", ".git"), ("WORK_TREE", ""), ("INDEX_FILE", ".git/index")):
        monkeypatch.setenv(f"GIT_{name}", str(other / value))
    monkeypatch.setenv("GIT_TEMPLATE_DIR", str(other))
    shop = folder(tmp_path)
    assert first_commit(shop) == []
    assert (shop / ".git").is_dir()
    monkeypatch.undo()
    assert ask(other, "ls-files") == ""


def test_no_setting_of_the_user_changes_the_first_commit(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings(tmp_path)))
    shop = folder(tmp_path)
    (shop / ".env").write_text("PASSWORD=1\n")
    assert first_commit(shop) == []
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    assert files(shop) == list(TREE)
    assert ask(shop, "ls-files", "--stage", "ci/run").startswith("100755 ")
    assert "gpgsig" not in ask(shop, "cat-file", "commit", "HEAD")
    assert not (shop / ".git/hooks").exists()


def test_neither_a_system_wide_ignore_nor_one_of_the_repository_leaves_a_file_out(tmp_path, monkeypatch):
    system = tmp_path / "system"
    (tmp_path / "ignore").write_text(IGNORED)
    system.write_text(f"[core]\n\texcludesFile = {tmp_path / 'ignore'}\n")
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", str(system))
    shop = folder(tmp_path)
    ask(shop, "init", "--quiet", "--initial-branch=trunk")
    (shop / ".git/info").mkdir(exist_ok=True)
    (shop / ".git/info/exclude").write_text("*\n")
    assert first_commit(shop) == []
    assert files(shop) == list(TREE)


def test_a_file_system_without_modes_loses_none_in_the_commit(tmp_path):
    shop = folder(tmp_path)
    ask(shop, "init", "--quiet")
    ask(shop, "config", "core.fileMode", "false")
    (shop / "ci/run").chmod(0o600)
    assert first_commit(shop) == []
    assert ask(shop, "ls-files", "--stage", "ci/run").startswith("100755 ")


def test_a_repository_with_commits_gets_the_files_staged_and_no_commit(tmp_path):
    shop = folder(tmp_path)
    ask(shop, "init", "--quiet", "--initial-branch=trunk")
    (shop / "mine").write_text("1")
    (shop / "other").write_text("1")
    ask(shop, "add", "mine")
    ask(shop, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "-m", "mine")
    before = ask(shop, "rev-parse", "HEAD")
    message = first_commit(shop)
    assert message == [
        "the repository has commits: the files are staged; commit them with git commit -m 'Start shop'"
    ]
    assert ask(shop, "rev-parse", "HEAD") == before
    assert ask(shop, "ls-files").splitlines() == sorted([*TREE, "mine"])
    assert ask(shop, "status", "--porcelain", "other") == "?? other"


# A system in a folder of a larger repository

FORGE = {
    ".github/workflows/ci.yml": "move it to .github/workflows/ there and add "
    "`defaults: {run: {working-directory: systems/shop}}`",
    "CODEOWNERS": "prefix each path with /systems/shop",
    "renovate.json": "merge it into the renovate.json there",
    ".devcontainer/devcontainer.json": "open systems/shop as the workspace folder",
}


def test_files_that_work_only_at_the_top_of_a_repository_are_named(tmp_path):
    ask(tmp_path, "init", "--quiet")
    (tmp_path / "systems").mkdir()
    shop = tmp_path / "systems/shop"
    plain = {"Makefile": File(REGULAR, b"")}
    first, *rest = nested_repository.notes(shop, plain)
    place = f"systems/shop is inside the git repository {tmp_path.resolve()}"
    assert (first, rest) == (f"{place}: no new repository was created, and nothing was committed", [])
    _, *rest = nested_repository.notes(shop, plain | dict.fromkeys(FORGE, File(REGULAR, b"")))
    assert {note.partition(":")[0] for note in rest} == set(FORGE)
    for path, help_ in FORGE.items():
        assert next(note for note in rest if note.startswith(path)).endswith(help_)


def test_files_that_the_larger_repository_ignores_are_named(tmp_path):
    ask(tmp_path, "init", "--quiet")
    (tmp_path / ".gitignore").write_text("*.json\n*.sql\n")
    message = nested_repository.notes(tmp_path / "shop", TREE)
    needed = "add these files with `git add --force`"
    assert message[1:] == [f"ignored in that repository: migrations/*.sql, package-lock.json; {needed}"]
    more = dict(TREE) | dict.fromkeys(("x.json", "y.json"), File(REGULAR, b""))
    assert (
        "repository: migrations/*.sql, package-lock.json, x.json and 1 more; "
        in nested_repository.notes(tmp_path / "shop", more)[1]
    )


def test_at_the_top_of_a_repository_or_without_one_there_is_nothing_to_say(tmp_path):
    assert nested_repository.notes(tmp_path / "shop", TREE) == []
    ask(tmp_path, "init", "--quiet")
    assert nested_repository.notes(tmp_path, TREE) == []
    assert read(tmp_path / "shop") == {}
