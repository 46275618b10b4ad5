"""A client of Docker that hands a proxy to every container: only what leaves the system goes there.

test_diff.py sees that a stack is deployed with such a client.
"""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from generator.rendering.yaml_text import dump
from tests.e2e.system import System, docker

NAME = "e2e-proxies"
# A gateway of its own is the likeliest ready image to ask a proxy for what it forwards.
FORWARDS = [
    "caddy",
    "reverse-proxy",
    "--from=:2080",
    "--to=back:2080",
    "--change-host-header",
]
ANSWERS = ["caddy", "respond", "--listen=:2080", "--body=from behind"]
READY = {"image": "caddy:2", "port": 2080, "ready": "/up", "tmpfs": ["/config", "/data"]}
SPEC = {
    "name": NAME,
    "services": {
        "front": {**READY, "route": "/front", "calls": ["back"], "command": FORWARDS},
        "back": {**READY, "command": ANSWERS},
    },
}


@pytest.fixture
def asked() -> Iterator[tuple[str, list[str]]]:
    """A proxy that containers reach: its address, and what it was asked for."""
    found: list[str] = []

    class Proxy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"from the proxy")

        def log_message(self, *_: object) -> None:
            pass

    host = json.loads(docker("network", "inspect", "bridge"))[0]["IPAM"]["Config"][0]["Gateway"]
    server = ThreadingHTTPServer((host, 0), Proxy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://{host}:{server.server_port}", found
    server.shutdown()


@pytest.fixture
def proxied(_engine: None, asked: tuple[str, list[str]], tmp_path: Path) -> System:
    system = System.create(tmp_path, NAME, dump(SPEC).encode(), prepared=False)
    proxy = {"httpProxy": asked[0], "httpsProxy": asked[0], "noProxy": "localhost,127.0.0.1"}
    (tmp_path / "docker").mkdir()
    (tmp_path / "docker" / "config.json").write_text(json.dumps({"proxies": {"default": proxy}}))
    variables = {"DOCKER_CONFIG": str(tmp_path / "docker"), "GATEWAY_PORT": str(system.port)}
    return replace(system, environment={**system.environment, **variables})


def test_with_compose_only_what_leaves_the_system_goes_by_the_proxy(
    proxied: System, asked: tuple[str, list[str]]
) -> None:
    fetch = ("docker", "compose", "exec", "front", "wget", "-q", "-O", "-", "http://outside.example/x")
    try:
        proxied.run("docker", "compose", "up", "--wait", "--wait-timeout", "60")
        assert proxied.call("GET", "/front/") == (200, "from behind")
        assert asked[1] == []
        assert proxied.run(*fetch).stdout == "from the proxy"
        assert asked[1] == ["http://outside.example/x"]
    finally:
        proxied.run("docker", "compose", "down", "--volumes", ok=False)
