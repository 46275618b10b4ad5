"""The system of test_shop.py lives on: it changes, grows and loses parts, and answers all the while."""

import json
import os
import signal
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from tests.cluster.cluster import ClusterSystem, kubectl, pids, ready, until
from tests.cluster.conftest import TIMEOUT
from tests.e2e.figures import FIGURES, timed
from tests.e2e.load import load

ITEMS = "/orders/items"
_calm: list[float] = []


def test_one_changed_line_rolls_out_only_its_service_and_loses_no_request(shop: ClusterSystem) -> None:
    others = shop.uids("billing", "catalog", "gateway")
    before, revisions = shop.uids("orders"), generations(shop)
    shop.edit(
        "services/orders/app/items.py",
        "limit: Annotated[int, Query(ge=1, le=100)] = 20",
        "limit: Annotated[int, Query(ge=1, le=100)] = 21",
    )
    with load(shop.port, ITEMS, host=shop.host) as running:
        shop.make("push-orders")
        with timed("up on the cluster, one line of orders changed, under load"):
            shop.make("up")
        until(120, "2,000 requests", lambda: running.sent.total() >= 2000)
        time.sleep(8)  # the last of the old pods drains
    FIGURES["requests during that"] = f"{dict(running.sent)}, failed: {len(running.failures)}"
    assert running.failures == []
    assert min(running.sent["GET"], running.sent["POST"]) >= 800
    shop.settle("orders", 3)
    assert shop.uids("billing", "catalog", "gateway") == others
    now = shop.uids("orders")
    database = {shop.pod("orders", "database")["metadata"]["uid"]}
    assert now & before == database
    changed = {name for name, generation in generations(shop).items() if revisions.get(name) != generation}
    assert changed == {"orders"}
    contract = shop.call("GET", "/orders/openapi.json")[1]
    assert contract["paths"]["/items"]["get"]["parameters"][1]["schema"]["default"] == 21
    stored = int(shop.query("orders", "select count(*) from items where name = 'under load'"))
    assert stored == len(running.created), "every acknowledged row is there"


def generations(shop: ClusterSystem) -> dict[str, int]:
    found = shop.get("deployments")["items"]
    return {item["metadata"]["name"]: item["metadata"]["generation"] for item in found}


def test_a_service_scales_up_under_load_and_down_again(shop: ClusterSystem) -> None:
    assert len(shop.pods("catalog")) == 1
    with load(shop.port, "/catalog/openapi.json", "GET", host=shop.host) as running:
        began = time.monotonic()
        until(150, "more pods of catalog", lambda: len(shop.pods("catalog")) > 1)
        FIGURES["scaled up after"] = f"{time.monotonic() - began:6.1f} s of load"
        until(60, "they are ready", lambda: all(map(ready, shop.pods("catalog"))))
    assert running.failures == []
    _calm.append(time.monotonic())


def test_a_service_that_begins_to_scale_and_ends_it_keeps_its_pods(shop: ClusterSystem) -> None:
    shop.settle("orders", 3)
    before, seen = shop.uids("orders"), {3}
    fixed, scaled = "{scale: {min: 3}}", "{scale: {min: 3, max: 4}}"
    for old, new in ((fixed, scaled), (scaled, fixed)):
        shop.edit("cn.yaml", f"environments: {{prod: {old}}}", f"environments: {{prod: {new}}}")
        deploying = threading.Thread(target=shop.make, args=("up",))
        deploying.start()
        while deploying.is_alive():
            seen.add(shop.get("deployment", "orders")["spec"]["replicas"])
        deploying.join()
    assert min(seen) == 3, seen
    assert shop.uids("orders") >= before
    shop.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes")


def test_evictions_keep_to_the_budget(shop: ClusterSystem) -> None:
    shop.settle("orders", 3)
    names = [pod["metadata"]["name"] for pod in shop.pods("orders", "service")]
    answers = [evict(shop, name) for name in names]
    assert "Success" in answers[0]
    assert all("TooManyRequests" in answer or "disruption budget" in answer for answer in answers[1:])
    shop.settle("orders", 3)


def evict(shop: ClusterSystem, name: str) -> str:
    asked = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": name, "namespace": shop.namespace},
    }
    path = f"/api/v1/namespaces/{shop.namespace}/pods/{name}/eviction"
    return kubectl("create", "--raw", path, "-f", "-", given=json.dumps(asked), ok=False)


def test_a_killed_container_is_back_in_time_and_loses_no_row(shop: ClusterSystem) -> None:
    shop.settle("billing", 1)
    pod = shop.pod("billing")
    for title, victim in (("billing", pod), ("billing's database", shop.pod("billing", "database"))):
        name = victim["metadata"]["name"]
        began = time.monotonic()
        kill(victim)
        until(20, f"{name} is back", lambda name=name: back(shop, name))  # type: ignore[misc]
        took = time.monotonic() - began
        FIGURES[f"ready again after kill -9 of {title}"] = f"{took:6.1f} s"
        assert took <= 10, title
    status, item = shop.call("POST", ITEMS, {"name": "kept"})
    assert status == 201
    kill(shop.pod("orders", "database"))
    until(20, "the row is there", lambda: shop.call("GET", f"{ITEMS}/{item['id']}") == (200, item))


def kill(pod: Mapping[str, Any]) -> None:
    for pid in pids(pod):
        with suppress(ProcessLookupError):  # it went with its parent
            os.kill(pid, signal.SIGKILL)


def back(shop: ClusterSystem, name: str) -> bool:
    pod = shop.get("pod", name)
    return ready(pod) and any(state["restartCount"] for state in pod["status"]["containerStatuses"])


def test_a_deleted_database_pod_keeps_its_rows(shop: ClusterSystem) -> None:
    before = shop.query("orders", "select count(*), sum(id) from items")
    [item] = shop.call("GET", f"{ITEMS}?limit=1")[1]["items"]
    name = shop.pod("orders", "database")["metadata"]["name"]
    shop.kubectl("delete", "pod", name)
    until(60, "the database is ready", lambda: (pods := shop.pods("orders", "database")) and ready(pods[0]))
    assert shop.query("orders", "select count(*), sum(id) from items") == before
    until(15, "orders answers", lambda: shop.call("GET", f"{ITEMS}/{item['id']}") == (200, item))


def test_a_broken_image_fails_with_its_reason_while_the_old_pods_serve(shop: ClusterSystem) -> None:
    sound = shop.pulumi("config", "get", "--path", 'cn:images["orders"]').stdout.strip()
    path, old = "services/orders/app/health.py", "    if request.app.state.draining:\n"
    shop.edit(
        path,
        old,
        '    print("planted: never ready", flush=True)\n'
        f'    raise HTTPException(503, "planted: never ready")\n{old}',
    )
    with load(shop.port, ITEMS, host=shop.host) as running:
        shop.make("push-orders")
        began = time.monotonic()
        failed = shop.make("up", ok=False)
        took = time.monotonic() - began
        shop.pulumi("config", "set", "--path", 'cn:images["orders"]', sound)
        fixed = shop.make("up", ok=False)
    shop.run("git", "checkout", "--quiet", path)
    assert failed.returncode != 0
    FIGURES["a broken image fails after"] = f"{took:6.1f} s"
    assert took < 2 * TIMEOUT
    assert "services.orders" in failed.stdout
    assert "Readiness probe failed" in failed.stdout, failed.stdout
    assert "planted: never ready" in failed.stdout, failed.stdout
    assert "Traceback" not in failed.stdout
    assert fixed.returncode == 0, fixed.stdout
    assert running.failures == []
    assert running.sent.total() > 200
    shop.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes")


def test_after_the_load_it_scales_down_again(shop: ClusterSystem) -> None:
    until(240, "one pod of catalog", lambda: len(shop.pods("catalog")) == 1)
    FIGURES["scaled down after"] = f"{time.monotonic() - _calm[0]:6.1f} s without load"
