"""The life of examples/02-shop on a cluster, in order: it begins, and is what the spec declares.

It continues in test_shop_availability.py and test_shop_broken.py, and ends in test_shop_down.py.
"""

import json
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pulumi_stacks.quantities import cpu_millis, memory_bytes
from pulumi_stacks.targets.kubernetes.manifests.pod_template import EVICTABLE
from tests.cluster.cluster import ClusterSystem, get, node_address, pids, reached
from tests.cluster.conftest import TIMEOUT
from tests.e2e import kernel
from tests.e2e.figures import FIGURES, timed

ITEMS = "/orders/items"


def test_the_first_command_ever_may_be_push(shop: ClusterSystem) -> None:
    assert not (shop.folder / "infra/.passphrase").exists()
    shop.make("push-billing", "preview", ok=False)
    assert "@sha256:" in shop.pulumi("config", "get", "--path", "cn:images.billing").stdout
    shop.pulumi("config", "rm", "--path", "cn:images")


def test_images_are_pushed_by_one_command(shop: ClusterSystem) -> None:
    shop.configure(timeout=TIMEOUT)
    refused = shop.make("up", ok=False).stdout
    for service in ("orders", "billing", "catalog"):
        assert f"cn:images.{service}: is not set; run `make push ENV=prod`" in refused
    with timed("push, images cold or from cache"):
        shop.make("push")
    images = json.loads(shop.pulumi("config", "get", "cn:images").stdout)
    assert sorted(images) == ["billing", "catalog", "orders"]
    assert all("/acme/k8s-shop-" in image and "@sha256:" in image for image in images.values())


def test_up_on_a_fresh_stack_answers_through_the_gateway(shop: ClusterSystem) -> None:
    with timed("up on the cluster, fresh"):
        said = shop.make("up").stdout
    assert "environments.prod.gateway: the load balancer is public and speaks plain HTTP" in said
    assert "so DNS fails" not in said, "its DNS is one that they open"
    url = shop.pulumi("stack", "output", "url").stdout.strip()
    shop.host = url.removeprefix("http://")
    status, item = shop.call("POST", ITEMS, {"name": "first"})
    assert (status, item["name"]) == (201, "first")
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
        ("orders", "database--orders", 5432),
        ("billing", "database--billing", 5432),
        ("gateway", "orders", 8080),
        ("gateway", "catalog", 8080),
    }
    pods = {pod_title(pod): pod for pod in shop.pods()}
    ports = {
        "orders": 8080,
        "billing": 8080,
        "catalog": 8080,
        "database--orders": 5432,
        "database--billing": 5432,
        "gateway": 8080,
    }
    assert sorted(pods) == sorted(ports)
    services = {address_of(shop, goal): goal for goal in ports}
    all_pods = [(pod["status"]["podIP"], pod_title(pod)) for pod in shop.pods()]
    targets = {(address, ports[goal]): goal for address, goal in all_pods} | services
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


def address_of(shop: ClusterSystem, service: str) -> tuple[str, int]:
    """Return the address and the port of a Service."""
    told = shop.get("service", service)["spec"]
    return told["clusterIP"], told["ports"][0]["port"]


def pod_title(pod: Mapping[str, Any]) -> str:
    labels = pod["metadata"]["labels"]
    prefix = "database--" if labels["app.kubernetes.io/component"] == "database" else ""
    return prefix + str(labels["app.kubernetes.io/name"])


def test_the_outside_is_closed_until_a_network_and_port_are_declared(shop: ClusterSystem) -> None:
    """The node's own address stands for the outside."""
    host = node_address()
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
    for pod in shop.pods():
        title, processes = pod_title(pod), kernel.processes(pids(pod))
        for process in processes.values():
            kernel.assert_unprivileged(process, title, binds=title == "gateway")
            assert "0" not in process["Gid"].split(), title
            assert process["Seccomp"] == "2", title
        first = next(iter(processes))
        kernel.assert_read_only(first, title)
        assert not Path(f"/proc/{first}/root/var/run/secrets/kubernetes.io").exists(), title
        scratch = [each["name"] for each in pod["spec"]["volumes"] if "emptyDir" in each]
        assert pod["metadata"]["annotations"][EVICTABLE] == ",".join(scratch), title
        [container] = pod["spec"]["containers"]
        wanted = container["resources"]["limits"]
        assert kernel.memory_limit(first) == memory_bytes(wanted["memory"]), title
        assert kernel.cpu_limit(first) == cpu_millis(wanted["cpu"]), title
