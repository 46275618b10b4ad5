"""A gateway in a container of its own, hardened as it is deployed, with something behind it."""

import asyncio
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection

from pulumi_stacks.docker.engine import CommandLine
from pulumi_stacks.entrance import COMMAND, FOLDER, RELOAD
from pulumi_stacks.gateway import PUBLIC_HOST, Route, caddyfile
from pulumi_stacks.parts import BASE_IMAGES

# Answers with the path that it got; /crash counts and hangs up before it answers.
UPSTREAM = """
import http.server
crashes = 0
class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self):
        global crashes
        if self.path == "/crash":
            crashes += 1
            return self.connection.close()
        body = str(crashes) if self.path == "/crashes" else self.path
        self.send_response(200)
        self.send_header("Server", "secretive/1.0")
        self.end_headers()
        self.wfile.write(body.encode())
    def do_PUT(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer()
    do_GET = do_POST = answer
http.server.ThreadingHTTPServer.request_queue_size = 128
http.server.ThreadingHTTPServer(("", 8080), Handler).serve_forever()
"""


def docker(*arguments: str) -> str:
    done = subprocess.run(
        ["docker", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout.strip()


@dataclass(frozen=True)
class Gateway:
    """A gateway as a deployment starts it: its port here, its container, and the volume of its file."""

    tag: str
    port: int

    def read(self, text: str) -> None:
        """Let it read another configuration, as a deployment does."""
        engine = CommandLine()

        async def tell() -> None:
            await engine.write(BASE_IMAGES["caddy"], self.tag, f"{FOLDER}/Caddyfile", text)
            await engine.execute(f"{self.tag}-gateway", RELOAD)

        asyncio.run(tell())


ROUTES = (
    Route("/orders", "orders", ("up-a:8080", "up-b:8080")),
    Route("/orders/archive", "archive", ("up-a:8080",), strip=False, body="12Mi"),
)


def configured(*further: Route) -> str:
    return caddyfile((*ROUTES, *further), diagnostics=False, reloads=True)


@contextmanager
def started() -> Iterator[Gateway]:
    """Start one, and take it away."""
    tag = f"cn-new-test-{uuid.uuid4().hex[:8]}"
    hardened = ["--read-only", "--user=10001:10001", "--cap-drop=ALL", "--cap-add=NET_BIND_SERVICE"]
    docker("network", "create", tag)
    docker("volume", "create", tag)
    asyncio.run(CommandLine().write(BASE_IMAGES["caddy"], tag, f"{FOLDER}/Caddyfile", configured()))
    try:
        join = [f"--network={tag}", "--detach", "--rm"]
        docker(
            "run",
            *join,
            f"--name={tag}-up",
            "--network-alias=up-a",
            "python:3.13-slim",
            "python",
            "-c",
            UPSTREAM,
        )
        docker(
            *("run", *join, f"--name={tag}-gateway", f"--network-alias={PUBLIC_HOST}", *hardened),
            "--security-opt=no-new-privileges",
            *("--tmpfs=/config:uid=10001", "--tmpfs=/data:uid=10001", "--dns=127.0.0.1"),
            *(f"--volume={tag}:{FOLDER}", "--publish=127.0.0.1::8080", BASE_IMAGES["caddy"], *COMMAND),
        )
        published = int(docker("port", f"{tag}-gateway", "8080/tcp").rpartition(":")[2])
        _await(published)
        yield Gateway(tag, published)
        log = docker("logs", f"{tag}-gateway")
        assert "serving initial configuration" in log
        assert "not formatted" not in log
    finally:
        subprocess.run(
            ["docker", "rm", "--force", f"{tag}-up", f"{tag}-gateway"], capture_output=True, check=False
        )
        docker("network", "rm", tag)
        docker("volume", "rm", tag)


def _await(port: int) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            if ask(port, "/orders/items")[0] == 200:
                return
        except OSError:
            pass
        assert time.monotonic() < deadline, "the gateway does not answer"
        time.sleep(0.2)


def ask(
    port: int, path: str, method: str = "GET", body: bytes | None = None
) -> tuple[int, str, dict[str, str]]:
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path, body)
        response = connection.getresponse()
        return (
            response.status,
            response.read().decode(),
            {key.lower(): value for key, value in response.getheaders()},
        )
    finally:
        connection.close()
