"""A system in a folder with files: each is kept byte for byte, or nothing is written."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pathspec import GitIgnoreSpec

from generator.rendering import file_tree
from generator.rendering.file_tree import EXECUTABLE, REGULAR, File
from generator.repository import existing_files, writer
from generator.repository.existing_files import missing
from generator.repository.writer import DestinationError, DiskError
from tests.unit.folders import read
from tests.unit.repository.test_writer_interrupts import contents, ctrl_c, trace_of

ROOT = Path(__file__).resolve().parents[3]
OURS = file_tree.build(
    [
        (".cn-new/lock.json", File(REGULAR, b"{}\n")),
        (".github/workflows/ci.yml", File(REGULAR, b"on: push\n")),
        (".gitignore", File(REGULAR, b"# Secrets\n.env\n/infra/.passphrase\n\n# Python\n*.pyc\n")),
        ("README.md", File(REGULAR, b"# Ours\n")),
        ("ci/run", File(EXECUTABLE, b"#!/bin/sh\n")),
        ("cn.yaml", File(REGULAR, b"name: shop\n")),
    ]
)
THEIRS = {
    ".github/ISSUE_TEMPLATE/bug.md": File(REGULAR, b"bug\n"),
    ".gitignore": File(REGULAR, b"*.pyc\nbuild/"),
    "LICENSE": File(REGULAR, b"MIT\n"),
    "README.md": File(REGULAR, b"# Theirs\n"),
}
ADDED = b"\n\n# Secrets\n.env\n/infra/.passphrase\n"
BOTH = {
    **OURS,
    **THEIRS,
    ".gitignore": File(REGULAR, THEIRS[".gitignore"].data + ADDED),
}


def fill(folder: Path, files: dict[str, File] = THEIRS) -> Path:
    for path, file in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(file.data)
        (folder / path).chmod(file.mode)
    return folder


def add(folder: Path) -> None:
    found = existing_files.find(folder, OURS)
    writer.create(folder, found.tree, merge=found.added)


def test_files_that_are_there_stay_and_the_others_come(tmp_path: Path) -> None:
    shop = fill(tmp_path / "shop")
    license_ = (shop / "LICENSE").stat()
    found = existing_files.find(shop, OURS)
    assert (found.kept, found.added) == (("README.md",), {".gitignore": ADDED})
    add(shop)
    assert read(shop) == BOTH
    assert (shop / "LICENSE").stat().st_mtime_ns == license_.st_mtime_ns


def test_equal_files_are_not_an_overlap(tmp_path: Path) -> None:
    shop = fill(tmp_path / "shop", {path: OURS[path] for path in ("cn.yaml", "README.md", ".gitignore")})
    (shop / "README.md").write_bytes(OURS["README.md"].data.replace(b"\n", b"\r\n"))
    found = existing_files.find(shop, OURS)
    assert (found.kept, found.added) == ((), {})
    assert set(found.tree) == {".cn-new/lock.json", ".github/workflows/ci.yml", "ci/run"}


def test_all_that_is_in_the_way_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    shop = fill(tmp_path / "shop")
    (shop / "ci").symlink_to(tmp_path)
    (shop / ".cn-new").write_text("x")
    (shop / ".cn-new").unlink()
    (shop / "cn.yaml").write_text("name: other\n")
    (shop / ".gitignore").unlink()
    (shop / ".gitignore").mkdir()
    before = read(shop)
    with pytest.raises(DestinationError) as refused:
        existing_files.find(shop, OURS)
    assert str(refused.value).splitlines() == [
        f"{shop}: .gitignore: blocked by a folder; move it",
        f"{shop}: ci/run: blocked by a symbolic link in place of the folder ci; move it",
        f"{shop}/cn.yaml: different cn.yaml exists; use it with --spec {shop}/cn.yaml, or move it",
    ]
    assert read(shop) == before


def test_another_spelling_of_a_name_is_in_the_way(tmp_path: Path) -> None:
    shop = fill(tmp_path / "shop", {"Readme.md": File(REGULAR, b"mine\n")})
    with pytest.raises(DestinationError, match=r"Readme\.md: same name as README\.md on macOS"):
        existing_files.find(shop, OURS)


def test_an_existing_project_cannot_be_merged_into(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    writer.create(shop, OURS)
    with pytest.raises(DestinationError, match="already a cn-new project; run `cn plan` there"):
        writer.check(shop, merge=True)


def test_a_file_that_appears_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    shop = fill(tmp_path / "shop")
    found = existing_files.find(shop, OURS)
    (shop / ".github/workflows").mkdir()
    (shop / ".github/workflows/ci.yml").write_text("mine\n")
    before = read(shop)
    with pytest.raises(DiskError, match=r"ci\.yml was created there meanwhile"):
        writer.create(shop, found.tree, merge=found.added)
    assert read(shop) == before


def test_a_link_in_place_of_a_folder_is_not_followed(tmp_path: Path) -> None:
    shop, outside = fill(tmp_path / "shop"), fill(tmp_path / "outside")
    found = existing_files.find(shop, OURS)
    (shop / ".github").rename(tmp_path / "gone")
    (shop / ".github").symlink_to(outside)
    with pytest.raises(DiskError):
        writer.create(shop, found.tree, merge=found.added)
    assert read(outside) == THEIRS


@pytest.mark.parametrize(
    ("theirs", "added"),
    [
        (b"", b"\n# Secrets\n.env\n/infra/.passphrase\n\n# Python\n*.pyc\n"),
        (OURS[".gitignore"].data, b""),
        (b"*.pyc\n.env\n", b"\n# Secrets\n/infra/.passphrase\n"),
        (b".env\n/infra/.passphrase\n*.pyc", b""),
        (b".env\n/infra/.passphrase\n*.pyc\n!.env\n", b"\n# Secrets\n.env\n"),
    ],
)
def test_lines_that_are_missing_in_a_gitignore_are_added(theirs: bytes, added: bytes) -> None:
    assert missing(OURS[".gitignore"].data, theirs) == added
    rules = GitIgnoreSpec.from_lines((theirs + added).decode().splitlines())
    assert all(map(rules.match_file, (".env", "infra/.passphrase", "a/b.pyc")))


def test_lines_that_are_added_end_as_the_others(tmp_path: Path) -> None:
    shop = fill(tmp_path / "shop", {".gitignore": File(REGULAR, b"build/\r\n")})
    add(shop)
    data = (shop / ".gitignore").read_bytes()
    assert data.count(b"\n") == data.count(b"\r\n") == 8


# Stopped at any line


def interrupted(folder: Path, count: int, stop: Callable[[], None]) -> bool:
    found = existing_files.find(folder, OURS)
    before = sys.gettrace()
    sys.settrace(trace_of(count, stop))
    try:
        writer.create(folder, found.tree, merge=found.added)
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(before)
    return False


@pytest.mark.slow
def test_ctrl_c_at_any_line_leaves_all_or_what_was_there(tmp_path: Path) -> None:
    for count in range(1, 10_000):
        shop = fill(tmp_path / str(count))
        if not interrupted(shop, count, ctrl_c):
            break
        assert contents(shop) in (THEIRS, BOTH), count
    assert count > 100


KILLED = """
import os, signal, sys
from pathlib import Path
from generator.repository import existing_files
from generator.repository.writer import DestinationError
from tests.unit.folders import read
from tests.unit.repository.test_writer_interrupts import contents
from tests.unit.repository.test_existing_files import BOTH, THEIRS, add, fill, interrupted

for count in range(1, 10_000):
    shop = fill(Path(sys.argv[1], str(count)))
    child = os.fork()
    if child == 0:
        interrupted(shop, count, lambda: os.kill(os.getpid(), signal.SIGKILL))
        os._exit(0)
    if os.waitpid(child, 0)[1] == 0:
        break
    now = contents(shop)
    # The user's files are there at every moment, if only with more lines.
    assert {path: file for path, file in now.items() if path in THEIRS} in (
        THEIRS, {path: BOTH[path] for path in THEIRS}
    ), count
    try:
        add(shop)
    except DestinationError as error:
        done = "cn-new project" in str(error) and now == BOTH
        assert done or "complete now" in str(error), (count, error)
    assert contents(shop) == BOTH, count
assert count > 100, count
"""


@pytest.mark.slow
def test_a_kill_at_any_line_is_made_good_by_the_next_run(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], cwd=ROOT, check=True, env={**os.environ})
