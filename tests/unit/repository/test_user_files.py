"""The user's own files are counted by service, up to a limit."""

import os
from pathlib import Path

import pytest

from generator.repository import user_files


def nothing_ignored(_: str) -> bool:
    return False


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
    found = user_files.find(
        tmp_path, ["services/a/known", "services/b/known"], {"a"}, lambda path: path.endswith("cache/")
    )
    assert found.counts == {"a": 3, "b": 1, "": 1}
    assert found.listed == ("services/a/loop", "services/a/mine", "services/a/new/deep")
    assert not found.truncated


def test_counting_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for number in range(5):
        (tmp_path / str(number)).touch()
    monkeypatch.setattr(user_files, "MAX_FILES", 3)
    found = user_files.find(tmp_path, [], (), nothing_ignored)
    assert found.counts == {"": 3}
    assert found.truncated


def test_a_name_that_is_not_utf_8_is_escaped(tmp_path: Path):
    (tmp_path / "services" / "a").mkdir(parents=True)
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/services/a/\xff")).touch()
    assert user_files.find(tmp_path, [], {"a"}, nothing_ignored).listed == ("services/a/\\xff",)
