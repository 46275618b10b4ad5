"""The end of the life that began in test_shop.py."""

from tests.cluster.cluster import ClusterSystem, get, kubectl, until
from tests.e2e.figures import timed

ITEMS = "/orders/items"


def test_down_keeps_the_claims_and_says_so(shop: ClusterSystem) -> None:
    with timed("down on the cluster"):
        said = shop.make("down").stdout
    kept = ["data-database--billing-0", "data-database--orders-0"]
    assert f"kept: the namespace k8s-shop-prod, with {', '.join(kept)}" in said
    assert "delete it with `make down ENV=prod DATA=delete`" in said
    claims = shop.get("persistentvolumeclaims")["items"]
    assert [claim["metadata"]["name"] for claim in claims] == kept
    kinds = "deployments,statefulsets,jobs,pods,services,secrets,networkpolicies,hpa,pdb,ingresses"
    assert shop.get(kinds)["items"] == []
    others = shop.get("configmaps,serviceaccounts")["items"]
    assert {item["metadata"]["name"] for item in others} == {"kube-root-ca.crt", "default"}


def test_up_after_down_answers_with_the_old_rows(shop: ClusterSystem) -> None:
    with timed("up on the cluster, over kept claims"):
        shop.make("up")
    shop.host = shop.pulumi("stack", "output", "url").stdout.strip().removeprefix("http://")
    status, page = shop.call("GET", f"{ITEMS}?limit=1")
    assert status == 200
    assert page["items"][0]["name"] == "first"


def test_down_with_the_data_leaves_nothing(shop: ClusterSystem) -> None:
    said = shop.make("down", "DATA=delete").stdout
    assert "deleted the namespace k8s-shop-prod and all volumes in it" in said
    assert "NotFound" in kubectl("get", "namespace", shop.namespace, ok=False)
    until(30, "no volume is left", lambda: not volumes(shop.namespace))


def volumes(namespace: str) -> list[str]:
    found = get("persistentvolumes")["items"]
    return [v["metadata"]["name"] for v in found if v["spec"]["claimRef"]["namespace"] == namespace]
