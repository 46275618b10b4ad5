"""The three-way merge of one file by git."""

import subprocess

import pytest

from generator.repository.text_merge import merge, with_line_ends_of


def test_conflicts_are_counted_and_marked():
    merged = merge(b"a\n", b"mine\n", b"new\n")
    assert merged is not None
    assert merged.conflicts == 1
    assert merged.data == b"<<<<<<< yours\nmine\n=======\nnew\n>>>>>>> new\n"


def test_many_conflicts_are_not_a_error():
    lines = [b"%d\n" % number for number in range(2000)]
    sides = [
        b"".join(word if index % 5 == 0 else line for index, line in enumerate(lines))
        for word in (b"x\n", b"y\n")
    ]
    merged = merge(b"".join(lines), *sides)
    assert merged is not None
    assert merged.conflicts == 127, "git counts no further"


def test_no_text_is_not_merged():
    assert merge(b"\0", b"a", b"b") is None


def test_without_git_nothing_is_merged(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", "")
    assert merge(b"a\n", b"b\n", b"c\n") is None


def test_without_a_place_for_it_nothing_is_merged(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tempfile.tempdir", "/none")
    assert merge(b"a\n", b"b\n", b"c\n") is None


def test_a_git_that_fails_or_hangs_merges_nothing(monkeypatch: pytest.MonkeyPatch):
    def failing(*_, **__):
        return subprocess.CompletedProcess([], 255, b"half")

    def hanging(*_, **__):
        raise subprocess.TimeoutExpired("git", 30)

    for run in (failing, hanging):
        monkeypatch.setattr("generator.repository.text_merge.subprocess.run", run)
        assert merge(b"a\n", b"b\n", b"c\n") is None


def test_the_users_configuration_of_git_changes_no_merge(monkeypatch, tmp_path):
    (tmp_path / ".gitconfig").write_text("[merge]\n\tconflictStyle = diff3\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / ".gitconfig"))
    merged = merge(b"a\n", b"b\n", b"c\n")
    assert merged is not None
    assert b"|||||||" not in merged.data


def test_only_a_file_that_has_them_throughout_gives_its_line_ends():
    assert with_line_ends_of(b"a\r\nb\r\n", b"x\ny\n") == b"x\r\ny\r\n"
    assert with_line_ends_of(b"a\r\nb\n", b"x\ny\n") == b"x\ny\n"
    assert with_line_ends_of(b"a\r\n", b"x\r\ny\n") == b"x\r\ny\n"
    assert with_line_ends_of(b"", b"x\n") == b"x\n"
