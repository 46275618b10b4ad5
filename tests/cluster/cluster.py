"""A generated system on a real cluster, driven as a user drives it, and looked at from the node."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.kernel import processes
from tests.e2e.probes import CONNECT
from tests.e2e.system import System, command

COMPONENT, NAME = "app.kubernetes.io/component", "app.kubernetes.io/name"


def kubectl(*words: str, ok: bool = True, given: str | None = None) -> str:
    return command("kubectl", *words, ok=ok, given=given)


def get(*words: str) -> Any:
    return json.loads(kubectl("get", *words, "-o", "json"))


def until(seconds: float, what: str, check: Callable[[], Any]) -> Any:
    """Ask until the answer is true, and return it."""
    end = time.monotonic() + seconds
    while True:
        found = check()
        if found:
            return found
        assert time.monotonic() < end, f"not within {seconds:g} s: {what}"
        time.sleep(0.3)


def node_address() -> str:
    """Return the address of the node, which to pods is outside of the cluster."""
    [node, *_] = get("nodes")["items"]
    return str(next(a["address"] for a in node["status"]["addresses"] if a["type"] == "InternalIP"))


@dataclass
class ClusterSystem(System):
    """A repository whose environment `prod` is on the cluster of the kubeconfig."""

    port: int = 80
    stack: str = "prod"

    def make(self, target: str, *words: str, ok: bool = True) -> subprocess.CompletedProcess[str]:
        """Run make; that it is taken down is confirmed."""
        confirmed = (f"CONFIRM={self.namespace}",) if target == "down" else ()
        return super().make(target, *confirmed, *words, ok=ok)

    @property
    def namespace(self) -> str:
        return f"{self.name}-{self.stack}"

    def kubectl(self, *words: str, ok: bool = True, given: str | None = None) -> str:
        return kubectl("--namespace", self.namespace, *words, ok=ok, given=given)

    def get(self, *words: str) -> Any:
        return get("--namespace", self.namespace, *words)

    def pods(self, name: str = "", component: str = "") -> list[dict[str, Any]]:
        """Return the pods that run or start, of one name and component or of all."""
        wanted = {NAME: name, COMPONENT: component}
        selector = ",".join(f"{key}={value}" for key, value in wanted.items() if value)
        found = self.get("pods", *([f"--selector={selector}"] if selector else []))["items"]
        return [
            pod
            for pod in found
            if not pod["metadata"].get("deletionTimestamp")
            and pod["status"]["phase"] in {"Pending", "Running"}
        ]

    def pod(self, name: str, component: str = "service") -> dict[str, Any]:
        return self.pods(name, component)[0]

    def uids(self, *names: str) -> set[str]:
        return {pod["metadata"]["uid"] for name in names for pod in self.pods(name)}

    def query(self, service: str, sql: str) -> str:
        """Ask the database of a service as its superuser, from inside its pod."""
        pod = self.pod(service, "database")["metadata"]["name"]
        return self.kubectl("exec", pod, "--", "psql", "-U", "postgres", "-d", "app", "-tAc", sql).strip()

    def settle(self, name: str, replicas: int, seconds: float = 60) -> None:
        """Wait until a service has so many pods, all of them ready, and no other."""

        def settled() -> bool:
            found = self.get("pods", f"--selector={NAME}={name},{COMPONENT}=service")["items"]
            return len(found) == replicas and all(map(ready, found))

        until(seconds, f"{replicas} pods of {name} are ready", settled)


def ready(pod: Mapping[str, Any]) -> bool:
    conditions = pod["status"].get("conditions") or ()
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def pids(pod: Mapping[str, Any]) -> list[int]:
    """Return the processes of a pod's container in no order, as this machine, the node, sees them."""
    [state] = pod["status"]["containerStatuses"]
    identity = state["containerID"].rpartition("/")[2]
    found = []
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and identity in (folder / "cgroup").read_text():
                found.append(int(folder.name))
        except OSError:
            continue  # it has ended meanwhile
    assert found, f"no process of {pod['metadata']['name']} on this machine"
    return found


def reached(pod: Mapping[str, Any], targets: Iterable[tuple[str, int]]) -> set[tuple[str, int]]:
    """Return those of the addresses and ports that a pod reaches, asked from inside its network."""
    first = next(iter(processes(pids(pod))))
    command = ["nsenter", f"--net=/proc/{first}/ns/net", "python3", "-c", CONNECT]
    done = subprocess.run(
        [*command, json.dumps(list(targets))],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return {(host, port) for host, port in json.loads(done.stdout)}
