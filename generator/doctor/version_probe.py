"""Runs a program to get its version, with limits on time and output."""

from __future__ import annotations

import os
import re
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from generator.result import printable

SECONDS = 5.0
_MOST_BYTES = 64 * 1024
_VERSION = re.compile(r"(?<![0-9.])[0-9]{1,9}(?:\.[0-9]{1,9})+")
# English messages without colours, and no update checks over the network.
_ENVIRONMENT = {
    "LC_ALL": "C",
    "NO_COLOR": "1",
    "PULUMI_SKIP_UPDATE_CHECK": "true",
    "DOCKER_CLI_HINTS": "false",
}


@dataclass(frozen=True)
class Found:
    """The version of a program, or the problem; `there` is whether the program exists."""

    there: bool
    version: str = ""
    problem: str = ""


def ask(command: Sequence[str], environment: Mapping[str, str]) -> Found:
    """Run a command that prints a version, for at most SECONDS."""
    program = shutil.which(command[0], path=environment.get("PATH", os.defpath))
    if program is None:
        return Found(there=False, problem=f"{command[0]} is not installed")
    shown = " ".join(command[:3])
    try:
        code, output = _run(
            [program, *command[1:]], {**environment, **_ENVIRONMENT}, time.monotonic() + SECONDS
        )
    except OSError as error:
        return Found(there=True, problem=f"cannot run {printable(program)}: {error.strerror}")
    if code is None:
        return Found(there=True, problem=f"`{shown}` did not finish within the limits of time and output")
    if code != 0:
        ended = f"was terminated by signal {-code}" if code < 0 else f"failed with exit code {code}"
        return Found(there=True, problem=f"`{shown}` {ended}{_last_line(output)}")
    version = _VERSION.search(output)
    if version is None:
        return Found(there=True, problem=f"`{shown}` printed no version{_last_line(output)}")
    return Found(there=True, version=version[0])


def printed(command: Sequence[str], environment: Mapping[str, str]) -> str:
    """Return the output of a command; empty if it is not installed, fails or times out."""
    program = shutil.which(command[0], path=environment.get("PATH", os.defpath))
    if program is None:
        return ""
    try:
        code, output = _run(
            [program, *command[1:]], {**environment, **_ENVIRONMENT}, time.monotonic() + SECONDS
        )
    except OSError:
        return ""
    return output if code == 0 else ""


def _run(command: Sequence[str], environment: Mapping[str, str], deadline: float) -> tuple[int | None, str]:
    """Return the exit code and the output; the code is None after a timeout or too much output."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=dict(environment),
        start_new_session=True,  # a process group, to kill its children too
    )
    try:
        output, ended = _read(process, deadline)
        if ended:
            with suppress(subprocess.TimeoutExpired):
                return process.wait(max(0.0, deadline - time.monotonic())), output
        return None, output
    finally:
        _end(process)


def _read(process: subprocess.Popen[bytes], deadline: float) -> tuple[str, bool]:
    """Return the output of a process, and whether it is complete."""
    stream = process.stdout
    if stream is None:
        return "", True
    data = b""
    while len(data) < _MOST_BYTES:
        ready, _, _ = select.select([stream], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            # The program can have exited while a background process keeps the pipe open.
            return data.decode(errors="replace"), process.poll() is not None
        part = os.read(stream.fileno(), 4096)
        if not part:
            return data.decode(errors="replace"), True
        data += part
    return data.decode(errors="replace"), False


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and its children."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    if process.stdout is not None:
        process.stdout.close()
    with suppress(subprocess.TimeoutExpired):
        process.wait(1)


def _last_line(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    text = "".join(char if char.isprintable() else "?" for char in lines[-1]) if lines else ""
    return f": {text[:200]}" if text else ""
