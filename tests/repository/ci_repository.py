"""A git repository with the scripts of a generated one, and services as small as can be."""

import json
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from generator.rendering.file_tree import File, Tree
from generator.rendering.template import open_template
from generator.repository.build import build

SPEC = b"""\
name: pair
ci: github
registry: registry.example.com/team
services:
  hello: {runtime: python, route: /hello}
  world: {runtime: python, route: /world}
"""
# What the services of a repository with three are called.
ALL = ["billing", "orders-old", "orders"]
GIT = ("git", "-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgSign=false")


@cache
def rendered(spec: bytes = SPEC) -> Tree:
    """Return the generated repository in memory."""
    return build(spec, "cn.yaml", open_template()).tree


@dataclass(frozen=True)
class Repository:
    """A folder with the scripts; `commit` writes files first, and removes those whose text is None."""

    folder: Path
    shell: str = "sh"

    def write(self, files: Mapping[str, str | None]) -> None:
        for path, text in files.items():
            target = self.folder / path
            if text is None:
                target.unlink()
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(text.encode())

    def commit(self, files: Mapping[str, str | None] | None = None) -> str:
        self.write(files or {})
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message=change")
        return self.git("rev-parse", "HEAD")

    def git(self, *words: str) -> str:
        done = subprocess.run((*GIT, *words), cwd=self.folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    def run(
        self, script: str, *words: str, variables: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            (self.shell, script, *words),
            cwd=self.folder,
            env={**os.environ, **(variables or {})},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    def changed(self, *words: str) -> list[str]:
        """Return what changed-services.sh prints for a base."""
        done = self.run("ci/changed-services.sh", *words)
        assert done.returncode == 0, done.stderr
        found: list[str] = json.loads(done.stdout)
        return found

    def call(self, function: str) -> subprocess.CompletedProcess[str]:
        """Call a function of ci/services.sh."""
        words = (self.shell, "-c", f"set -eu; . ci/services.sh; {function}")
        return subprocess.run(words, cwd=self.folder, capture_output=True, text=True, check=False)


def make(folder: Path, *services: str, shell: str = "sh", dockerfile: str = "FROM scratch\n") -> Repository:
    """Make a repository whose services consist of a Dockerfile, with one commit."""
    _write(folder, _made(services, dockerfile))
    return Repository(folder, shell)


def _write(folder: Path, files: Mapping[str, File]) -> None:
    for path, file in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.data)
        target.chmod(file.mode)


@cache
def _made(services: tuple[str, ...], dockerfile: str) -> Mapping[str, File]:
    """Return all files of such a repository, with those of git."""
    kept = re.compile(r"(ci|infra(?!/pulumi_stacks)|\.github)/|Makefile\Z")
    with TemporaryDirectory() as name:
        repository = Repository(Path(name))
        _write(repository.folder, {path: file for path, file in rendered().items() if kept.match(path)})
        repository.git("init", "--quiet", "--initial-branch=main", "--template=")
        repository.commit({f"services/{name}/Dockerfile": dockerfile for name in services})
        return {
            path.relative_to(name).as_posix(): File(path.stat().st_mode & 0o777, path.read_bytes())
            for path in sorted(Path(name).rglob("*"))
            if path.is_file()
        }
