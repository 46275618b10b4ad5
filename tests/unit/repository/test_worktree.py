import os
import socket
from pathlib import Path

import pytest

from generator.rendering.file_tree import EXECUTABLE, REGULAR, File
from generator.repository import worktree
from generator.repository.three_way import Obstacle


def nothing_ignored(_: str) -> bool:
    return False


def test_files_are_read_with_their_modes(tmp_path: Path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "plain").write_bytes(b"1")
    (tmp_path / "a" / "script").write_bytes(b"2")
    (tmp_path / "a" / "script").chmod(0o777)
    (tmp_path / "a" / "plain").chmod(0o600)
    assert worktree.read(tmp_path, ["a/plain", "a/script", "a/none", "no/such"]) == {
        "a/plain": File(REGULAR, b"1"),
        "a/script": File(EXECUTABLE, b"2"),
    }


def test_links_are_not_followed_neither_as_files_nor_as_folders(tmp_path: Path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("s")
    project = tmp_path / "project"
    project.mkdir()
    (project / "link").symlink_to(outside / "secret")
    (project / "folder").symlink_to(outside)
    assert worktree.read(project, ["link", "folder/secret", "folder/deep/er"]) == {
        "link": Obstacle("a symbolic link"),
        "folder/secret": Obstacle("a symbolic link in place of the folder folder"),
        "folder/deep/er": Obstacle("a symbolic link in place of the folder folder"),
    }


def test_what_is_no_file_is_named_and_does_not_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        found = worktree.read(tmp_path, ["folder", "pipe", "socket", "file/below"])
    assert {path: entry.what for path, entry in found.items() if isinstance(entry, Obstacle)} == {
        "folder": "a folder",
        "pipe": "a pipe",
        "socket": "a socket",
        "file/below": "a file in place of the folder file",
    }


def test_a_very_large_file_is_not_read(tmp_path: Path):
    with (tmp_path / "large").open("wb") as opened:
        opened.truncate(worktree.MAX_BYTES + 1)
    assert worktree.read(tmp_path, ["large"]) == {"large": Obstacle("a file of more than 64 MiB")}


def test_a_read_that_fails_is_an_obstacle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "file").write_text("x")

    def broken(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("generator.repository.worktree.os.fdopen", broken)
    assert worktree.read(tmp_path, ["file"]) == {
        "file": Obstacle("a file that cannot be read (Permission denied)")
    }


def test_own_files_are_counted_by_service_and_listed_where_asked(tmp_path: Path):
    for name in (
        "services/a/known",
        "services/a/mine",
        "services/a/new/deep",
        "services/b/mine",
        "root",
        ".git/x",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "services" / "b" / "cache").mkdir()
    (tmp_path / "services" / "b" / "cache" / "x").touch()
    (tmp_path / "services" / "a" / "loop").symlink_to(tmp_path)
    found = worktree.added(
        tmp_path, ["services/a/known", "services/b/known"], {"a"}, lambda path: path.endswith("cache/")
    )
    assert found.counts == {"a": 3, "b": 1, "": 1}
    assert found.listed == ("services/a/loop", "services/a/mine", "services/a/new/deep")
    assert not found.more


def test_counting_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for number in range(5):
        (tmp_path / str(number)).touch()
    monkeypatch.setattr(worktree, "MOST_ADDED", 3)
    found = worktree.added(tmp_path, [], (), nothing_ignored)
    assert found.counts == {"": 3}
    assert found.more


def test_a_name_that_is_no_text_is_escaped(tmp_path: Path):
    (tmp_path / "services" / "a").mkdir(parents=True)
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/services/a/\xff")).touch()
    assert worktree.added(tmp_path, [], {"a"}, nothing_ignored).listed == ("services/a/\\xff",)
