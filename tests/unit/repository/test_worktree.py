"""Files are read with their modes; links, pipes and other obstacles are reported, not followed."""

import os
import socket
from pathlib import Path

import pytest

from generator.rendering.file_tree import EXECUTABLE, REGULAR, File
from generator.repository import worktree
from generator.repository.three_way import Obstacle


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


def test_obstacles_are_described_and_do_not_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
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
    assert worktree.read(tmp_path, ["large"]) == {"large": Obstacle("a file larger than 64 MiB")}


def test_a_read_that_fails_is_an_obstacle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "file").write_text("x")

    def broken(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("generator.repository.worktree.os.fdopen", broken)
    assert worktree.read(tmp_path, ["file"]) == {"file": Obstacle("an unreadable file (Permission denied)")}
