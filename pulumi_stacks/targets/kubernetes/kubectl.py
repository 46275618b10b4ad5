"""The kubectl command, for what a deployment reads from the cluster besides Pulumi."""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import ExpectedError

if TYPE_CHECKING:
    from collections.abc import Sequence

TIMEOUT_SECONDS = 15
LOG_LINES = 20
# The beginning of kubectl's log lines and warnings.
_NOISE = re.compile(r"[EIWF][0-9]+ |warning: ", re.IGNORECASE)


class KubectlError(ExpectedError):
    """kubectl failed; the message is that of kubectl."""

    code = 1

    @property
    def forbidden(self) -> bool:
        """Return whether the cluster denied the request."""
        return "forbidden" in str(self).lower()


class NoKubectlError(KubectlError):
    """The kubectl command is not installed."""


@dataclass(frozen=True)
class Kubectl:
    """The kubectl command for one context and namespace; empty values are those of the kubeconfig."""

    context: str = ""
    namespace: str = ""
    kubeconfig: str = ""

    def get(self, *words: str) -> dict[str, Any]:
        """Return the output of `kubectl get` as plain values; empty for `--ignore-not-found` and no object.

        KubectlError when kubectl fails, or does not print JSON.
        """
        output = self.run("get", *words, "--output=json")
        try:
            found = json.loads(output) if output.strip() else {}
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise KubectlError(
                f"`kubectl get {' '.join(words)}` did not print JSON: {_error_line(output)[:200]}"
            )
        return found

    def logs(self, pod: str, *, previous: bool) -> Sequence[str]:
        """Return the last lines of the log of a pod, or of its previous container. KubectlError as in run."""
        words = ("logs", pod, f"--tail={LOG_LINES}", *(["--previous"] if previous else []))
        return self.run(*words).splitlines()

    def run(self, *words: str, stdin: str | None = None, timeout: int = TIMEOUT_SECONDS) -> str:
        """Run a command and return its output. KubectlError when it fails or times out."""
        command = ["kubectl", *words, f"--request-timeout={timeout}s"]
        if self.context:
            command.append(f"--context={self.context}")
        if self.namespace:
            command.append(f"--namespace={self.namespace}")
        environment = {
            **os.environ,
            **({"KUBECONFIG": str(Path(self.kubeconfig).expanduser())} if self.kubeconfig else {}),
        }
        try:
            done = subprocess.run(
                command,
                input=stdin,
                env=environment,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=2 * timeout,
                check=False,
            )
        except FileNotFoundError:
            raise NoKubectlError("the kubectl command is not installed") from None
        except subprocess.TimeoutExpired:
            raise KubectlError(f"kubectl {words[0]}: timed out after {2 * timeout} s") from None
        if done.returncode != 0:
            raise KubectlError(_error_line(done.stderr) or f"kubectl {words[0]} failed")
        return done.stdout


def _error_line(text: str) -> str:
    """Return the line with the error: log lines before it repeat it, hints follow."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if not _NOISE.match(line)]
    return next(iter(errors or lines[-1:]), "")
