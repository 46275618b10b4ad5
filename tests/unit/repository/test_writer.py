"""Writing a tree to a folder: all of it or nothing."""

import os
import resource
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from generator.rendering import file_tree
from generator.rendering.file_tree import EXECUTABLE, REGULAR, File, TreeError
from generator.repository import writer
from generator.repository.writer import DestinationError, DiskError
from tests.unit.folders import read

TREE = file_tree.build(
    [
        ("README.md", File(REGULAR, b"read\n")),
        (".gitignore", File(REGULAR, b"")),
        ("a/b/run", File(EXECUTABLE, b"#!/bin/sh\n")),
        ("a/b/c", File(REGULAR, b"x" * 5000)),
    ]
)


@pytest.fixture(params=[0o022, 0o077, 0o000], ids=["umask022", "umask077", "umask000"])
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


@pytest.fixture(params=["new", "empty"])
def destination(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    if request.param == "empty":
        folder.mkdir()
    return folder


@pytest.mark.usefixtures("umask")
def test_a_tree_is_written_with_its_modes_and_nothing_else(destination: Path) -> None:
    writer.create(destination, TREE)
    assert read(destination) == TREE
    assert [path.name for path in destination.parent.iterdir()] == ["project"]
    assert stat.S_IMODE((destination / "a/b").stat().st_mode) == 0o755


@pytest.mark.usefixtures("umask")
def test_a_new_folder_has_mode_755(tmp_path: Path) -> None:
    writer.create(tmp_path / "project", TREE)
    assert stat.S_IMODE((tmp_path / "project").stat().st_mode) == 0o755


@pytest.mark.usefixtures("umask")
def test_an_existing_folder_stays_the_same_folder(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "project").chmod(0o750)
    before = (tmp_path / "project").stat()
    writer.create(tmp_path / "project", TREE)
    after = (tmp_path / "project").stat()
    assert (before.st_ino, before.st_mode) == (after.st_ino, after.st_mode)


def test_the_current_folder_can_be_filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    writer.create(Path(), TREE)
    assert read(tmp_path) == TREE


def test_a_relative_path_with_dots_is_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    writer.create(Path("../there"), TREE)
    assert read(tmp_path / "there") == TREE


def test_missing_parents_are_made(tmp_path: Path) -> None:
    writer.create(tmp_path / "x/y/project", TREE)
    assert read(tmp_path / "x/y/project") == TREE


def test_a_linked_parent_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    writer.create(tmp_path / "link/project", TREE)
    assert read(tmp_path / "real/project") == TREE


def occupy_with_file(folder: Path) -> Path:
    (folder / "project").write_text("mine")
    return folder / "project"


def occupy_with_content(folder: Path) -> Path:
    (folder / "project").mkdir()
    (folder / "project/.mine").write_text("mine")
    return folder / "project"


def occupy_with_link(folder: Path) -> Path:
    (folder / "real").mkdir()
    (folder / "project").symlink_to("real")
    return folder / "project"


def occupy_with_dead_link(folder: Path) -> Path:
    (folder / "project").symlink_to("nowhere")
    return folder / "project"


def occupy_parent_with_file(folder: Path) -> Path:
    (folder / "file").write_text("mine")
    return folder / "file/x/project"


def occupy_parent_with_dead_link(folder: Path) -> Path:
    (folder / "link").symlink_to("nowhere")
    return folder / "link/project"


@pytest.mark.parametrize(
    ("occupy", "message"),
    [
        (occupy_with_file, "not a directory; choose another folder"),
        (occupy_with_content, "not empty; choose a new or empty folder"),
        (occupy_with_link, "symbolic link; use the path of its target"),
        (occupy_with_dead_link, "symbolic link; use the path of its target"),
        (occupy_parent_with_file, "is not a directory"),
        (occupy_parent_with_dead_link, "is a broken symbolic link"),
    ],
)
def test_what_is_there_already_is_left_alone(
    occupy: Callable[[Path], Path], message: str, tmp_path: Path
) -> None:
    destination = occupy(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    for act in (writer.check, lambda path: writer.create(path, TREE)):
        with pytest.raises(DestinationError, match=message):
            act(destination)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_check_writes_nothing(tmp_path: Path) -> None:
    writer.check(tmp_path / "x/project")
    writer.check(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_illegal_tree_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(TreeError):
        writer.create(tmp_path / "project", {"../evil": File(REGULAR, b"")})
    assert list(tmp_path.iterdir()) == []


def test_a_write_that_fails_leaves_nothing(destination: Path) -> None:
    before = list(destination.parent.rglob("*"))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(DiskError, match="cannot write: File too large; nothing was left behind"):
            writer.create(destination, TREE)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(destination.parent.rglob("*")) == before


def test_parents_made_without_use_go_again(tmp_path: Path) -> None:
    with pytest.raises(DiskError, match="File name too long"):
        writer.create(tmp_path / "x/y" / ("z" * 300), TREE)
    assert list(tmp_path.iterdir()) == []
