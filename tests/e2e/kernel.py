"""What the kernel of this machine says of the processes of containers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

import pytest

NET_BIND_SERVICE = 1 << 10
_CAPABILITIES = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")


def processes(pids: Iterable[int]) -> dict[int, dict[str, str]]:
    """Return what the kernel says of each process of a container, its first one at the beginning.

    What has ended is left out, and what the engine is about to replace by a command in the container (a
    check of its health, for one): before that it restricts itself step by step.
    """
    found = {}
    for pid in pids:
        with suppress(OSError):
            lines = Path(f"/proc/{pid}/status").read_text().splitlines()
            found[pid] = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
    begun = {pid: fields for pid, fields in found.items() if not fields["Name"].startswith("runc:")}
    return dict(sorted(begun.items(), key=lambda entry: int(entry[1]["NSpid"].split()[-1])))


def assert_unprivileged(process: Mapping[str, str], what: str, *, binds: bool = False) -> None:
    """Assert that a process is not root, cannot become it, and has no capability; it may bind low ports."""
    allowed = NET_BIND_SERVICE if binds else 0
    assert "0" not in process["Uid"].split(), what
    assert process["NoNewPrivs"] == "1", what
    for kind in _CAPABILITIES:
        assert int(process[kind], 16) & ~allowed == 0, (what, kind, process[kind])


def assert_read_only(pid: int, what: str) -> None:
    """Assert that nothing can be written into the root of a process's file system, as its own mounts say."""
    with pytest.raises(OSError, match="Read-only"):
        Path(f"/proc/{pid}/root/planted").touch()
    assert not Path(f"/proc/{pid}/root/planted").exists(), what


def memory_limit(pid: int) -> int:
    """Return the bytes that a process's control group may use."""
    return int(_limit(pid, "memory", "memory.max", "memory.limit_in_bytes"))


def process_limit(pid: int) -> int:
    """Return how many processes there may be in a process's control group."""
    return int(_limit(pid, "pids", "pids.max", "pids.max"))


def cpu_limit(pid: int) -> int:
    """Return how much of a CPU a process's control group may use, in thousandths."""
    folder = _group(pid, "cpu")
    if (folder / "cpu.max").exists():
        quota, period = (folder / "cpu.max").read_text().split()
    else:
        quota, period = ((folder / f"cpu.cfs_{what}_us").read_text() for what in ("quota", "period"))
    return 1000 * int(quota) // int(period)


def _limit(pid: int, controller: str, new: str, old: str) -> str:
    folder = _group(pid, controller)
    return (folder / new if (folder / new).exists() else folder / old).read_text()


def _group(pid: int, controller: str) -> Path:
    """Return the folder of a process's control group, of either version."""
    lines = Path(f"/proc/{pid}/cgroup").read_text().splitlines()
    found = {names: path for _, names, path in (line.split(":", 2) for line in lines)}
    for names, path in found.items():
        if controller in names.split(","):
            return Path(f"/sys/fs/cgroup/{controller}{path}")
    return Path(f"/sys/fs/cgroup{found['']}")
