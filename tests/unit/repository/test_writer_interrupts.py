"""Writing that is interrupted at any line leaves all files, none, or a state that the next run recovers."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from generator.rendering.file_tree import File
from generator.repository import durable_write, writer
from generator.repository.writer import STAGING
from tests.unit.folders import SMALL, read

ROOT = Path(__file__).resolve().parents[3]


def runs_in(frame: FrameType | None, function: str) -> bool:
    while frame is not None and frame.f_code.co_name != function:
        frame = frame.f_back
    return frame is not None


def trace_of(count: int, stop: Callable[[], None], function: str = "create") -> Callable[..., Any]:
    """Return a trace function that calls `stop` at the n-th line of the modules that write, in `function`."""
    left = count

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal left
        if frame.f_code.co_filename not in (writer.__file__, durable_write.__file__):
            return None
        if event == "line" and runs_in(frame, function):
            left -= 1
            if left == 0:
                stop()
        return trace

    return trace


def ctrl_c() -> None:
    raise KeyboardInterrupt


def interrupted(destination: Path, count: int, stop: Callable[[], None], function: str = "create") -> bool:
    """Run `create` with `stop` at the n-th line; False when it ended before that."""
    before = sys.gettrace()
    sys.settrace(trace_of(count, stop, function))
    try:
        writer.create(destination, SMALL)
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(before)
    return False


def contents(folder: Path) -> dict[str, File]:
    """Return what is in a folder besides staging."""
    return {path: file for path, file in read(folder).items() if not path.startswith(STAGING)}


@pytest.mark.slow
@pytest.mark.parametrize("exists", [False, True])
def test_ctrl_c_at_any_line_leaves_all_or_nothing(exists: bool, tmp_path: Path) -> None:
    for count in range(1, 10_000):
        destination = tmp_path / str(count) / "project"
        destination.parent.mkdir()
        if exists:
            destination.mkdir()
        if not interrupted(destination, count, ctrl_c):
            break
        assert contents(destination) in ({}, SMALL), count
        if not contents(destination):
            writer.create(destination, SMALL)
            assert read(destination) == SMALL, count
    assert count > 100


@pytest.mark.parametrize(("exists", "function"), [(False, "_rename_to"), (True, "_move_into")])
def test_ctrl_c_during_the_last_step_takes_it_back(exists: bool, function: str, tmp_path: Path) -> None:
    for count in range(1, 1000):
        destination = tmp_path / str(count) / "project"
        (destination if exists else destination.parent).mkdir(parents=True)
        if not interrupted(destination, count, ctrl_c, function):
            break
        assert list(destination.parent.rglob("*")) == ([destination] if exists else []), count
    assert count > 5


KILLED = """
import os, signal, sys
from pathlib import Path
from generator.repository import writer
from generator.repository.writer import DestinationError
from tests.unit.folders import SMALL, read
from tests.unit.repository.test_writer_interrupts import contents, interrupted

os.umask(0o077)
for count in range(1, 10_000):
    destination = Path(sys.argv[1], str(count), "project")
    destination.parent.mkdir(parents=True)
    if sys.argv[2] == "True":
        destination.mkdir()
    child = os.fork()
    if child == 0:
        interrupted(destination, count, lambda: os.kill(os.getpid(), signal.SIGKILL))
        os._exit(0)
    if os.waitpid(child, 0)[1] == 0:
        break
    whole = contents(destination) == SMALL
    try:
        writer.create(destination, SMALL)
    except DestinationError as error:
        assert "complete now" in str(error) or ("not empty" in str(error) and whole), (count, error)
    assert read(destination) == SMALL, count
    writer.create(destination.with_name("other"), SMALL)
    assert not list(destination.parent.glob(writer.STAGING + "*")), count
assert count > 100, count
"""


@pytest.mark.slow
@pytest.mark.parametrize("exists", [False, True])
def test_a_kill_at_any_line_is_made_good_by_the_next_run(exists: bool, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), str(exists)], cwd=ROOT, check=True)


def test_the_staging_folder_of_a_living_run_is_left_alone(tmp_path: Path) -> None:
    other = tmp_path / f"{STAGING}other"
    other.mkdir()
    with writer._locked(other) as locked:
        assert locked
        writer.create(tmp_path / "project", SMALL)
        assert other.is_dir()
    writer.create(tmp_path / "second", SMALL)
    assert not other.exists()
