"""The gateway's configuration in a real Caddy, hardened as it is deployed, asked in evasive spellings."""

import asyncio
import subprocess
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, RemoteDisconnected

import pytest

from pulumi_stacks.docker.engine import CommandLine, EngineError
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
http.server.ThreadingHTTPServer(("", 8080), Handler).serve_forever()
"""
PRIVATE = [
    "/orders/metrics",
    "/orders/metrics/",
    "/orders/METRICS",
    "/orders/%6detrics",
    "/orders//metrics",
    "//orders/metrics",
    "/orders/./metrics",
    "/orders/%2e/metrics",
    "/orders/x/../metrics",
    "/orders/x/%2e%2e/metrics",
    "/x/../orders/metrics",
    "/orders/%2fmetrics",
    "/orders%2fmetrics",
    "/orders/metrics%0a",
    "/orders/metrics%00",
    "/orders/metrics;x",
    "/orders/;x/metrics",
    "/orders/..;/metrics",
    "/orders/%5cmetrics",
    "/%6frders/metrics",
    "/orders/healthz?x=1",
    "/orders/readyz",
    "/orders/peers",
    "/orders/archive/metrics",
]
PUBLIC = {
    "/orders": "/",
    "/orders/": "/",
    "/orders/items?a=1": "/items?a=1",
    "/orders/a%2Fb": "/a%2Fb",
    "/orders/%C3%A9": "/%C3%A9",
    "/orders/metrics-report": "/metrics-report",
    "/orders/items/metrics": "/items/metrics",
    "/orders/archives": "/archives",
    "/orders/archive": "/orders/archive",
    "/orders/archive/a%2Fb?c=1": "/orders/archive/a%2Fb?c=1",
    "/orders/%61rchive/x": "/orders/%61rchive/x",
}
UNKNOWN = ["/", "/ordersx", "/ORDERS/items", "/nothing"]


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


@pytest.fixture(scope="module")
def gateway() -> Iterator[Gateway]:
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


@pytest.fixture
def port(gateway: Gateway) -> int:
    return gateway.port


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


def test_services_called_like_our_own_matchers_are_served():
    names = ("api", "api-private", "ambiguous", "private", "public", "private-api")
    text = caddyfile([Route(f"/{name}", name, (f"{name}:8080",)) for name in names], diagnostics=False)
    validate = ("caddy", "validate", "--adapter", "caddyfile", "--config", "-")
    done = subprocess.run(
        ["docker", "run", "--rm", "--interactive", BASE_IMAGES["caddy"], *validate],
        input=text,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", [*PRIVATE, *UNKNOWN])
def test_what_is_private_or_unknown_is_not_found_however_it_is_spelt(port: int, path: str):
    status, body, headers = ask(port, path)
    assert status == 404
    assert headers["content-type"] == "application/problem+json"
    assert body == '{"title":"Not Found","status":404}'


@pytest.mark.parametrize(("path", "passed_on"), PUBLIC.items())
def test_what_is_public_arrives_without_its_prefix_unless_it_keeps_it(port: int, path: str, passed_on: str):
    status, body, headers = ask(port, path)
    assert (status, body) == (200, passed_on)
    assert "server" not in headers


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_request_that_was_sent_is_not_sent_again(port: int, method: str):
    before = int(ask(port, "/orders/crashes")[1])
    assert ask(port, "/orders/crash", method)[0] == 502
    assert int(ask(port, "/orders/crashes")[1]) == before + 1


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("/orders", 9_000_000, 200),
        ("/orders", 11_000_000, 413),
        ("/orders/archive", 12 * 2**20, 200),
        ("/orders/archive", 12 * 2**20 + 1, 413),
    ],
)
def test_a_body_may_be_as_large_as_its_route_allows(port: int, path: str, size: int, status: int):
    try:
        assert ask(port, path, "PUT", bytes(size))[0] == status
    except BrokenPipeError:
        # The gateway closes on what it does not read.
        assert status == 413


def fetch(connection: HTTPConnection) -> int:
    """Send a request; on a new connection when a kept one was closed before, as clients of HTTP do."""
    kept = connection.sock is not None
    try:
        connection.request("GET", "/orders/items")
        response = connection.getresponse()
    except (RemoteDisconnected, ConnectionError):
        connection.close()
        if not kept:
            raise
        connection.request("GET", "/orders/items")
        response = connection.getresponse()
    response.read()
    return response.status


@pytest.fixture
def failures(port: int) -> Iterator[list[object]]:
    """What fails while requests come all the time, from clients that keep their connection."""
    failed: list[object] = []
    sent: list[int] = []
    over = threading.Event()

    def client() -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=20)
        while not over.is_set():
            try:
                status = fetch(connection)
                sent.append(status)
                if status != 200:
                    failed.append(status)
            except (OSError, HTTPException) as error:
                failed.append(error)
                connection.close()
            time.sleep(0.01)

    clients = [threading.Thread(target=client) for _ in range(4)]
    for each in clients:
        each.start()
    yield failed
    over.set()
    for each in clients:
        each.join()
    assert len(sent) > 50, "there was load"


def test_a_route_comes_and_goes_while_no_request_fails(gateway: Gateway, failures: list[object]):
    for number in range(5):
        assert ask(gateway.port, "/new/x")[0] == 404
        gateway.read(configured(Route("/new", "new", ("up-a:8080", "up-b:8080"))))
        time.sleep(0.3)
        assert ask(gateway.port, "/new/x")[:2] == (200, "/x"), number
        gateway.read(configured())
        time.sleep(0.3)
    assert failures == []


def test_there_may_be_any_number_of_routes(gateway: Gateway):
    text = configured(*(Route(f"/far/{number}", f"s{number}", ("up-a:8080",)) for number in range(400)))
    assert len(text) > 131_072, "more than Linux takes as one variable"
    gateway.read(text)
    assert ask(gateway.port, "/far/399/x")[:2] == (200, "/x")
    gateway.read(configured())


def test_a_configuration_that_is_wrong_changes_nothing(gateway: Gateway):
    with pytest.raises(EngineError, match="syntax error"):
        gateway.read("nonsense {")
    assert ask(gateway.port, "/orders/items")[0] == 200
    gateway.read(configured())


def test_nobody_on_its_networks_gives_it_orders(gateway: Gateway):
    listening = docker("exec", f"{gateway.tag}-gateway", "netstat", "-ltn")
    assert sorted(
        line.split()[3].rpartition(":")[2] for line in listening.splitlines()[2:] if "127.0.0.11" not in line
    ) == ["8080", "8081"]
    assert (
        docker("exec", f"{gateway.tag}-gateway", "stat", "-c", "%a %u", "/config/admin.sock") == "200 10001"
    )
