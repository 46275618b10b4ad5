"""What stands in the way of the system of test_shop.py, which lives on: faults name the key to change."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.cluster import ClusterSystem, get, kubectl, until
from tests.cluster.conftest import TIMEOUT

PROD = "prod: {target: kubernetes, state: local}"
QUOTA = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "tight"}}


def refused(shop: ClusterSystem, *words: str) -> str:
    """Say what `make preview` says, which must fail without a traceback."""
    done = shop.make("preview", *words, ok=False)
    assert done.returncode != 0, done.stdout
    assert "Traceback" not in done.stdout
    return done.stdout


def with_kubeconfig(shop: ClusterSystem, path: Path) -> str:
    """Say what `make preview` says with another kubeconfig."""
    before = shop.environment
    shop.environment = {**before, "KUBECONFIG": str(path)}
    try:
        return refused(shop)
    finally:
        shop.environment = before


def kubeconfig() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(kubectl("config", "view", "--raw", "--minify", "-o", "json"))
    return found


def test_an_unreachable_cluster(shop: ClusterSystem, tmp_path: Path) -> None:
    path, found = tmp_path / "kubeconfig", kubeconfig()
    found["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:9"
    path.write_text(json.dumps(found))
    said = with_kubeconfig(shop, path)
    assert "environments.prod.kube_context: cannot connect to the cluster of the current context" in said
    assert "refused" in said


def test_a_context_that_is_not_there(shop: ClusterSystem) -> None:
    shop.edit("cn.yaml", PROD, "prod: {target: kubernetes, state: local, kube_context: nowhere}")
    said = refused(shop)
    shop.run("git", "checkout", "--quiet", "cn.yaml")
    assert "environments.prod.kube_context" in said
    assert "'nowhere'" in said
    assert f"(contexts: {kubeconfig()['current-context']})" in said


def test_another_namespace_than_that_of_the_stack(shop: ClusterSystem) -> None:
    shop.edit("cn.yaml", PROD, "prod: {target: kubernetes, state: local, namespace: elsewhere}")
    for command in ("up", "down"):
        failed = shop.make(command, ok=False)
        assert failed.returncode != 0
        assert "its stack is not in the namespace 'elsewhere' of the " in failed.stdout
    shop.run("git", "checkout", "--quiet", "cn.yaml")
    assert len(shop.pods("orders", "service")) == 3, "nothing was touched"


def test_a_storage_class_that_is_not_there(shop: ClusterSystem) -> None:
    shop.edit("cn.yaml", PROD, "prod: {target: kubernetes, state: local, storage_class: nowhere}")
    said = refused(shop)
    shop.run("git", "checkout", "--quiet", "cn.yaml")
    classes = sorted(item["metadata"]["name"] for item in get("storageclass")["items"])
    assert "environments.prod.storage_class: no storage class 'nowhere' on the cluster" in said
    assert f"; choose from {', '.join(classes)}" in said


def test_a_user_without_rights(shop: ClusterSystem, tmp_path: Path) -> None:
    path, found = tmp_path / "kubeconfig", kubeconfig()
    shop.kubectl("create", "serviceaccount", "visitor")
    token = shop.kubectl("create", "token", "visitor").strip()
    found["users"][0]["user"] = {"token": token}
    path.write_text(json.dumps(found))
    said = with_kubeconfig(shop, path)
    shop.kubectl("delete", "serviceaccount", "visitor")
    assert "environments.prod.kube_context: this user cannot create, delete, patch, get, list" in said
    assert "create, delete, patch, get, list, watch jobs; " in said
    assert "in the namespace 'k8s-shop-prod'; bind the Role that `make rights ENV=prod` prints" in said


def test_a_quota_that_is_too_tight(shop: ClusterSystem) -> None:
    given = {**QUOTA, "spec": {"hard": {"limits.memory": "256Mi"}}}
    shop.kubectl("create", "-f", "-", given=json.dumps(given))
    shop.configure(timeout=15)
    shop.edit("cn.yaml", "    route: /catalog\n", '    route: /catalog\n    config: {GREETING: "hello"}\n')
    failed = shop.make("up", ok=False)
    shop.kubectl("delete", "resourcequota", "tight")
    assert failed.returncode != 0
    assert "services.catalog: " in failed.stdout
    assert "exceeded quota: tight" in failed.stdout
    assert "lower services.catalog.resources or services.catalog.scale" in failed.stdout
    shop.configure(timeout=TIMEOUT)
    shop.make("up")
    [pod, *_] = shop.pods("catalog")
    assert shop.call("GET", "/catalog/openapi.json")[0] == 200
    settings = pod["spec"]["containers"][0]["envFrom"][0]["configMapRef"]["name"]
    assert shop.get("configmap", settings)["data"]["GREETING"] == "hello"


@pytest.mark.parametrize("entry", ["loadbalancer", "ingress", "gateway-api"])
def test_the_api_server_takes_the_rendered_files(shop: ClusterSystem, entry: str, gateway_api: None) -> None:
    fields = f"target: kubernetes, namespace: k8s-admission, domain: shop.example.com, gateway: {entry}"
    shop.edit("cn.yaml", PROD, f"prod: {{{fields}}}")
    if entry == "gateway-api":
        assert "cn:gateway_class: is not set" in shop.make("manifests", ok=False).stdout
        shop.configure(gateway_class="example")
    try:
        said = shop.make("manifests").stdout
        folder = shop.folder / "infra" / "manifests" / "prod"
        assert "create the Secret database--orders with password and url first" in said
        kubectl("apply", "-f", str(folder / "namespace.yaml"))
        printed = kubectl("apply", "--dry-run=server", "-k", str(folder))
        assert "Warning" not in printed
        kinds = {"loadbalancer": [], "ingress": ["ingress."], "gateway-api": ["gateway.", "httproute."]}
        for kind in kinds[entry]:
            assert f"{kind}" in printed
    finally:
        shop.run("git", "checkout", "--quiet", "cn.yaml")
        kubectl("delete", "namespace", "k8s-admission", "--wait=false", ok=False)
        until(60, "it is gone", lambda: "NotFound" in kubectl("get", "namespace", "k8s-admission", ok=False))


def test_no_password_is_in_the_state_or_in_what_was_printed_till_now(shop: ClusterSystem) -> None:
    found = shop.get("secrets")["items"]
    assert len(found) == 2
    decoded = {base64.b64decode(item["data"]["password"]).decode() for item in found}
    assert len(decoded) == 2
    state = shop.pulumi("stack", "export", kept=False).stdout
    printed = "".join(shop.printed)
    for password in decoded:
        assert len(password) >= 20
        assert password not in state
        assert base64.b64encode(password.encode()).decode() not in state
        assert password not in printed
