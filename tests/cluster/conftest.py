"""What the tests on a cluster share: they need one, kubectl, Docker, a registry that both read, and Pulumi.

CN_REGISTRY names the registry (default: the engine room's).
"""

import json
import os
import subprocess
from collections.abc import Callable, Iterator

import pytest

from tests.cluster.cluster import ClusterSystem, kubectl
from tests.e2e.figures import pytest_terminal_summary
from tests.e2e.system import ROOT

__all__ = ["pytest_terminal_summary"]

REGISTRY = os.environ.get("CN_REGISTRY", "127.0.0.1:5000")
GATEWAY_API = "sigs.k8s.io/gateway-api@v1.6.3"
TIMEOUT = 45  # seconds that pods have to get ready; the default is longer
# The example, with more replicas of one service and a scale that little load reaches.
CHANGES = {
    "name: shop\n": "name: k8s-shop\n",
    "registry: ghcr.io/acme\n": f"registry: {REGISTRY}/acme\n",
    "    calls: [billing]\n": "    calls: [billing]\n    environments: {prod: {scale: {min: 3}}}\n",
    "      prod: {scale: {max: 6}}\n": (
        "      prod: {scale: {min: 1, max: 3, cpu: 20}, resources: {cpu: 250m}}\n"
    ),
}


@pytest.fixture(scope="session", autouse=True)
def _cluster(require: Callable[..., None]) -> None:
    require("docker", "pulumi", "make", "kubectl", "nsenter")


@pytest.fixture(scope="session")
def shop(_cluster: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClusterSystem]:
    """The example 02-shop under a name of its own, not yet started; taken away at the end."""
    spec = (ROOT / "examples" / "02-shop" / "cn.yaml").read_text()
    for old, new in CHANGES.items():
        assert spec.count(old) == 1, old
        spec = spec.replace(old, new)
    system = ClusterSystem.create(tmp_path_factory.mktemp("cluster"), "k8s-shop", spec.encode())
    yield system
    system.make("down", "DATA=delete", ok=False)


@pytest.fixture(scope="session")
def gateway_api(require: Callable[..., None]) -> Iterator[None]:
    """The kinds of the Gateway API, as the cluster has them that takes such routes."""
    require("go")
    told = subprocess.run(
        ["go", "mod", "download", "-json", GATEWAY_API], capture_output=True, text=True, check=True
    )
    folder = f"{json.loads(told.stdout)['Dir']}/config/crd/standard"
    kubectl("apply", "--server-side", "--force-conflicts", "-f", folder)
    kubectl("wait", "--for=condition=Established", "crd/httproutes.gateway.networking.k8s.io")
    yield
    kubectl("delete", "-f", folder, "--wait=false", ok=False)
