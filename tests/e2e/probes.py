"""Questions to running containers, asked from inside them, whatever their images hold."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from tests.e2e import kernel
from tests.e2e.system import System, addresses, docker, execute

_TOOLS = "python:3.13-slim"
CONNECT = """
import concurrent.futures, json, socket, sys
def connects(target):
    try:
        socket.create_connection(target, timeout=1.5).close()
    except OSError:
        return False
    return True
targets = [tuple(target) for target in json.loads(sys.argv[1])]
with concurrent.futures.ThreadPoolExecutor(16) as pool:
    found = list(pool.map(connects, targets))
print(json.dumps([target for target, reached in zip(targets, found) if reached]))
"""


def beside(container: dict[str, Any], *words: str) -> str:
    """Run a command with the network of a container, whose own image may have no shell."""
    return docker("run", "--rm", f"--network=container:{container['Id']}", _TOOLS, *words)


def reached(source: dict[str, Any], targets: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """Return those of the hosts and ports, by name or address, that a service's container reaches."""
    said = beside(source, "python", "-c", CONNECT, json.dumps(list(targets)))
    return [(host, port) for host, port in json.loads(said)]


def connects(source: dict[str, Any], host: str, port: int) -> bool:
    """Say whether a service's container reaches a port of a host, by name or address."""
    return bool(reached(source, [(host, port)]))


def assert_hardened(container: dict[str, Any], *, binds: bool = False) -> None:
    """Assert what kernel and engine say of a container; with `binds` it may have NET_BIND_SERVICE."""
    name, host = container["Name"], container["HostConfig"]
    lines = docker("top", container["Id"], "-eo", "pid").splitlines()[1:]
    processes = kernel.processes(int(line) for line in lines)
    for process in processes.values():
        kernel.assert_unprivileged(process, name, binds=binds)
    first = next(iter(processes))
    kernel.assert_read_only(first, name)
    assert kernel.memory_limit(first) == host["Memory"] > 0, name
    assert kernel.process_limit(first) == host["PidsLimit"] > 0, name
    assert host["ReadonlyRootfs"], name
    assert not host["Privileged"], name
    assert host["NanoCpus"] > 0, name
    assert host["LogConfig"]["Config"]["max-size"], name
    assert host["Init"], name


def query(database: dict[str, Any], sql: str) -> str:
    """Ask a database as its superuser, from inside its container."""
    return execute(database, "psql", "-U", "postgres", "-d", "app", "-tAc", sql).strip()


def ids(system: System, *services: str) -> dict[str, set[str]]:
    """Return the ids of the running containers of each service, its database included."""
    return {name: {c["Id"] for c in system.containers(service=name)} for name in services}


def images(system: System) -> dict[str, set[str]]:
    return {
        name: {c["Image"] for c in system.containers(service=name, role="service")}
        for name in ("orders", "billing", "catalog")
    }


def service_images(system: System) -> list[str]:
    """Return the names of the images that the services run, newest build each."""
    ids = sorted(set().union(*images(system).values()))
    return [json.loads(docker("image", "inspect", image))[0]["RepoTags"][0] for image in ids]


def sign_in(service: dict[str, Any], database: dict[str, Any]) -> str:
    """Try the credentials of a service on a database; `open` when they are good, else what Postgres says."""
    variables = dict(entry.split("=", 1) for entry in service["Config"]["Env"])
    url = urlsplit(variables["DATABASE_URL"])
    [host] = addresses(database).values()
    there = url._replace(netloc=f"{url.username}:{url.password}@{host}:{url.port}").geturl()
    return execute(database, "psql", there, "-tAc", "select 'open'", ok=False).strip()
