"""One life of examples/02-shop on a cluster, in order: each test goes on where the one before it ended."""

import base64
import json
import os
import signal
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from pulumi_stacks.text import cpu_millis, memory_bytes
from tests.cluster.cluster import ClusterSystem, get, kubectl, pids, reached, ready, until
from tests.cluster.conftest import TIMEOUT
from tests.e2e.load import load
from tests.e2e.system import FIGURES, timed

ITEMS = "/orders/items"
_NET_BIND = 1 << 10
_ids: dict[str, int] = {}


def test_images_are_pushed_by_one_command(shop: ClusterSystem) -> None:
    shop.configure(timeout=TIMEOUT)
    refused = shop.make("up", ok=False).stdout
    for service in ("orders", "billing", "catalog"):
        assert f"cn:images.{service}: is not set; `make push ENV=prod`" in refused
    with timed("push, images cold or from cache"):
        shop.make("push")
    images = json.loads(shop.pulumi("config", "get", "cn:images").stdout)
    assert sorted(images) == ["billing", "catalog", "orders"]
    assert all("/acme/k8s-shop-" in image and "@sha256:" in image for image in images.values())


def test_up_on_a_fresh_stack_answers_through_the_gateway(shop: ClusterSystem) -> None:
    with timed("up on the cluster, fresh"):
        shop.make("up")
    url = shop.pulumi("stack", "output", "url").stdout.strip()
    shop.host = url.removeprefix("http://")
    status, item = shop.call("POST", ITEMS, {"name": "first"})
    assert (status, item["name"]) == (201, "first")
    _ids["first"] = item["id"]
    assert shop.call("GET", f"{ITEMS}/{item['id']}") == (200, item)
    assert shop.call("GET", "/catalog/openapi.json")[0] == 200
    assert shop.call("GET", "/billing/items")[0] == 404, "a service without a route is internal"
    for path in ("healthz", "readyz", "metrics", "peers"):
        assert shop.call("GET", f"/orders/{path}")[0] == 404
    assert int(shop.query("orders", "select count(*) from items")) == 1
    assert shop.query("billing", "select count(*) from items") == "0"


def test_orders_reaches_billing_through_its_own_client(shop: ClusterSystem) -> None:
    ask = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:8080/peers').read().decode())"
    name = shop.pod("orders")["metadata"]["name"]
    assert '"state":"up"' in shop.kubectl("exec", name, "--", "python", "-c", ask)


def test_a_second_up_changes_nothing(shop: ClusterSystem) -> None:
    before = shop.uids("orders", "billing", "catalog", "gateway")
    with timed("second up on the cluster"):
        shop.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes")
    assert shop.uids("orders", "billing", "catalog", "gateway") == before


def test_who_reaches_whom_is_exactly_what_the_spec_declares(shop: ClusterSystem) -> None:
    """Ask from every pod for every service, database and the gateway, at every address that they have."""
    declared = {
        ("orders", "billing", 8080),
        ("orders", "orders-database", 5432),
        ("billing", "billing-database", 5432),
        ("gateway", "orders", 8080),
        ("gateway", "catalog", 8080),
    }
    pods = {pod_title(pod): pod for pod in shop.pods()}
    assert sorted(pods) == ["billing", "billing-database", "catalog", "gateway", "orders", "orders-database"]
    ports = {
        "orders": 8080,
        "billing": 8080,
        "catalog": 8080,
        "orders-database": 5432,
        "billing-database": 5432,
        "gateway": 8080,
    }
    services: dict[tuple[str, int], str] = {}
    targets: dict[tuple[str, int], str] = {}
    for goal, port in ports.items():
        told = shop.get("service", goal)["spec"]
        services[(told["clusterIP"], told["ports"][0]["port"])] = goal
        targets |= {(pod["status"]["podIP"], port): goal for pod in shop.pods() if pod_title(pod) == goal}
    targets |= services
    found = set()
    for source, pod in pods.items():
        # A pod reaches itself, by whatever name.
        own = {(pod["status"]["podIP"], port) for port in ports.values()}
        own |= {target for target, goal in services.items() if goal == source}
        found |= {(source, targets[target], target[1]) for target in reached(pod, targets.keys() - own)}
    assert found == declared
    # Every address of what is declared answers, not one of several.
    for source, goal, port in declared:
        wanted = {target for target, name in targets.items() if name == goal and target[1] == port}
        assert reached(pods[source], wanted) == wanted, (source, goal)
    FIGURES["matrix of connections on the cluster"] = f"{len(pods)} x {len(targets)}"


def pod_title(pod: Mapping[str, Any]) -> str:
    labels = pod["metadata"]["labels"]
    suffix = "-database" if labels["app.kubernetes.io/component"] == "database" else ""
    return str(labels["app.kubernetes.io/name"]) + suffix


def test_the_outside_is_closed_until_a_network_and_port_are_declared(shop: ClusterSystem) -> None:
    """The node's own address stands for the outside."""
    [node, *_] = get("nodes")["items"]
    host = next(a["address"] for a in node["status"]["addresses"] if a["type"] == "InternalIP")
    with socket.create_server((host, 0)) as declared, socket.create_server((host, 0)) as other:
        ports = [listener.getsockname()[1] for listener in (declared, other)]
        targets = [(host, port) for port in ports]
        assert not any(reached(pod, targets) for pod in shop.pods())
        before = shop.uids("catalog", "orders", "billing")
        egress = f'    environments: {{prod: {{egress: ["{host}/32:{ports[0]}"]}}}}\n'
        shop.edit("cn.yaml", "    runtime: go\n", f"    runtime: go\n{egress}")
        shop.make("up")
        assert shop.uids("catalog", "orders", "billing") == before, "a rule opens without a roll-out"
        opened = {pod_title(pod): reached(pod, targets) for pod in shop.pods()}
    assert opened.pop("billing") == {targets[0]}
    assert not any(opened.values())
    shop.run("git", "checkout", "--quiet", "cn.yaml")


def test_every_pod_is_as_restricted_as_the_kernel_says(shop: ClusterSystem) -> None:
    labels = get("namespace", shop.namespace)["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    pods = shop.pods()
    for pod in pods:
        title = pod_title(pod)
        allowed = _NET_BIND if title == "gateway" else 0
        for pid in pids(pod):
            status = process(pid)
            assert "0" not in status["Uid"].split(), title
            assert "0" not in status["Gid"].split(), title
            assert status["NoNewPrivs"] == "1", title
            assert status["Seccomp"] == "2", title
            for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
                assert int(status[kind], 16) & ~allowed == 0, (title, kind)
        first = pids(pod)[0]
        options = mount_options(first, "/")
        assert "ro" in options, title
        assert not Path(f"/proc/{first}/root/var/run/secrets/kubernetes.io").exists(), title
        [container] = pod["spec"]["containers"]
        wanted = container["resources"]["limits"]
        assert memory_limit(first) == memory_bytes(wanted["memory"]), title
        assert cpu_limit(first) == cpu_millis(wanted["cpu"]), title


def group(pid: int, controller: str) -> Path:
    """Return the folder of a process's control group, of either version."""
    lines = Path(f"/proc/{pid}/cgroup").read_text().splitlines()
    found = {names: path for _, names, path in (line.split(":", 2) for line in lines)}
    for names, path in found.items():
        if controller in names.split(","):
            return Path(f"/sys/fs/cgroup/{controller}{path}")
    return Path(f"/sys/fs/cgroup{found['']}")


def memory_limit(pid: int) -> int:
    folder = group(pid, "memory")
    new = folder / "memory.max"
    return int((new if new.exists() else folder / "memory.limit_in_bytes").read_text())


def cpu_limit(pid: int) -> int:
    """Return how much of a CPU a process may use, in thousandths."""
    folder = group(pid, "cpu")
    if (folder / "cpu.max").exists():
        quota, period = (folder / "cpu.max").read_text().split()
    else:
        quota, period = ((folder / f"cpu.cfs_{what}_us").read_text() for what in ("quota", "period"))
    return 1000 * int(quota) // int(period)


def process(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def mount_options(pid: int, point: str) -> list[str]:
    found = [line.split() for line in Path(f"/proc/{pid}/mounts").read_text().splitlines()]
    return [fields[3] for fields in found if fields[1] == point][-1].split(",")


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
    _ids["calm"] = int(time.monotonic())


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
    name = shop.pod("orders", "database")["metadata"]["name"]
    shop.kubectl("delete", "pod", name)
    until(60, "the database is ready", lambda: (pods := shop.pods("orders", "database")) and ready(pods[0]))
    assert shop.query("orders", "select count(*), sum(id) from items") == before
    until(15, "orders answers", lambda: shop.call("GET", f"{ITEMS}/{_ids['first']}")[0] == 200)


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
        mended = shop.make("up", ok=False)
    shop.run("git", "checkout", "--quiet", path)
    assert failed.returncode != 0
    FIGURES["a broken image fails after"] = f"{took:6.1f} s"
    assert took < 2 * TIMEOUT
    assert "services.orders" in failed.stdout
    assert "Readiness probe failed" in failed.stdout, failed.stdout
    assert "planted: never ready" in failed.stdout, failed.stdout
    assert "Traceback" not in failed.stdout
    assert mended.returncode == 0, mended.stdout
    assert running.failures == []
    assert running.sent.total() > 200
    shop.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes")


def test_after_the_load_it_scales_down_again(shop: ClusterSystem) -> None:
    until(240, "one pod of catalog", lambda: len(shop.pods("catalog")) == 1)
    FIGURES["scaled down after"] = f"{time.monotonic() - _ids['calm']:6.1f} s without load"


def test_no_password_is_in_the_state_in_plain_text(shop: ClusterSystem) -> None:
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
