"""Run a command in a separate process, and measure its processor time and memory."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

CN_NEW = "import sys; from generator.main import main_new; sys.exit(main_new())"
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Cost:
    """Seconds of processor time, seconds on the clock, and MB of memory at the highest."""

    cpu: float
    wall: float
    memory: float


def cost(*command: str, cwd: Path = ROOT) -> Cost:
    """Run a command to its end; CalledProcessError when it fails."""
    # A small process in between: one that is forked from a large one counts that one's memory as its own.
    code = (
        "import os, resource, subprocess, sys, time; began = time.perf_counter();"
        "done = subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL);"
        "took = time.perf_counter() - began; used = resource.getrusage(resource.RUSAGE_CHILDREN);"
        "print(used.ru_utime + used.ru_stime, took, used.ru_maxrss); sys.exit(done.returncode)"
    )
    words = [sys.executable, "-S", "-E", "-c", code, *command]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(words, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise subprocess.CalledProcessError(done.returncode, command, done.stdout, done.stderr)
    cpu, wall, memory = map(float, done.stdout.split())
    return Cost(cpu, wall, memory * 1024 / 10**6)


def cn_new(spec: Path, into: Path) -> Cost:
    """Make the repository that a spec describes, without git."""
    words: Sequence[str] = ("--spec", str(spec), "--into", str(into), "--no-git", "--quiet")
    return cost(sys.executable, "-c", CN_NEW, *words)
