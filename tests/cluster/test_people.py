"""What people do to a system on a cluster: from a second clone, by a kill, with few rights, by hand."""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cluster.cluster import ClusterSystem, kubectl, until
from tests.cluster.conftest import REGISTRY, TIMEOUT

SITE = {
    "image": "caddy:2",
    "route": "/",
    "port": 2080,
    "ready": "/up",
    "user": "65532:65532",
    "tmpfs": ["/config", "/data"],
    "command": ["caddy", "respond", "--listen", ":2080", "--body", "a site"],
}
SPEC: dict[str, Any] = {
    "name": "k8s-people",
    "environments": {"prod": {"target": "kubernetes", "state": "local"}},
    "services": {"site": {**SITE, "scale": {"min": 2}}},
}


def written(services: dict[str, Any]) -> str:
    return yaml.safe_dump({**SPEC, "services": services}, sort_keys=False)


@pytest.fixture(scope="module", name="people")
def _people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClusterSystem]:
    folder = tmp_path_factory.mktemp("people")
    system = ClusterSystem.create(folder, "k8s-people", written(SPEC["services"]).encode())
    try:
        system.configure(timeout=TIMEOUT // 2)
        system.make("up")
        system.host = system.pulumi("stack", "output", "url").stdout.strip().removeprefix("http://")
        yield system
    finally:
        system.make("down", "DATA=delete", ok=False)
        kubectl("delete", "namespace", system.namespace, "--ignore-not-found")


@pytest.fixture
def second(people: ClusterSystem, tmp_path: Path) -> ClusterSystem:
    """A clone with the same passphrase and a state of its own."""
    clone = tmp_path / "k8s-people"
    shutil.copytree(people.folder, clone, ignore=shutil.ignore_patterns(".pulumi-state", ".venv"))
    (clone / "infra/.venv").symlink_to(people.folder / "infra/.venv")
    return ClusterSystem(clone, people.name, people.environment)


def test_another_state_neither_changes_nor_deletes_what_is_there(
    people: ClusterSystem, second: ClusterSystem
) -> None:
    before = people.uids("site", "gateway")
    for words in (("up",), ("preview",), ("down",), ("down", "DATA=delete")):
        said = second.make(*words, ok=False)
        assert said.returncode != 0, words
        assert "'k8s-people-prod' was deployed from another Pulumi state" in said.stdout, words
        assert "Traceback" not in said.stdout
    refused = second.pulumi("up", "--yes", "--skip-preview", ok=False)
    assert refused.returncode != 0
    assert "'k8s-people-prod' was deployed from another Pulumi state" in refused.stdout
    assert people.uids("site", "gateway") == before
    people.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes")


def test_without_a_place_for_the_state_nothing_is_deployed(second: ClusterSystem) -> None:
    second.edit("cn.yaml", "    state: local\n", "")
    second.make("stack")
    for said in (*(second.make(word, ok=False) for word in ("up", "preview")), plain_up(second)):
        assert said.returncode != 0
        assert "environments.prod.state: is required before a deployment" in said.stdout
        assert "or `state: local` for one person on this machine" in said.stdout
    second.make("manifests")
    second.edit(
        "cn.yaml", "    target: kubernetes\n", "    target: kubernetes\n    state: s3://bucket/shop\n"
    )
    said = plain_up(second)
    assert said.returncode != 0
    assert "but the backend in use is file://./.pulumi-state" in said.stdout


def plain_up(system: ClusterSystem) -> subprocess.CompletedProcess[str]:
    return system.pulumi("up", "--yes", "--skip-preview", ok=False)


def test_a_protected_environment_is_taken_down_only_with_its_name(people: ClusterSystem) -> None:
    before = people.uids("site", "gateway")
    said = people.run("make", "down", "ENV=prod", ok=False)
    assert said.returncode != 0
    assert "add CONFIRM=k8s-people-prod" in said.stdout
    for words in ((), ("--skip-preview",), ("--skip-preview", "--continue-on-error")):
        said = people.pulumi("destroy", "--yes", *words, ok=False)
        assert said.returncode != 0, words
        assert "because it is protected" in said.stdout, words
    assert "no unprotected resources" in people.pulumi("destroy", "--yes", "--exclude-protected").stdout
    assert people.uids("site", "gateway") == before
    people.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes")


def test_no_user_changes_the_mark_of_a_state(people: ClusterSystem) -> None:
    """So of two that begin at once one gets the namespace, also where both saw no mark."""
    mark = json.loads(people.kubectl("get", "configmap", "stack--owner", "-o", "json"))
    other = {**mark, "data": {"state": "another"}, "metadata": {"name": "stack--owner"}}
    words = ("apply", "--server-side", "--force-conflicts", "--field-manager=other", "-f", "-")
    said = people.kubectl(*words, ok=False, given=json.dumps(other))
    assert "immutable" in said


def test_a_change_by_hand_is_set_back_and_reported(people: ClusterSystem) -> None:
    opened = json.dumps({"spec": {"egress": [{}]}})
    people.kubectl("patch", "networkpolicy", "site", "--type=merge", "--patch", opened)
    people.kubectl("set", "env", "deployment/site", "BY_HAND=1")
    people.kubectl("scale", "deployment/site", "--replicas=0")
    people.kubectl("delete", "poddisruptionbudget", "site")
    shown = people.make("preview").stdout
    assert "NetworkPolicy site: kubectl-patch, at " in shown
    assert people.get("deployment", "site")["spec"]["replicas"] == 0, "a preview changes nothing"
    said = people.make("up").stdout
    for part in (
        "NetworkPolicy site",
        "Deployment site",
        "PodDisruptionBudget site: deleted outside of Pulumi",
    ):
        assert part in said, said
    assert people.get("networkpolicy", "site")["spec"].get("egress") != [{}]
    assert people.get("deployment", "site")["spec"]["replicas"] == 2
    assert people.call("GET", "/") == (200, "a site"), "up ends when the system answers"
    said = people.make("up").stdout
    assert "has set" not in said
    assert "by hand" not in said


def test_a_change_by_hand_does_not_stop_the_next_one_of_the_spec(people: ClusterSystem) -> None:
    for kind in ("networkpolicy/site", "service/site", "serviceaccount/site", "deployment/site"):
        people.kubectl("label", kind, "app.kubernetes.io/part-of=mine", "--overwrite")
    people.kubectl("patch", "networkpolicy", "site", "--type=merge", "--patch", '{"spec": {"egress": [{}]}}')
    (people.folder / "cn.yaml").write_text(
        written({"site": {**SITE, "scale": {"min": 2}, "egress": ["10.9.8.0/24:5432"]}})
    )
    people.make("up")
    [rule] = [r for r in people.get("networkpolicy", "site")["spec"]["egress"] if "10.9.8" in str(r)]
    assert rule["ports"][0]["port"] == 5432
    labels = people.get("deployment", "site")["metadata"]["labels"]
    assert labels["app.kubernetes.io/part-of"] == "k8s-people"


def test_a_number_of_replicas_holds_where_an_autoscaler_was(people: ClusterSystem) -> None:
    for scale in ({"min": 2, "max": 3}, {"min": 4}, {"min": 2}):
        (people.folder / "cn.yaml").write_text(written({"site": {**SITE, "scale": scale}}))
        people.make("up")
        assert people.get("deployment", "site")["spec"]["replicas"] == scale["min"]
    assert people.get("hpa")["items"] == []
    people.kubectl("scale", "deployment/gateway", "--replicas=0")
    people.make("up")
    assert people.call("GET", "/") == (200, "a site")


def test_a_namespace_that_was_deleted_by_hand_is_recreated_on_request(people: ClusterSystem) -> None:
    kubectl("delete", "namespace", people.namespace)
    assert "add REFRESH=yes if that was deleted" in people.make("up", ok=False).stdout
    people.make("up", "REFRESH=yes")
    people.host = people.pulumi("stack", "output", "url").stdout.strip().removeprefix("http://")
    assert people.call("GET", "/") == (200, "a site")


def test_an_image_that_ran_before_is_not_taken_for_a_new_one(people: ClusterSystem) -> None:
    newer, none = f"{REGISTRY}/library/caddy:2", f"{REGISTRY}/library/none:1"
    people.pulumi("config", "set", "--path", "cn:images.site", newer)
    people.make("up")
    # As in a clone that lacks the commit.
    people.pulumi("config", "rm", "--path", "cn:images")
    before = people.uids("site")
    said = people.make("up", ok=False)
    assert said.returncode != 0
    assert f"services.site: caddy:2 is older than {newer}, which runs now; run `git pull`" in said.stdout
    assert people.uids("site") == before
    people.make("up", "ROLLBACK=yes")
    assert people.get("deployment", "site")["spec"]["template"]["spec"]["containers"][0]["image"] == "caddy:2"
    # A user who reverts a failed change continues with the running version.
    people.pulumi("config", "set", "--path", "cn:images.site", none)
    assert "cannot pull its image" in people.make("up", ok=False).stdout
    people.pulumi("config", "rm", "--path", "cn:images")
    people.make("up")
    assert people.call("GET", "/") == (200, "a site")


def started(people: ClusterSystem) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        ["make", "up", "ENV=prod"],
        cwd=people.folder,
        env=dict(people.environment),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def killed(people: ClusterSystem, when: Callable[[], Any]) -> None:
    """Start `make up` and end all its processes at a moment, as a power cut does."""
    process = started(people)
    try:
        until(120, "the moment", when)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    time.sleep(1)


def test_an_up_that_was_killed_is_gone_on_with(people: ClusterSystem) -> None:
    more = {"site": {**SITE, "scale": {"min": 2}}, "more": {**SITE, "route": "/more"}}
    (people.folder / "cn.yaml").write_text(written(more))
    killed(people, lambda: "more" in people.kubectl("get", "deployments", "-o", "name"))
    # It is there, and the state may not know it.
    people.make("unlock")
    people.make("up")
    assert people.call("GET", "/more") == (200, "a site")
    people.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes")
    (people.folder / "cn.yaml").write_text(written({"site": more["site"]}))
    people.make("up")
    assert "more" not in people.kubectl("get", "deployments", "-o", "name")


def test_after_down_the_namespace_is_free_for_another_state(
    people: ClusterSystem, second: ClusterSystem
) -> None:
    people.make("down")
    second.make("up")
    second.host = second.pulumi("stack", "output", "url").stdout.strip().removeprefix("http://")
    refused = people.make("up", ok=False)
    assert "was deployed from another Pulumi state" in refused.stdout
    kept = second.run("make", "down", "ENV=prod", "DATA=delete", ok=False)
    assert "add CONFIRM=k8s-people-prod" in kept.stdout
    assert second.call("GET", "/") == (200, "a site")
    second.edit("cn.yaml", "    state: local\n", "    state: local\n    protected: false\n")
    second.run("make", "down", "ENV=prod", "DATA=delete")
    assert "NotFound" in kubectl("get", "namespace", people.namespace, ok=False)
