"""Asks a program for its version: bounded in time and in what it may print, whatever the program does."""

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
# So that messages are plain, and nothing asks the network whether there is something newer.
_PLAIN = {"LC_ALL": "C", "NO_COLOR": "1", "PULUMI_SKIP_UPDATE_CHECK": "true", "DOCKER_CLI_HINTS": "false"}


@dataclass(frozen=True)
class Found:
    """What a program answered: its version, or what is wrong; `there` tells whether it exists."""

    there: bool
    version: str = ""
    problem: str = ""


def ask(command: Sequence[str], environment: Mapping[str, str]) -> Found:
    """Run a command that prints a version, for a few seconds at most."""
    program = shutil.which(command[0], path=environment.get("PATH", os.defpath))
    if program is None:
        return Found(there=False, problem=f"{command[0]} is not installed")
    shown = " ".join(command[:3])
    try:
        code, output = _run([program, *command[1:]], {**environment, **_PLAIN}, time.monotonic() + SECONDS)
    except OSError as error:
        return Found(there=True, problem=f"{printable(program)} does not run: {error.strerror}")
    if code is None:
        return Found(there=True, problem=f"`{shown}` does not come to an end")
    if code != 0:
        ended = f"is ended by signal {-code}" if code < 0 else f"fails with exit code {code}"
        return Found(there=True, problem=f"`{shown}` {ended}{_last_line(output)}")
    version = _VERSION.search(output)
    if version is None:
        return Found(there=True, problem=f"`{shown}` tells no version{_last_line(output)}")
    return Found(there=True, version=version[0])


def printed(command: Sequence[str], environment: Mapping[str, str]) -> str:
    """Return what a command prints within a few seconds; nothing when it is not there or fails."""
    program = shutil.which(command[0], path=environment.get("PATH", os.defpath))
    if program is None:
        return ""
    try:
        code, output = _run([program, *command[1:]], {**environment, **_PLAIN}, time.monotonic() + SECONDS)
    except OSError:
        return ""
    return output if code == 0 else ""


def _run(command: Sequence[str], environment: Mapping[str, str], deadline: float) -> tuple[int | None, str]:
    """Return the exit code and the output; the code is None when time was up or the output had no end."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=dict(environment),
        start_new_session=True,  # what it starts in turn ends with it
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
    """Return what a process prints, and whether it came to an end of it."""
    stream = process.stdout
    if stream is None:
        return "", True
    data = b""
    while len(data) < _MOST_BYTES:
        ready, _, _ = select.select([stream], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            # A program that has left something running behind it may be done all the same.
            return data.decode(errors="replace"), process.poll() is not None
        part = os.read(stream.fileno(), 4096)
        if not part:
            return data.decode(errors="replace"), True
        data += part
    return data.decode(errors="replace"), False


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and all that it started."""
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
