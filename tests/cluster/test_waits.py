"""How long a deployment waits, and what holds while tools apply files."""

import time
from pathlib import Path

import yaml

from tests.cluster.cluster import ClusterSystem, kubectl, until
from tests.cluster.conftest import REGISTRY
from tests.cluster.test_people import SITE

NONE = f"{REGISTRY}/acme/none@sha256:{'0' * 64}"


def test_a_migration_whose_image_cannot_be_pulled_ends_as_soon_as_a_roll_out(tmp_path: Path) -> None:
    spec = {
        "name": "k8s-late",
        "registry": f"{REGISTRY}/acme",
        "environments": {"prod": {"target": "kubernetes", "state": "local"}},
        "services": {"orders": {"runtime": "go", "database": "postgres"}},
    }
    system = ClusterSystem.create(tmp_path, "k8s-late", yaml.safe_dump(spec, sort_keys=False).encode())
    try:
        system.configure(timeout=15)
        system.pulumi("config", "set", "--path", "cn:images.orders", NONE)
        began = time.monotonic()
        said = system.make("up", ok=False).stdout
        # The database gets ready first; a migration may take ten times the 15 seconds.
        assert time.monotonic() - began < 120
        assert "services.orders: migration: cannot pull its image: " in said
        assert "check cn:images.orders" in said
        assert said.count("services.orders: migration: ") == 1
        assert "it has no pods" not in said
    finally:
        system.make("down", "DATA=delete", ok=False)


def test_with_files_there_are_never_fewer_replicas_than_the_least(tmp_path: Path) -> None:
    def spec(**scale: int) -> str:
        services = {"site": {**SITE, "scale": scale}}
        whole = {
            "name": "k8s-files",
            "environments": {"prod": {"target": "kubernetes", "state": "local"}},
            "services": services,
        }
        return yaml.safe_dump(whole, sort_keys=False)

    def replicas() -> int:
        return int(system.get("deployment", "site")["status"].get("readyReplicas", 0))

    system = ClusterSystem.create(tmp_path, "k8s-files", spec(min=4).encode())
    try:
        system.make("manifests")
        system.run("kubectl", "apply", "-k", "infra/manifests/prod")
        until(90, "four replicas", lambda: replicas() == 4)
        (system.folder / "cn.yaml").write_text(spec(min=4, max=6))
        system.make("manifests")
        system.run("kubectl", "apply", "-k", "infra/manifests/prod")
        end, seen = time.monotonic() + 10, set()
        while time.monotonic() < end:
            found = system.get("deployment", "site")
            seen |= {found["spec"]["replicas"], found["status"].get("readyReplicas", 0)}
            time.sleep(0.2)
        assert min(seen) >= 4, seen
        assert system.get("hpa", "site")["spec"]["maxReplicas"] == 6
    finally:
        kubectl("delete", "namespace", system.namespace, "--ignore-not-found")
