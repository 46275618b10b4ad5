"""What is asked of a cluster beside the deployment itself, through the kubectl command."""

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

SECONDS = 15
LOG_LINES = 20
# How kubectl begins the lines of its own log, and warnings.
_NOISE = re.compile(r"[EIWF][0-9]+ |warning: ", re.IGNORECASE)


class KubectlError(ExpectedError):
    """kubectl could not do what it was told; the message is its own."""

    code = 1

    @property
    def forbidden(self) -> bool:
        """Say whether the cluster has answered, that this user may not."""
        return "forbidden" in str(self).lower()


class NoKubectlError(KubectlError):
    """There is no kubectl command."""


@dataclass(frozen=True)
class Kubectl:
    """The kubectl command for one context, and one namespace; empty ones are those of the kubeconfig."""

    context: str = ""
    namespace: str = ""
    kubeconfig: str = ""

    def get(self, *words: str) -> dict[str, Any]:
        """Return what `kubectl get` tells, as plain values: nothing for `--ignore-not-found` and no object.

        KubectlError when it cannot, or prints something else than objects.
        """
        told = self.run("get", *words, "--output=json")
        try:
            found = json.loads(told) if told.strip() else {}
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise KubectlError(
                f"`kubectl get {' '.join(words)}` did not print JSON: {_complaint(told)[:200]}"
            )
        return found

    def logs(self, pod: str, *, previous: bool) -> Sequence[str]:
        """Return the last lines of a pod, or of its container before this one; KubectlError as in run."""
        words = ("logs", pod, f"--tail={LOG_LINES}", *(["--previous"] if previous else []))
        return self.run(*words).splitlines()

    def run(self, *words: str, given: str | None = None, patience: int = SECONDS) -> str:
        """Run a command and return what it prints. KubectlError when it fails or takes too long."""
        command = ["kubectl", *words, f"--request-timeout={patience}s"]
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
                input=given,
                env=environment,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=2 * patience,
                check=False,
            )
        except FileNotFoundError:
            raise NoKubectlError("the kubectl command is not installed") from None
        except subprocess.TimeoutExpired:
            raise KubectlError(f"no answer within {2 * patience} s") from None
        if done.returncode != 0:
            raise KubectlError(_complaint(done.stderr) or f"kubectl {words[0]} failed")
        return done.stdout


def _complaint(text: str) -> str:
    """Return the first line of a complaint: its log before says the same again and again, advice follows."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    said = [line for line in lines if not _NOISE.match(line)]
    return next(iter(said or lines[-1:]), "")
