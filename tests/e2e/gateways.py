"""A gateway in a container of its own, hardened as it is deployed, with something behind it."""

import asyncio
import json
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection

from pulumi_stacks.network.caddyfile import (
    HEALTH_PORT,
    ROUTER_NETWORK,
    Route,
    before_router,
    caddyfile,
    slots,
)
from pulumi_stacks.plan.gateway import COMMAND, FOLDER
from pulumi_stacks.plan.scope import BASE_IMAGES
from pulumi_stacks.targets.docker.docker_cli import DockerCli
from pulumi_stacks.targets.docker.readiness import SETTLE_SECONDS

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
        told = {"/crashes": str(crashes), "/headers": str(self.headers)}
        body = told.get(self.path, self.path)
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


def docker(*arguments: str, ok: bool = True) -> str:
    done = subprocess.run(
        ["docker", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode == 0) is ok, done.stdout
    return done.stdout.strip()


ROUTES = (
    Route("/orders", "orders", ("up-a:8080", "up-b:8080")),
    Route("/orders/archive", "archive", ("up-a:8080",), strip=False, body="12Mi"),
)
HARDENED = (
    *("--read-only", "--user=10001:10001", "--cap-drop=ALL", "--cap-add=NET_BIND_SERVICE"),
    *("--security-opt=no-new-privileges", "--init", "--tmpfs=/config:uid=10001", "--tmpfs=/data:uid=10001"),
    "--dns=127.0.0.1",
)


def configured(*further: Route) -> str:
    return caddyfile((*ROUTES, *further), diagnostics=False, place="router")


class Gateway:
    """A gateway as a deployment starts it: its port here, and what all names of its things begin with."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.made = 0
        # On one network is what is behind the router, on the other one the router itself.
        self.services, self.inside = tag, f"{tag}-router"
        self.port = 0

    def _run(self, name: str, text: str, *words: str) -> None:
        docker("volume", "create", name)
        asyncio.run(DockerCli().write(BASE_IMAGES["caddy"], name, f"{FOLDER}/Caddyfile", text))
        mount = f"--volume={name}:{FOLDER}"
        docker("run", "--detach", f"--name={name}", *HARDENED, mount, *words, BASE_IMAGES["caddy"], *COMMAND)

    def route(self, text: str) -> str:
        """Put a router in the place of the one before, as a deployment does, and return its name."""
        former, self.made = self.made, self.made + 1
        [subnet] = json.loads(docker("network", "inspect", self.inside))[0]["IPAM"]["Config"]
        name = f"{self.tag}-router-{self.made}"
        self._run(name, text, f"--network={self.services}", f"--env={ROUTER_NETWORK}={subnet['Subnet']}")
        self._healthy(name)
        slot = slots("gateway", 1)[self.made % 2]
        asyncio.run(DockerCli().connect(self.inside, name, slot))
        if former:
            time.sleep(SETTLE_SECONDS)
            self.end(f"{self.tag}-router-{former}")
        return name

    def _healthy(self, name: str) -> None:
        """Wait until it answers its health check, as a deployment does before it ends the one before."""
        check = ("wget", "-q", "-O", "-", f"http://127.0.0.1:{HEALTH_PORT}/healthz")
        deadline = time.monotonic() + 60
        while subprocess.run(
            ["docker", "exec", name, *check], capture_output=True, check=False, timeout=20
        ).returncode:
            assert time.monotonic() < deadline, docker("logs", name)
            time.sleep(0.1)

    def end(self, name: str) -> None:
        docker("stop", "--time=30", name)
        docker("rm", name)
        docker("volume", "rm", name)

    def start(self) -> None:
        self.route(configured())
        text = before_router(ROUTES)
        self._run(f"{self.tag}-gateway", text, f"--network={self.tag}-public", "--publish=127.0.0.1::8080")
        docker("network", "connect", self.inside, f"{self.tag}-gateway")
        self.port = int(docker("port", f"{self.tag}-gateway", "8080/tcp").rpartition(":")[2])
        self._await()

    def _await(self) -> None:
        deadline = time.monotonic() + 20
        while True:
            try:
                if ask(self.port, "/orders/items")[0] == 200:
                    return
            except OSError:
                pass
            assert time.monotonic() < deadline, "the gateway does not answer"
            time.sleep(0.2)


@contextmanager
def started() -> Iterator[Gateway]:
    """Start one, and take it away."""
    gateway = Gateway(f"cn-new-test-{uuid.uuid4().hex[:8]}")
    tag = gateway.tag
    networks = [gateway.services, gateway.inside, f"{tag}-public"]
    try:
        for network in networks:
            docker("network", "create", network)
        up = ["--detach", "--rm", f"--name={tag}-up", f"--network={gateway.services}", "--network-alias=up-a"]
        docker("run", *up, "python:3.13-slim", "python", "-c", UPSTREAM)
        gateway.start()
        yield gateway
        for name in (f"{tag}-gateway", f"{tag}-router-{gateway.made}"):
            log = docker("logs", name)
            assert "serving initial configuration" in log
            assert "not formatted" not in log
    finally:
        for kind, words in (("container", ("ps", "--all")), ("volume", ("volume", "ls"))):
            wanted = "{{.Names}}" if kind == "container" else "{{.Name}}"
            found = docker(*words, f"--filter=name={tag}", f"--format={wanted}").split()
            subprocess.run(
                ["docker", kind, "rm", "--force", *found], capture_output=True, check=False, timeout=120
            )
        docker("network", "rm", *networks)


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
