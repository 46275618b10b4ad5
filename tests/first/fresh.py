"""A fresh machine, and a repository without edits."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# What a machine has so that its registries and its engine answer; nothing else is passed on.
MACHINE = re.compile(
    r"PATH|LANG|TMPDIR|KUBECONFIG|DOCKER_(HOST|BUILDKIT)|(HTTPS?|NO)_PROXY|https?_proxy|no_proxy|PULUMI_SKIP_UPDATE_CHECK"
    r"|\w*(SSL|CURL|REQUESTS|NODE|CA|ROOTS)\w*(CA_BUNDLE|CAINFO|CA_CERTS|CERT_FILE|CERT_DIR|FILE_PATH)"
    r"|PIP_(CERT|INDEX_URL|EXTRA_INDEX_URL|FIND_LINKS|TRUSTED_HOST|DEFAULT_TIMEOUT)"
    r"|UV_(DEFAULT_INDEX|INDEX|INDEX_URL|EXTRA_INDEX_URL|FIND_LINKS)|npm_config_registry|GO(PROXY|SUMDB|NOSUMDB|PRIVATE)"
)
# Downloads, and what compilers keep of them by its content: all that fresh homes have in common.
CACHES = (".cache/pip", ".cache/uv", ".cache/go-build", "go/pkg/mod", ".npm/_cacache", ".config/pip/pip.conf")
# What is compiled at its first use need not be compiled before, which is much of an installation's time.
# A false value turns on an option that is called `no-…`.
SPEED = {"PIP_NO_COMPILE": "0"}
COMMANDS = ("cn", "cn-new", "copier")
IDENTITY = "[user]\n\tname = Someone\n\temail = someone@example.com\n"
WAIT = 600  # seconds


def home(folder: Path, *, identity: bool = True) -> Path:
    """Make an empty home, with a name for git or without one."""
    folder.mkdir(parents=True)
    real = Path.home()
    plugins = Path(os.environ.get("PULUMI_HOME", real / ".pulumi")) / "plugins"
    for name, target in {**{one: real / one for one in CACHES}, ".pulumi/plugins": plugins}.items():
        if target.exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).symlink_to(target)
    if identity:
        (folder / ".gitconfig").write_text(IDENTITY)
    return folder


@dataclass
class Machine:
    """A home, and the tools that its user has installed."""

    home: Path
    tools: Path

    @classmethod
    def make(cls, folder: Path, *, ours: bool, identity: bool = True) -> Machine:
        """Make one; with `ours` its user has installed cn-new and Copier."""
        tools = folder / "bin"
        machine = cls(home(folder / "home", identity=identity), tools)
        tools.mkdir()
        links = {"python": pythons()[0], "python3": pythons()[0], **{one.name: one for one in pythons()}}
        for name, python in links.items():
            (tools / name).symlink_to(python)
        for name in COMMANDS if ours else ():
            (tools / name).symlink_to(Path(sys.executable).parent / name)
        return machine

    def variables(self, given: Mapping[str, str]) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if MACHINE.fullmatch(name)}
        own = str(Path(sys.executable).parent)
        path = os.pathsep.join(one for one in kept["PATH"].split(os.pathsep) if one != own)
        # Pulumi asks the system for the user's home, not the environment.
        own_home = {"HOME": str(self.home), "PULUMI_HOME": str(self.home / ".pulumi")}
        return {**kept, "PATH": f"{self.tools}{os.pathsep}{path}", **own_home, **SPEED, **given}

    def run(
        self, script: str, folder: Path, given: Mapping[str, str] | None = None, typed: str = ""
    ) -> tuple[int, str]:
        """Run lines in one shell, which ends at the first that fails; return exit code and output."""
        done = subprocess.run(
            ["sh", "-ec", script],
            cwd=folder,
            env=self.variables(given or {}),
            input=typed,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=WAIT,
        )
        return done.returncode, done.stdout

    def serve(self, script: str, folder: Path, given: Mapping[str, str], port: int) -> tuple[int, str]:
        """Run lines whose last one serves until Ctrl-C; press it once there is an answer."""
        log = self.home / "served"
        with (
            log.open("w") as output,
            subprocess.Popen(
                ["sh", "-ec", script],
                cwd=folder,
                env=self.variables(given),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            ) as process,
        ):
            try:
                answered = _answers(process, port)
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGINT)
                try:
                    process.wait(60)
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)
                    raise
        return 0 if answered else process.returncode or 1, log.read_text()


@cache
def pythons() -> tuple[Path, ...]:
    """Return each Python that is here, the newest first."""
    found = subprocess.run(
        [ROOT / "scripts/find-python", "--all"], capture_output=True, text=True, check=True
    )
    return tuple(Path(line).resolve() for line in found.stdout.split())


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    end = time.monotonic() + WAIT
    while process.poll() is None and time.monotonic() < end:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2).close()
        except urllib.error.HTTPError:
            return True
        except OSError:
            time.sleep(0.2)
        else:
            return True
    return False
