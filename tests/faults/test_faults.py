"""A fault or a kill at every system call that writes: all is there, or nothing, or the next run fixes it.

Needs strace; the tests of full and read-only disks mount small file systems, so they need root.
"""

import os
import re
import resource
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path

import pytest

from generator.rendering.file_tree import File
from generator.repository.writer import STAGING
from tests.faults.driver import MARK, TREE
from tests.unit.folders import read

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
# Names differ between machines: each has some of these.
CALLS = [
    "open",
    "openat",
    "write",
    "mkdir",
    "mkdirat",
    "chmod",
    "fchmod",
    "fchmodat",
    "rename",
    "renameat",
    "renameat2",
    "unlink",
    "unlinkat",
    "rmdir",
    "fsync",
    "syncfs",
    "flock",
    "close",
    "getdents64",
]
ERRORS = {"write": ("ENOSPC", "EIO"), "openat": ("EMFILE", "EACCES"), "rename": ("ENOSPC", "EIO")}
# What a run asks only to be sure: it continues without an answer.
OPTIONAL = {"openat", "fsync", "flock", "getdents64", "close", "unlinkat", "rmdir", "unlink"}
SHOP = ROOT / "examples" / "02-shop" / "cn.yaml"
COMMAND = "import sys; from generator.main import main_new; sys.exit(main_new())"


@pytest.fixture(autouse=True)
def strace(require: Callable[..., None]) -> None:
    require("strace")


@pytest.fixture(params=["new", "empty"])
def destination(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    folder = tmp_path / "room" / "project"
    (folder if request.param == "empty" else folder.parent).mkdir(parents=True)
    return folder


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}


def run(destination: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the driver, under strace where there are options for it."""
    tracing = ["strace", "--follow-forks", "--quiet=all", "--output=/dev/null", *options] if options else []
    command = [*tracing, sys.executable, "-m", "tests.faults.driver", str(destination)]
    return subprocess.run(
        command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=60, check=False
    )


@cache
def calls(exists: bool, room: Path) -> dict[str, range]:
    """Return which of its calls of each kind a run makes while it works, counted from 1."""
    destination = room / f"counted-{exists}"
    if exists:
        destination.mkdir()
    log = room / f"log-{exists}"
    options = (
        f"--trace=access,faccessat,faccessat2,{','.join(f'?{call}' for call in CALLS)}",
        f"--output={log}",
    )
    done = run(destination, *options)
    assert done.returncode == 0, done.stderr
    before: Counter[str] = Counter()
    within: Counter[str] = Counter()
    working = False
    for line in log.read_text().splitlines():
        call = re.sub(r"^\d+ +", "", line).partition("(")[0]
        working ^= MARK in line
        (within if working else before)[call] += 1
        if MARK in line and not working:
            break
    return {call: range(before[call] + 1, before[call] + within[call] + 1) for call in CALLS if within[call]}


def whole(destination: Path) -> bool:
    return (
        destination.is_dir()
        and {path: file for path, file in read(destination).items() if not path.startswith(STAGING)} == TREE
    )


def nothing(destination: Path) -> bool:
    return not destination.exists() or not [
        path for path in destination.iterdir() if not path.name.startswith(STAGING)
    ]


def fixed(destination: Path) -> bool:
    """Let a run without faults follow, which finishes or clears away what it finds."""
    done = run(destination)
    assert done.returncode == 0 or "complete now" in done.stderr or "not empty" in done.stderr
    # A run that was killed when the command had finished may leave empty folders; the next one removes them.
    left = [*destination.parent.rglob(f"{STAGING}*/**/*")] if "not empty" not in done.stderr else []
    return read(destination) == TREE and not [path for path in left if path.is_file()]


def fresh_ones(destination: Path) -> Iterator[tuple[int, Path]]:
    """Yield numbers, each with a destination of its own that is as this one."""
    exists, number = destination.is_dir(), 0
    while True:
        number += 1
        room = destination.parent / str(number)
        ((room / "project") if exists else room).mkdir(parents=True)
        yield number, room / "project"


def test_an_error_of_any_call_leaves_nothing(destination: Path, tmp_path: Path) -> None:
    fresh = fresh_ones(destination)
    tried = 0
    for call, places in calls(destination.is_dir(), tmp_path).items():
        for error in ERRORS.get(call, ("EIO",)):
            for place in places:
                _, here = next(fresh)
                done = run(here, f"--inject={call}:error={error}:when={place}")
                where = f"{call} {place} {error}: {done.stderr}"
                assert "Traceback" not in done.stderr, where
                assert done.returncode in ((0, 1, 2) if call in OPTIONAL else (1,)), where
                assert whole(here) if done.returncode == 0 else nothing(here), where
                assert done.returncode == 0 or str(here) in done.stderr, where
                assert whole(here) or fixed(here), where
                tried += 1
    assert tried > 40


def test_a_kill_at_any_call_is_made_good_by_the_next_run(destination: Path, tmp_path: Path) -> None:
    fresh = fresh_ones(destination)
    for call, places in calls(destination.is_dir(), tmp_path).items():
        if call in {"close", "getdents64", "flock"}:
            continue
        for place in places:
            _, here = next(fresh)
            done = run(here, f"--inject={call}:signal=SIGKILL:when={place}")
            where = f"{call} {place}: {done.returncode} {done.stderr}"
            assert done.returncode in (-9, 137), where
            assert fixed(here), where


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
def test_a_signal_that_ends_a_run_leaves_nothing(
    name: str, code: int, destination: Path, tmp_path: Path
) -> None:
    fresh = fresh_ones(destination)
    for call in ("openat", "write", "fchmod", "mkdir", "rename"):
        for place in calls(destination.is_dir(), tmp_path).get(call, ()):
            _, here = next(fresh)
            done = run(here, f"--inject={call}:signal={name}:when={place}")
            where = f"{call} {place}: {done.returncode} {done.stderr}"
            assert done.returncode in (0, code), where
            assert whole(here) or (done.returncode != 0 and nothing(here)), where
            assert whole(here) or fixed(here), where


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Mount file systems of a given kind, and unmount them."""
    root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if root and subprocess.run([*root, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("mounting needs root, or sudo that asks for no password")
    mounted: list[Path] = []

    def mount(options: str) -> Path:
        folder = tmp_path / f"disk-{len(mounted)}"
        folder.mkdir()
        words = [*root, "mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
        subprocess.run(words, check=True, capture_output=True)
        mounted.append(folder)
        return folder

    yield mount
    for folder in mounted:
        subprocess.run([*root, "umount", str(folder)], check=True)


def cn_new(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", COMMAND, *words],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("exists", [False, True])
def test_a_full_disk_leaves_nothing(exists: bool, small_disk: Callable[[str], Path]) -> None:
    for options in (
        "size=4k",
        "size=100k",
        "size=300k",
        "size=500k",
        "size=64m,nr_inodes=10",
        "size=64m,nr_inodes=60",
    ):
        disk = small_disk(options)
        if exists:
            (disk / "shop").mkdir()
        before = sorted(disk.rglob("*"))
        done = cn_new(disk, "shop", "--spec", str(SHOP), "--no-git")
        assert done.returncode == 1, options
        assert done.stderr == "cn-new: shop: cannot write: the disk is full; nothing was left behind\n"
        assert sorted(disk.rglob("*")) == before
    assert cn_new(small_disk("size=64m"), "shop", "--spec", str(SHOP), "--no-git").returncode == 0


def test_a_destination_that_cannot_be_written_is_named(small_disk: Callable[[str], Path]) -> None:
    disk = small_disk("ro")
    done = cn_new(disk, "shop", "--defaults")
    assert (done.returncode, done.stderr) == (2, f"cn-new: shop: {disk} is not writable\n")
    done = cn_new(disk, "shop", "--defaults", "--into", f"{disk}/{'x' * 300}")
    assert done.returncode == 2
    assert "File name too long" in done.stderr


def test_too_few_open_files_are_said(tmp_path: Path) -> None:
    refused = 0
    for most in range(4, 16):
        done = subprocess.run(
            [sys.executable, "-m", "tests.faults.driver", str(tmp_path / str(most))],
            cwd=ROOT,
            env=environment(),
            preexec_fn=partial(resource.setrlimit, resource.RLIMIT_NOFILE, (most, most)),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert whole(tmp_path / str(most)) if done.returncode == 0 else not (tmp_path / str(most)).exists()
        refused += "cannot write: Too many open files; nothing was left behind" in done.stderr
    assert refused
    assert [path for path in tmp_path.iterdir() if path.name.startswith(STAGING)] == []


def test_of_two_at_once_one_makes_the_project(destination: Path) -> None:
    fresh = fresh_ones(destination)
    for _ in range(8):
        _, here = next(fresh)
        command = [sys.executable, "-m", "tests.faults.driver", str(here)]
        both = [
            subprocess.Popen(command, cwd=ROOT, env=environment(), stderr=subprocess.PIPE, text=True)
            for _ in range(2)
        ]
        errors = [one.communicate(timeout=60)[1] for one in both]
        codes = sorted(one.returncode for one in both)
        assert codes[0] == 0 or nothing(here), errors
        assert codes[1] in (1, 2), errors
        assert whole(here) or codes[0] != 0, errors
        assert "Traceback" not in "".join(errors)
        assert list(here.parent.rglob(f"{STAGING}*")) == []


def test_the_whole_command_killed_at_a_write_is_made_good_too(tmp_path: Path) -> None:
    for share in (1, 40, 120):
        room = tmp_path / str(share)
        room.mkdir()
        tracing = ("strace", "--follow-forks", "--quiet=all", "--output=/dev/null")
        command = (sys.executable, "-c", COMMAND, "shop", "--spec", str(SHOP), "--no-git")
        done = subprocess.run(
            [*tracing, f"--inject=fchmod:signal=SIGKILL:when={share}", *command],
            cwd=room,
            env=environment(),
            capture_output=True,
            check=False,
        )
        assert done.returncode in (-9, 137)
        assert not (room / "shop").exists()
        assert cn_new(room, "shop", "--spec", str(SHOP), "--no-git").returncode == 0
        assert [path.name for path in room.iterdir()] == ["shop"]
        assert isinstance(read(room / "shop")["cn.yaml"], File)
