"""Reports the errors of a deployment that a user can fix: each once, and without a traceback."""

from __future__ import annotations

import atexit
import os
from pathlib import Path

import pulumi

# The variable with the file into which `make up` collects errors: it prints them after the output of Pulumi.
ERROR_FILE = "CN_REASONS"
ERRORS_FOLLOW = "deployment failed; the errors follow below"
# With this exit code Pulumi's language host reports nothing more; with any other it reports a crash.
ERRORS_REPORTED = 32
_EXIT_CODE = [0]


def deployment_error(text: str) -> pulumi.RunError:
    """Return the exception that stops a deployment because of an error that the user can fix."""
    _EXIT_CODE[0] = ERRORS_REPORTED
    return pulumi.RunError(ERRORS_FOLLOW if _collect(text) else text)


def report(text: str) -> None:
    """Report why a resource failed, in addition to the error of Pulumi."""
    if not _collect(text):
        pulumi.log.error(text)


def exit_without_crash_report() -> None:
    """Let the program exit with ERRORS_REPORTED after a deployment error."""
    atexit.register(_exit)


def _exit() -> None:
    if _EXIT_CODE[0]:
        os._exit(_EXIT_CODE[0])


def _collect(text: str) -> bool:
    """Write an error to the file of `make`, unless it is there; return whether there is such a file."""
    path = os.environ.get(ERROR_FILE)
    if not path:
        return False
    # Each chain of checks that fails reports the failures of all of them.
    written = Path(path).read_text(encoding="utf-8") if Path(path).exists() else ""
    if f"{text}\n" not in written:
        Path(path).write_text(f"{written}{text}\n", encoding="utf-8")
    return True
