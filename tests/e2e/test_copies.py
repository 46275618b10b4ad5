"""Two checkouts of one system on one engine, by compose: `make secrets COPY=2` keeps them apart."""

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.e2e.system import System, docker, free_port

NAME = "e2e-copies"
# One service of a ready image, which answers with what its environment says, and one that waits to be built.
SPEC = b"""\
name: e2e-copies
services:
  page:
    image: caddy:2
    route: /page
    port: 2080
    ready: /up
    tmpfs: [/config, /data]
    command: [caddy, respond, --listen, ":2080", --body, a page]
  own: {runtime: dockerfile, ready: none, route: /own}
"""
OWN = """\
FROM caddy:2
CMD ["caddy", "respond", "--listen", ":8080", "--body", "of the first"]
USER 10001:10001
"""


def compose(system: System, *words: str, ok: bool = True) -> str:
    return system.run("docker", "compose", *words, ok=ok).stdout


@pytest.fixture
def copies(tmp_path: Path) -> Iterator[tuple[System, System]]:
    """A checkout and its clone, neither of them started."""
    first = System.create(tmp_path, NAME, SPEC, prepared=False)
    (first.folder / ".env").write_text(f"GATEWAY_PORT={first.port}\n")
    (first.folder / "services/own/Dockerfile").write_text(OWN)
    first.run("git", "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-qam", "own")
    clone = tmp_path / "clone"
    subprocess.run(("git", "clone", "--quiet", str(first.folder), str(clone)), check=True)
    second = replace(first, folder=clone, port=free_port())
    yield first, second
    for system in (first, second):
        compose(system, "down", "--volumes", "--rmi=local", ok=False)


def test_both_run_at_once_and_the_end_of_one_leaves_the_other(copies: tuple[System, System]) -> None:
    first, second = copies
    compose(first, "up", "--build", "--wait")
    file = second.folder / "services/own/Dockerfile"
    file.write_text(file.read_text().replace("of the first", "of the second"))
    second.run("make", "secrets", "COPY=2")
    second.edit(".env", "GATEWAY_PORT=8100\n", f"GATEWAY_PORT={second.port}\n")
    assert f"http://127.0.0.1:{second.port}\n" in second.run("make", "secrets", "COPY=2").stdout
    compose(second, "up", "--build", "--wait")
    for system, whose in ((first, "of the first"), (second, "of the second")):
        assert system.call("GET", "/page") == (200, "a page")
        assert system.call("GET", "/own") == (200, whose)
    compose(first, "up", "--wait", "--force-recreate")
    assert first.call("GET", "/own") == (200, "of the first"), "its image is its own"
    compose(second, "down", "--volumes")
    assert first.call("GET", "/own") == (200, "of the first")
    mine = f"--filter=label=com.docker.compose.project={NAME}_2"
    assert [docker(kind, "ls", "-q", mine) for kind in ("container", "network", "volume")] == ["", "", ""]
