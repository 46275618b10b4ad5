"""A repository fresh from cn-new, and what its Makefile calls: programs that only behave at the edges.

Pulumi's answers to a passphrase are the real ones; nothing is installed, built or deployed.
"""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from generator.repository import writer
from tests.repository.ci_repository import rendered

SPEC = b"""\
name: pair
registry: registry.example.com/team
environments:
  dev: {target: docker}
  prod: {target: kubernetes, state: local}
services:
  orders: {runtime: python, route: /orders, database: postgres}
  billing: {runtime: python}
"""
# Each writes down its words. Pulumi fails without a passphrase, as the real one does, in its program.
PULUMI = """\
[ "$1" = --cwd ] && cd "$2"
if [ -z "${PULUMI_CONFIG_PASSPHRASE+set}" ]; then
  if [ -z "${PULUMI_CONFIG_PASSPHRASE_FILE-}" ]; then echo 'error: passphrase must be set' >&2; exit 255; fi
  if [ ! -s "$PULUMI_CONFIG_PASSPHRASE_FILE" ]; then
    echo "error: unable to read PULUMI_CONFIG_PASSPHRASE_FILE" >&2; exit 255
  fi
fi
"""
DOCKER = """\
case "$1 $2" in
  "push "*) for reference do :; done; echo "${reference##*:}: digest: sha256:$(printf %064d 1) size: 1" ;;
  "context inspect") echo '"Host": "unix:///fake.sock"' ;;
esac
"""
# A virtual environment of it has a copy of it, which imports all.
PYTHON = """\
case "$1 $2" in
  "-m venv") for folder do :; done; rm -rf "$folder"; mkdir -p "$folder/bin"; cp "$0" "$folder/bin/python" ;;
  "-c import secrets"*) echo secret ;;
esac
"""
FAKES = {"pulumi": PULUMI, "docker": DOCKER, "kubectl": "", "python3": PYTHON}


@dataclass(frozen=True)
class Fresh:
    """A generated repository that was not used yet."""

    folder: Path
    tools: Path

    @classmethod
    def create(cls, parent: Path, name: str = "pair", spec: bytes = SPEC) -> "Fresh":
        writer.create(parent / name, rendered(spec))
        tools = parent / f"tools of {name}"
        tools.mkdir()
        for tool, script in FAKES.items():
            told = f'printf "%s\\n" "{tool} $*" >>"{tools}/calls"\n'
            (tools / tool).write_text(f"#!/bin/sh\n{told}{script}exit 0\n")
            (tools / tool).chmod(0o755)
        return cls(parent / name, tools)

    def run(
        self, *words: str, variables: Mapping[str, str] | None = None, where: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command with an empty home, and nothing in the environment but these variables."""
        (self.tools / "home").mkdir(exist_ok=True)
        path = f"{self.tools}:/usr/bin:/bin"
        return subprocess.run(
            words,
            cwd=where or self.folder,
            env={"PATH": path, "HOME": str(self.tools / "home"), **(variables or {})},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def make(self, *words: str, variables: Mapping[str, str] | None = None) -> str:
        """Run make, which must succeed, and return what it called since the last time."""
        done = self.run("make", *words, variables=variables)
        assert done.returncode == 0, done.stdout + done.stderr
        return self.calls()

    def refused(self, *words: str, variables: Mapping[str, str] | None = None) -> str:
        """Run make, which must refuse before it calls anything that changes, and return its reason."""
        done = self.run("make", *words, variables=variables)
        assert done.returncode == 2, done.stdout + done.stderr
        assert "pulumi" not in self.calls()
        return done.stderr

    def calls(self) -> str:
        file = self.tools / "calls"
        told = file.read_text() if file.exists() else ""
        file.unlink(missing_ok=True)
        return told
