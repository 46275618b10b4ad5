"""A deployment by a user who has only the rights of `make rights`, where others made the namespace."""

import json
from pathlib import Path

import pytest
import yaml

from tests.cluster.cluster import ClusterSystem, kubectl, until
from tests.cluster.conftest import TIMEOUT
from tests.cluster.test_people import SITE

NAME = "k8s-rights"
SPEC = {
    "name": NAME,
    "environments": {"prod": {"target": "kubernetes", "state": "local"}},
    "services": {"site": {**SITE, "scale": {"min": 1, "max": 2}}},
}


def deployer(namespace: str, path: Path) -> None:
    """Make an account without any rights, and a kubeconfig for it."""
    kubectl("--namespace", namespace, "create", "serviceaccount", "deployer")
    config = json.loads(kubectl("config", "view", "--raw", "--minify", "--output=json"))
    token = kubectl("--namespace", namespace, "create", "token", "deployer", "--duration=1h").strip()
    config["users"][0]["user"] = {"token": token}
    path.write_text(json.dumps(config))


def test_who_may_only_what_is_printed_can_deploy(tmp_path: Path) -> None:
    system = ClusterSystem.create(tmp_path, NAME, yaml.safe_dump(SPEC, sort_keys=False).encode())
    namespace, config = system.namespace, tmp_path / "kubeconfig"
    kubectl("create", "namespace", namespace)
    try:
        deployer(namespace, config)
        system.configure(timeout=TIMEOUT)
        system.pulumi("config", "set", "kubernetes:kubeconfig", str(config))
        bind(system, "--clusterrole=view")
        said = system.make("up", ok=False).stdout
        assert (
            "it does not belong to this system; to assign it to k8s-rights, run `kubectl label namespace"
            in said
        )
        kubectl("label", "namespace", namespace, f"app.kubernetes.io/part-of={NAME}")
        said = system.make("up", ok=False).stdout
        assert "this user cannot create, delete, patch configmaps; " in said
        label = said.partition("ask an administrator to run `")[2].partition("`")[0].split()
        assert label[:2] == ["kubectl", "label"]
        kubectl(*label[1:])
        before = kubectl("get", "namespace", namespace, "--output=jsonpath={.metadata.resourceVersion}")
        role = system.make("rights").stdout
        kubectl("apply", "-f", "-", given=role)
        bind(system, f"--role={NAME}-deployer")
        system.make("up")
        system.host = system.pulumi("stack", "output", "url").stdout.strip().removeprefix("http://")
        assert system.call("GET", "/") == (200, "a site")
        system.kubectl("set", "image", "deployment/site", "*=caddy:none")
        system.make("up")
        assert (
            kubectl("get", "namespace", namespace, "--output=jsonpath={.metadata.resourceVersion}") == before
        )
        bind(system, "--clusterrole=admin")
        system.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes")
        system.make("down")
        assert (
            kubectl("get", "namespace", namespace, "--output=jsonpath={.metadata.resourceVersion}") == before
        )
    finally:
        kubectl("delete", "namespace", namespace, "--ignore-not-found")


def bind(system: ClusterSystem, role: str) -> None:
    system.kubectl("delete", "rolebinding", "deployer", "--ignore-not-found")
    account = f"--serviceaccount={system.namespace}:deployer"
    system.kubectl("create", "rolebinding", "deployer", role, account)
    verb = "list" if "view" in role else "create"
    asked = ("auth", "can-i", verb, "deployments", f"--as=system:serviceaccount:{system.namespace}:deployer")
    until(10, "the binding holds", lambda: "yes" in system.kubectl(*asked, ok=False))


@pytest.fixture(autouse=True)
def _gone() -> None:
    kubectl("delete", "namespace", f"{NAME}-prod", "--ignore-not-found")
