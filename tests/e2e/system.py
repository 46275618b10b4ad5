"""A generated system that runs on the real engine, driven as a user drives it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from tests.e2e.shared import prepare, shared

ROOT = Path(__file__).resolve().parents[2]
# What would tie a run to this user instead of an empty home.
_PERSONAL = ("HOME", "XDG_", "PULUMI_", "DOCKER_CONFIG", "GIT_", "PYTHON", "VIRTUAL_ENV", "MAKE", "MFLAGS")
_PULUMI_INSTALLATION = (
    "PULUMI_HOME",
    "PULUMI_SKIP_UPDATE_CHECK",
    "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION",
)


def empty_home(home: Path) -> dict[str, str]:
    """Return an environment in which the user has only the Pulumi installation and its plugins.

    Packages that were downloaded are kept, and what is compiled at its first use is not compiled before: pip
    turns off what it calls `no-compile` by a value that is false.
    """
    home.mkdir(parents=True, exist_ok=True)
    kept = {name: os.environ[name] for name in _PULUMI_INSTALLATION if name in os.environ}
    rest = {name: value for name, value in os.environ.items() if not name.startswith(_PERSONAL)}
    return {**rest, **kept, "HOME": str(home), "PIP_CACHE_DIR": str(shared() / "pip"), "PIP_NO_COMPILE": "0"}


def reason(said: str) -> str:
    """Return what a failed `make up` or `make preview` ends with: the reason, once and after all else."""
    assert "unhandled error" not in said, said
    told, told_by_make, end = said.rpartition("make: ***")
    assert told_by_make, said
    assert end.count("\n") <= 1, said
    last = told.rpartition("\n\n")[2]
    first = last.splitlines()[0]
    assert said.count(first) == 1, said
    return last


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class System:
    """A repository in `folder`, its environment variables, and the port of its gateway."""

    folder: Path
    name: str
    environment: Mapping[str, str]
    port: int = field(default_factory=free_port)
    host: str = "127.0.0.1"
    stack: str = "dev"
    printed: list[str] = field(default_factory=list)

    @classmethod
    def create(cls, parent: Path, name: str, spec: bytes, *, prepared: bool = True) -> Self:
        """Make the repository with cn-new, from a spec on standard input; `prepared`, it has infra/.venv."""
        environment = empty_home(parent / "home")
        command = [
            sys.executable,
            "-c",
            "import sys; from generator.main import main_new; sys.exit(main_new())",
        ]
        subprocess.run(
            [*command, name, "--spec", "-", "--quiet"],
            input=spec,
            cwd=parent,
            env={**environment, "PYTHONPATH": str(ROOT)},
            check=True,
        )
        if prepared:
            prepare(parent / name, environment)
        return cls(parent / name, name, environment)

    def run(
        self, *words: str, ok: bool = True, where: str = ".", kept: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in the repository; with `ok` it must succeed. Output and errors come together.

        What it printed is kept in `printed`, unless `kept` is False.
        """
        done = subprocess.run(
            words,
            cwd=self.folder / where,
            env=dict(self.environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=900,
        )
        if kept:
            self.printed.append(done.stdout)
        assert not ok or done.returncode == 0, f"{' '.join(words)}: exit {done.returncode}\n{done.stdout}"
        return done

    def make(self, target: str, *words: str, ok: bool = True) -> subprocess.CompletedProcess[str]:
        return self.run("make", target, f"ENV={self.stack}", *words, ok=ok)

    def pulumi(self, *words: str, ok: bool = True, kept: bool = True) -> subprocess.CompletedProcess[str]:
        """Run pulumi beside the program, with the passphrase that make keeps."""
        secret = self.folder / "infra" / ".passphrase"
        variables = {"PULUMI_CONFIG_PASSPHRASE_FILE": str(secret)} if secret.exists() else {}
        command = ("env", *(f"{k}={v}" for k, v in variables.items()), "pulumi", *words)
        return self.run(*command, "--stack", self.stack, "--non-interactive", ok=ok, where="infra", kept=kept)

    def configure(self, **settings: str | int) -> None:
        """Set keys of the stack's configuration, in the cn namespace."""
        self.make("stack")
        for key, value in settings.items():
            self.pulumi("config", "set", f"cn:{key}", str(value))

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace the one place in a file that reads `old`."""
        file = self.folder / path
        text = file.read_text()
        assert text.count(old) == 1, f"{path} has {text.count(old)} times {old!r}"
        file.write_text(text.replace(old, new))

    def call(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Ask the gateway; return status and decoded body (text if it is not JSON)."""
        request = urllib.request.Request(
            f"http://{self.host}:{self.port}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"} if body is not None else {},
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
                status, data = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            status, data = error.code, error.read()
        try:
            return status, json.loads(data)
        except ValueError:
            return status, data.decode()

    def containers(self, *, everything: bool = False, **labels: str) -> list[dict[str, Any]]:
        """Inspect the running containers (or all) that have these labels (role, service)."""
        wanted = {"project": self.name, **labels}
        filters = [f"--filter=label=cn-new.{key}={value}" for key, value in wanted.items()]
        listed = docker("ps", "-q", *(["-a"] if everything else []), *filters).split()
        return json.loads(docker("inspect", *listed)) if listed else []

    def one(self, role: str, service: str) -> dict[str, Any]:
        [container] = self.containers(role=role, service=service)
        return container

    def remains(self) -> list[str]:
        """Name the containers, networks and volumes of this system that are on the engine."""
        prefix = f"{self.name}_{self.stack}_"
        names = [
            *docker("ps", "-a", "--format", "{{.Names}}").split(),
            *docker("network", "ls", "--format", "{{.Name}}").split(),
            *docker("volume", "ls", "--format", "{{.Name}}").split(),
        ]
        return sorted(name for name in names if name.startswith(prefix))


def command(tool: str, *words: str, ok: bool = True, given: str | None = None) -> str:
    """Run a tool with `given` as its input, and return what it prints, errors included."""
    done = subprocess.run(
        [tool, *words],
        input=given,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=300,
    )
    assert not ok or done.returncode == 0, f"{tool} {' '.join(words)}: {done.stdout}"
    return done.stdout


def docker(*words: str, ok: bool = True) -> str:
    return command("docker", *words, ok=ok)


def execute(container: Mapping[str, Any], *words: str, ok: bool = True) -> str:
    """Run a command inside a container and return what it prints."""
    return docker("exec", str(container["Id"]), *words, ok=ok)


def addresses(container: Mapping[str, Any]) -> dict[str, str]:
    """Return the container's address in each of its networks."""
    networks = container["NetworkSettings"]["Networks"]
    return {name: network["IPAddress"] for name, network in sorted(networks.items())}
