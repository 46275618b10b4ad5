"""The baseline of a project: written, read, verified, and the errors of a corrupt one."""

import io
import json
import lzma
import tarfile
from pathlib import Path
from typing import Any

import pytest

from generator.rendering import file_tree
from generator.rendering.file_tree import EXECUTABLE, REGULAR, File
from generator.rendering.template import open_template
from generator.repository import baseline
from generator.repository.baseline import ARCHIVE, LOCK, BaselineError
from generator.repository.writer import create

RENDERED = file_tree.build(
    [
        ("README.md", File(REGULAR, b"read\n")),
        ("a/empty", File(REGULAR, b"")),
        ("a/copy.md", File(REGULAR, b"read\n")),
        ("a/run", File(EXECUTABLE, b"read\n")),
        ("deep/" + "x" * 150 + "/" + "\u00e9" * 60, File(REGULAR, bytes(range(256)))),
    ]
)
ANSWERS: dict[str, Any] = {
    "context": 1,
    "services": [{"id": "front", "name": "web"}, {"id": "api", "name": "api"}],
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    locked = baseline.lock_files(RENDERED, open_template(), ANSWERS)
    create(tmp_path / "project", {**RENDERED, **locked})
    return tmp_path / "project"


def fault(project: Path) -> str:
    with pytest.raises(BaselineError) as caught:
        baseline.read(project)
    return str(caught.value)


def test_all_files_of_a_baseline_are_known_before_they_are_packed() -> None:
    assert baseline.lock_files(RENDERED, open_template(), ANSWERS).keys() == baseline.FILES


def test_a_baseline_reads_back(project: Path) -> None:
    found = baseline.read(project)
    assert found.tree == RENDERED
    assert found.lock.services == {"front": "web", "api": "api"}
    assert found.lock.tree == file_tree.digest(RENDERED)
    assert (found.lock.template, found.lock.template_digest) == ("cn-new", open_template().digest)


def test_the_same_tree_gives_the_same_files() -> None:
    shuffled = dict(reversed(list(RENDERED.items())))
    files = [baseline.lock_files(entry, open_template(), ANSWERS) for entry in (RENDERED, shuffled)]
    assert files[0] == files[1]


def test_the_archive_is_one_that_tar_reads(project: Path) -> None:
    with tarfile.open(project / ARCHIVE) as archive:
        assert sorted(archive.getnames()) == sorted(RENDERED)
        assert {entry.mtime for entry in archive} == {0}


def test_a_missing_baseline_is_an_error(tmp_path: Path) -> None:
    assert fault(tmp_path).startswith(".cn-new/lock.json: no such file")


def test_a_missing_archive_is_an_error(project: Path) -> None:
    (project / ARCHIVE).unlink()
    assert fault(project).startswith(".cn-new/baseline.tar.xz: no such file")


def test_a_newer_format_is_an_error(project: Path) -> None:
    lock = json.loads((project / LOCK).read_text())
    (project / LOCK).write_text(json.dumps({**lock, "format": 2, "more": 1}))
    assert (
        fault(project)
        == ".cn-new/lock.json: unsupported format 2, expected 1; use the version of cn-new that wrote it"
    )


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format": 1}', '{"format": "1"}', "[" * 100_000, "<<<<<<< ours\n"]
)
def test_a_corrupt_lock_is_an_error(text: str, project: Path) -> None:
    (project / LOCK).write_text(text)
    assert fault(project) == ".cn-new/lock.json: corrupt file; restore it from version control"


@pytest.mark.parametrize(
    "hostile",
    [
        {"services": {"api": "old\ndiff --git a/planted b/planted\n"}},
        {"services": {"api": None}},
        {"services": {"a\u001b[2J": "api"}},
        {"cn_new": "1\u001b]0;x\u0007"},
    ],
    ids=["lines", "nothing", "name", "version"],
)
def test_a_lock_holds_no_text_that_a_terminal_or_a_patch_would_obey(
    hostile: dict[str, object], project: Path
) -> None:
    lock = json.loads((project / LOCK).read_text())
    (project / LOCK).write_text(json.dumps({**lock, **hostile}))
    assert fault(project) == ".cn-new/lock.json: corrupt file; restore it from version control"


@pytest.mark.parametrize(
    "headers",
    [
        {"GNU.sparse.size": str(2**40), "GNU.sparse.map": "0,0"},
        {"GNU.sparse.major": "1", "GNU.sparse.minor": "0"},
    ],
)
def test_a_sparse_archive_is_an_error(headers: dict, project: Path) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:xz", format=tarfile.PAX_FORMAT) as archive:
        entry = tarfile.TarInfo("a")
        entry.pax_headers = headers
        archive.addfile(entry)
    (project / ARCHIVE).write_bytes(packed.getvalue())
    assert fault(project).startswith(".cn-new/baseline.tar.xz: corrupt file")


def test_an_archive_of_another_lock_is_an_error(project: Path) -> None:
    other = baseline.lock_files({"a": File(REGULAR, b"")}, open_template(), ANSWERS)
    (project / ARCHIVE).write_bytes(other[ARCHIVE].data)
    assert fault(project).startswith(".cn-new/baseline.tar.xz: digest does not match .cn-new/lock.json")


def test_a_corrupt_archive_is_an_error(project: Path) -> None:
    whole = (project / ARCHIVE).read_bytes()
    for data in (
        b"",
        b"no archive",
        whole[:-20],
        whole[:50] + b"\0\0\0\0" + whole[54:],
        lzma.compress(b"no tar" * 200),
    ):
        (project / ARCHIVE).write_bytes(data)
        assert fault(project).startswith(".cn-new/baseline.tar.xz: "), data[:20]


@pytest.mark.parametrize(
    ("name", "kind"),
    [("../x", tarfile.REGTYPE), ("a", tarfile.SYMTYPE), ("a", tarfile.LNKTYPE), ("a", tarfile.FIFOTYPE)],
)
def test_an_archive_with_other_entries_than_files_is_an_error(name: str, kind: bytes, project: Path) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:xz") as archive:
        entry = tarfile.TarInfo(name)
        entry.type, entry.linkname = kind, "/etc/passwd"
        archive.addfile(entry)
    (project / ARCHIVE).write_bytes(packed.getvalue())
    assert fault(project).startswith(".cn-new/baseline.tar.xz: corrupt file")


def test_a_link_instead_of_a_file_is_an_error(project: Path) -> None:
    moved = (project / LOCK).rename(project / "elsewhere")
    (project / LOCK).symlink_to(moved)
    assert fault(project) == ".cn-new/lock.json: not a regular file; restore it from version control"


@pytest.mark.parametrize(
    "path", ["a", "services/a/b.py", "x" * 99, "x" * 100, "y" * 101, "\u00e9" * 49, "\u00e9" * 80]
)
@pytest.mark.parametrize("known", ["b", "x" * 99, "z" * 100, "z" * 300])
def test_the_header_of_a_link_is_the_one_of_tarfile(path: str, known: str) -> None:
    for mode in (REGULAR, EXECUTABLE):
        entry = tarfile.TarInfo(path)
        entry.mode, entry.type, entry.linkname = mode, tarfile.LNKTYPE, known
        assert baseline._link(path, mode, known) == entry.tobuf(tarfile.GNU_FORMAT)
