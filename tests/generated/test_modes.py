"""Modes of the machine that builds: they neither reach an image nor are needed to build one."""

import io
import json
import os
import subprocess
import tarfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from generator.rendering.template import open_template
from generator.repository import writer
from generator.repository.build import build

RUNTIMES = open_template().runtimes
# A runtime with the service contract has a database, which nothing needs for being alive.
DATABASE = "postgres://user:none@127.0.0.1:1/none?sslmode=disable"
SECONDS = 60


def run(*words: str, folder: Path | None = None) -> str:
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False, timeout=900)
    assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory, require: Callable[..., None]) -> Iterator[Path]:
    """A clone that no other user can read, without executable files, of a system with all runtimes."""
    require("docker", "git", "make")
    room = tmp_path_factory.mktemp("modes")
    name = f"modes-{os.getpid()}"
    services = "".join(
        f"  {runtime}-one: {{runtime: {runtime}, route: /{runtime}"
        f"{', database: postgres' if entry['contract'] else ''}}}\n"
        for runtime, entry in RUNTIMES.items()
    )
    data = f"name: {name}\nservices:\n{services}".encode()
    writer.create(room / "origin", build(data, "cn.yaml", open_template()).tree)
    identity = ("-c", "user.name=Someone", "-c", "user.email=someone@example.org")
    for words in (("init", "--quiet"), ("add", "--all"), (*identity, "commit", "--quiet", "-m", "Start")):
        run("git", *words, folder=room / "origin")
    run("sh", "-c", "umask 077; git clone --quiet origin clone", folder=room)
    run("git", "config", "core.fileMode", "false", folder=room / "clone")
    for script in (room / "clone/ci").iterdir():
        script.chmod(0o600)
    assert {path.stat().st_mode & 0o077 for path in (room / "clone/services").rglob("*")} == {0}
    yield room / "clone"
    found = run("docker", "image", "ls", "--quiet", "--filter", f"reference={name}-*").split()
    subprocess.run(("docker", "image", "rm", "--force", *found), capture_output=True, check=False)


@pytest.fixture(params=RUNTIMES)
def image(request: pytest.FixtureRequest, clone: Path) -> str:
    """The image of a service of each runtime."""
    run("make", f"image-{request.param}-one", folder=clone)
    tag = run("git", "rev-parse", "HEAD", folder=clone)[:12]
    return f"modes-{os.getpid()}-{request.param}-one:{tag}"


def closed(image: str) -> list[str]:
    """Return which files of the service a user other than root cannot read in its image."""
    config = json.loads(run("docker", "image", "inspect", image))[0]["Config"]
    words = [*(config["Entrypoint"] or ()), *(config["Cmd"] or ()), config["WorkingDir"]]
    places = [word.strip("/") for word in words if word.startswith("/") and word != "/"]
    container = run("docker", "create", image).strip()
    try:
        export = subprocess.run(("docker", "export", container), capture_output=True, check=True).stdout
    finally:
        run("docker", "rm", container)
    found = []
    with tarfile.open(fileobj=io.BytesIO(export)) as archive:
        for entry in archive:
            inside = any(f"{entry.name}/".startswith(f"{place}/") for place in places)
            wanted = 0o005 if entry.isdir() else 0o004
            if inside and not entry.issym() and entry.mode & wanted != wanted:
                found.append(f"{entry.name} {entry.mode:o}")
    return found


def alive(address: str) -> bool:
    try:
        urllib.request.urlopen(f"http://{address}/healthz", timeout=5).close()
    except OSError:
        return False
    return True


def test_an_image_starts_wherever_it_was_built_and_its_user_reads_all_of_it(image: str) -> None:
    assert closed(image) == []
    port = json.loads(run("docker", "image", "inspect", image))[0]["Config"]["ExposedPorts"].popitem()[0]
    hardened = ("--read-only", "--tmpfs=/tmp", "--cap-drop=ALL", "--cap-add=NET_BIND_SERVICE")
    given = (f"--env=DATABASE_URL={DATABASE}", "--env=SERVICE_NAME=one", "--publish", f"127.0.0.1::{port}")
    container = run("docker", "run", "--detach", *hardened, *given, image).strip()
    try:
        place = run("docker", "port", container).split()[-1]
        end = time.monotonic() + SECONDS
        while not (up := alive(place)) and time.monotonic() < end:
            time.sleep(0.3)
        logs = subprocess.run(("docker", "logs", container), capture_output=True, text=True, check=False)
        assert up, logs.stdout + logs.stderr
    finally:
        run("docker", "rm", "--force", container)
