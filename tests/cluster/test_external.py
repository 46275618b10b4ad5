"""A system on a cluster whose database is elsewhere, at an address that its stack keeps secret."""

import secrets
import subprocess
from collections.abc import Iterator

import pytest

from tests.cluster.cluster import ClusterSystem, node_address, until
from tests.cluster.conftest import REGISTRY, TIMEOUT
from tests.e2e.system import docker, free_port

SPEC = """\
name: k8s-away
registry: {registry}/acme
environments: {{prod: {{target: kubernetes, state: local, database: external}}}}
services:
  orders: {{runtime: go, route: /orders, database: postgres, egress: ["{host}/32:{port}"]}}
"""
KEY = "cn:database_urls.orders"


@pytest.fixture(scope="module", name="database")
def _database() -> Iterator[tuple[str, str]]:
    """A server on the node, outside of the cluster: its container and its address."""
    name, password, port, host = "k8s-away-postgres", secrets.token_hex(16), free_port(), node_address()
    given = ("--network=host", "--env=POSTGRES_USER=app", f"--env=POSTGRES_PASSWORD={password}")
    where = ("-c", f"listen_addresses={host}", "-c", f"port={port}")
    docker("rm", "--force", "--volumes", name, ok=False)
    docker("run", "--detach", f"--name={name}", *given, "postgres:17", *where)
    try:
        ready = ("exec", name, "pg_isready", f"--host={host}", f"--port={port}", "--username=app")
        until(60, "the database is ready", lambda: "accepting" in docker(*ready, ok=False))
        yield name, f"postgresql://app:{password}@{host}:{port}/app"
    finally:
        docker("rm", "--force", "--volumes", name, ok=False)


def test_a_database_elsewhere_is_used_by_the_address_that_the_stack_keeps_secret(
    database: tuple[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    container, url = database
    host, port = url.rpartition("@")[2].removesuffix("/app").split(":")
    spec = SPEC.format(registry=REGISTRY, host=host, port=port)
    system = ClusterSystem.create(tmp_path_factory.mktemp("away"), "k8s-away", spec.encode())
    try:
        system.configure(timeout=TIMEOUT)
        system.make("push")
        assert f"{KEY}: is not set, but the database is external" in system.make("up", ok=False).stdout
        system.pulumi("config", "set", "--path", KEY, url, kept=False)
        refused = system.make("up", ok=False).stdout
        assert "cn:database_urls: is in plain text" in refused
        system.pulumi("config", "set", "--secret", "--path", KEY, url, kept=False)
        system.make("up")
        system.host = system.pulumi("stack", "output", "url").stdout.strip().removeprefix("http://")
        status, item = system.call("POST", "/orders/items", {"name": "away"})
        assert status == 201
        asked = ("psql", url, "--tuples-only", "--no-align", "--command=select name from items")
        assert docker("exec", container, *asked).strip() == "away"
        assert system.get("statefulsets,persistentvolumeclaims")["items"] == []
        assert url not in "".join(system.printed)
        assert url not in (system.folder / "infra" / "Pulumi.prod.yaml").read_text()
        system.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes")
    finally:
        system.make("down", "DATA=delete", ok=False)
    assert subprocess.run(["kubectl", "get", "namespace", "k8s-away-prod"], check=False).returncode != 0
    assert item["name"] == "away"
