"""git applies each patch to the expected result."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.rendering.file_tree import EXECUTABLE, REGULAR, File
from generator.repository.git.patch import patch
from tests.examples import examples

CONTENTS = st.binary(max_size=40) | st.text("ab \n\r\u2028\x0cé", max_size=30).map(str.encode)
FILES = st.none() | st.builds(File, st.sampled_from([REGULAR, EXECUTABLE]), CONTENTS)


def put(path: Path, file: File | None) -> None:
    path.unlink(missing_ok=True)
    if file is not None:
        path.write_bytes(file.data)
        path.chmod(file.mode)


def state(path: Path) -> File | None:
    if not path.exists():
        return None
    return File(EXECUTABLE if path.stat().st_mode & 0o100 else REGULAR, path.read_bytes())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("patched")


@settings(max_examples=examples(40))
@given(before=FILES, after=FILES, name=st.sampled_from(["a.txt", "with space", "é"]))
def test_git_applies_a_patch_to_the_bit(folder: Path, before: File | None, after: File | None, name: str):
    put(folder / name, before)
    text = patch(name, before, after)
    assert bool(text) == (before != after)
    if text:
        done = subprocess.run(
            ["git", "apply", "--whitespace=nowarn"],
            cwd=folder,
            input=text.encode(),
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, (done.stderr, text)
    assert state(folder / name) == after


def test_a_difference_beyond_reading_is_the_whole_file(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("generator.repository.git.patch.MOST_LINES", 3)
    lines = patch("a", File(REGULAR, b"1\n2\n"), File(REGULAR, b"1\n3\n")).splitlines()
    assert lines[-5:] == ["@@ -1,2 +1,2 @@", "-1", "-2", "+1", "+3"]
