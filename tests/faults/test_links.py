"""Links that appear while a tree is written: no byte lands outside of the destination."""

from pathlib import Path

import pytest

from generator.repository import writer
from generator.repository.writer import DestinationError, DiskError
from tests.unit.folders import SMALL, read


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "theirs").write_text("theirs")
    return folder


def after_writing(monkeypatch: pytest.MonkeyPatch, function: str, act: object) -> None:
    """Let another process act when a function of writer.py has ended."""
    real = getattr(writer, function)

    def then(*arguments: object) -> object:
        result = real(*arguments)
        act()  # type: ignore[operator]
        return result

    monkeypatch.setattr(writer, function, then)


def only_theirs(outside: Path) -> bool:
    return [path.name for path in outside.iterdir()] == ["theirs"]


def test_a_link_planted_while_the_tree_is_written_leads_no_byte_outside(
    tmp_path: Path, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "project"
    after_writing(monkeypatch, "write", lambda: project.symlink_to(outside))
    with pytest.raises(DiskError):
        writer.create(project, SMALL)
    assert only_theirs(outside)
    assert project.is_symlink()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["outside", "project"]


def test_a_folder_that_is_swapped_for_a_link_gets_nothing(
    tmp_path: Path, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, moved = tmp_path / "project", tmp_path / "moved"
    project.mkdir()

    def swap() -> None:
        project.rename(moved)
        project.symlink_to(outside)

    after_writing(monkeypatch, "write", swap)
    with pytest.raises(DiskError):
        writer.create(project, SMALL)
    assert only_theirs(outside)


@pytest.mark.parametrize("name", ["a", "b"])
def test_a_link_planted_inside_the_destination_is_not_followed(
    name: str, tmp_path: Path, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "project"
    project.mkdir()
    after_writing(monkeypatch, "write", lambda: (project / name).symlink_to(outside))
    with pytest.raises(DiskError, match="was created there meanwhile"):
        writer.create(project, SMALL)
    assert only_theirs(outside)
    assert [path.name for path in project.iterdir()] == [name]


def test_a_chain_of_links_and_a_link_to_itself_are_left_alone(tmp_path: Path, outside: Path) -> None:
    (tmp_path / "second").symlink_to(outside)
    (tmp_path / "first").symlink_to("second")
    (tmp_path / "loop").symlink_to("loop")
    for name in ("first", "second", "loop", "loop/project"):
        with pytest.raises(DestinationError):
            writer.create(tmp_path / name, SMALL)
    assert only_theirs(outside)


def test_a_hard_link_to_a_file_outside_is_not_an_empty_folder(tmp_path: Path, outside: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "b").hardlink_to(outside / "theirs")
    with pytest.raises(DestinationError):
        writer.create(project, SMALL)
    assert (outside / "theirs").read_text() == "theirs"
    assert read(outside).keys() == {"theirs"}
