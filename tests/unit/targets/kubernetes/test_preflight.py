"""What is asked of a cluster before anything is made there: each fault names the key to change."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pulumi_stacks.targets.kubernetes.kubectl import Kubectl
from pulumi_stacks.targets.kubernetes.live.recorded_state import RecordedState
from pulumi_stacks.targets.kubernetes.manifests.system import SystemManifests
from pulumi_stacks.targets.kubernetes.preflight import faults, warnings
from tests.unit.clusters import TIMEOUTS, Spec, live, plan
from tests.unit.fake_kubectl import FakeKubectl

SHOP: Spec = {
    "name": "shop",
    "services": {"orders": {"runtime": "python", "database": "postgres"}, "site": {"image": "caddy:2"}},
}
PLAIN: Spec = {"name": "shop", "services": {"site": {"image": "caddy:2"}}}
NONE: Mapping[str, Any] = {}
STANDARD = {
    "metadata": {"name": "standard", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}
}
FRESH = RecordedState()
FAST = {"metadata": {"name": "fast"}}


def asked(
    fake: FakeKubectl,
    spec: Spec = SHOP,
    denied: str = "",
    answers: Mapping[str, Any] = NONE,
    recorded: RecordedState = FRESH,
) -> tuple[str, ...]:
    fake.answer(
        {
            "--raw=/version": "{}",
            "create": frozenset(denied.split()),
            "get namespace alive": "",
            "get storageclass": {"items": [STANDARD]},
            **answers,
        }
    )
    return faults(plan(spec if "live" in spec.get("environments", {}) else live(spec)), Kubectl(), recorded)[
        0
    ]


def resources(fake: FakeKubectl) -> list[str]:
    items = [item for given in fake.given for item in given["items"]]
    return [item["spec"]["resourceAttributes"]["resource"] for item in items]


def test_a_cluster_that_can_take_it_has_no_faults(fake: FakeKubectl) -> None:
    assert asked(fake) == ()
    assert {"namespaces", "deployments", "statefulsets", "jobs", "networkpolicies"} <= set(resources(fake))


def test_only_what_is_made_is_asked_for(fake: FakeKubectl) -> None:
    asked(fake, PLAIN)
    assert not {"statefulsets", "jobs", "ingresses", "gateways"} & set(resources(fake))
    assert not [line for line in fake.asked if "storageclass" in line]


@pytest.mark.parametrize(
    ("entry", "kinds"), [("ingress", {"ingresses"}), ("gateway-api", {"gateways", "httproutes"})]
)
def test_the_way_in_is_asked_for(entry: str, kinds: set[str], fake: FakeKubectl) -> None:
    asked(fake, live(PLAIN, gateway=entry, domain="a.example"))
    assert kinds <= set(resources(fake))


def test_a_cluster_that_does_not_answer_is_named_with_the_contexts_that_there_are(fake: FakeKubectl) -> None:
    down: dict[str, Any] = {
        "--raw=/version": RuntimeError("connection refused"),
        "config get-contexts": "b\na\n",
    }
    [told] = asked(fake, answers=down)
    assert told == (
        "environments.live.kube_context: cannot connect to the cluster of the current context: "
        "connection refused (contexts: a, b)"
    )
    [told] = asked(fake, live(SHOP, kube_context="c"), answers=down)
    assert "cannot connect to the cluster of context 'c'" in told
    assert asked(fake, answers={**down, "config get-contexts": "\n"})[0].endswith(
        "(the kubeconfig has no contexts)"
    )
    assert asked(fake, answers={**down, "config get-contexts": RuntimeError("x")})[0].endswith(
        "connection refused"
    )


def test_without_the_command_nothing_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert faults(plan(live(SHOP)), Kubectl(), RecordedState())[0] == ()


def test_a_cluster_that_lacks_a_helper_does_not_count_as_no_command(fake: FakeKubectl) -> None:
    [told] = asked(fake, answers={"--raw=/version": RuntimeError("a plugin that is not installed")})
    assert "cannot connect to the cluster of the current context: a plugin that is not installed" in told


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        ("", ", and this user cannot create namespaces; "),
        (
            RuntimeError("namespaces is forbidden"),
            " or this user cannot get it, and cannot create namespaces; ",
        ),
    ],
)
def test_a_namespace_that_no_one_may_make_has_to_be_there(seen: Any, reason: str, fake: FakeKubectl) -> None:
    [told] = asked(fake, denied="create:namespaces", answers={"get namespace alive": seen})
    assert told == (
        f"environments.live.namespace: 'alive' does not exist{reason}"
        "ask an administrator to create it, or choose an existing one"
    )


def test_who_may_not_look_is_not_told_that_it_is_another_namespace(fake: FakeKubectl) -> None:
    unseen = {"get namespace alive": RuntimeError("namespaces is forbidden")}
    assert asked(fake, answers=unseen, recorded=RecordedState("1", "mine")) == ()


def test_a_namespace_that_no_one_may_change_has_to_have_its_labels(fake: FakeKubectl) -> None:
    [told] = asked(fake, denied="patch:namespaces", answers=there("shop"))
    assert told.startswith("environments.live.namespace: 'alive' lacks labels, and this user cannot set them")
    labels = told.partition("`kubectl label --overwrite namespace alive ")[2].rstrip("`").split()
    assert "pod-security.kubernetes.io/enforce=restricted" in labels
    assert "app.kubernetes.io/part-of=shop" not in labels, "it has that one"
    named = dict(label.split("=") for label in labels)
    assert asked(fake, denied="patch:namespaces", answers=there("shop", **named)) == ()


def there(owner: str, mark: str = "", **labels: str) -> dict[str, Any]:
    """Say that the namespace is there, of which system it is, and which state has something in it."""
    labels |= {"app.kubernetes.io/part-of": owner} if owner else {}
    return {
        "get namespace alive": {"metadata": {"labels": labels, "uid": "1"}},
        "get configmap stack--owner": {"data": {"state": mark}} if mark else "",
    }


def test_a_namespace_that_its_state_has_made_need_not_be_changed(fake: FakeKubectl) -> None:
    labels = SystemManifests(plan(live(SHOP)), TIMEOUTS).namespace()["metadata"]["labels"]
    made = RecordedState("1", "mine", created_namespace=True)
    seen = there("shop", "mine", **labels)
    assert asked(fake, denied="patch:namespaces", answers=seen, recorded=made) == ()


def test_a_namespace_that_does_not_tell_is_a_fault(fake: FakeKubectl) -> None:
    [told] = asked(fake, answers={"get namespace alive": RuntimeError("timeout")})
    assert told.startswith("environments.live.kube_context: cannot connect to the cluster")
    assert "timeout" in told


def test_a_namespace_of_another_state_is_not_taken(fake: FakeKubectl) -> None:
    [told] = asked(fake, answers=there("shop", "theirs"))
    assert told.startswith("environments.live.namespace: 'alive' was deployed from another Pulumi state")
    assert "if the state is lost, run `kubectl --namespace alive delete configmap stack--owner`" in told
    assert asked(fake, answers=there("shop", "theirs"), recorded=RecordedState("1", "mine")) == (told,)
    assert asked(fake, answers=there("shop", "mine"), recorded=RecordedState("1", "mine")) == ()
    assert asked(fake, answers=there("shop"), recorded=RecordedState("1", "mine")) == (), "deleted by hand"


def test_a_stack_is_where_its_namespace_is(fake: FakeKubectl) -> None:
    [told] = asked(fake, answers=there("shop", "mine"), recorded=RecordedState("2", "mine"))
    assert told.startswith("environments.live: its stack is not in the namespace 'alive' of the")
    assert "REFRESH=yes" in told
    assert asked(fake, answers={"get namespace alive": ""}, recorded=RecordedState("2", "mine")) == (told,)


@pytest.mark.parametrize(
    ("owner", "told"), [("blog", "it belongs to system blog"), ("", "it does not belong to this system")]
)
def test_a_namespace_of_others_is_not_taken(owner: str, told: str, fake: FakeKubectl) -> None:
    assert asked(fake, answers=there("shop")) == ()
    command = "kubectl label namespace alive app.kubernetes.io/part-of=shop --overwrite"
    assert asked(fake, answers=there(owner)) == (
        f"environments.live.namespace: 'alive' already exists: {told}; to assign it to shop, run `{command}`",
    )


def test_rights_that_lack_are_all_named(fake: FakeKubectl) -> None:
    [told] = asked(fake, denied="jobs secrets")
    assert told == (
        "environments.live.kube_context: this user cannot create, delete, patch, get, list, watch secrets; "
        "create, delete, patch, get, list, watch jobs in the namespace 'alive'; bind the Role that "
        "`make rights ENV=live` prints"
    )


def test_a_cluster_that_answers_no_questions_on_rights_is_tried(fake: FakeKubectl) -> None:
    known = {"--raw=/version": "{}", "get namespace alive": ""}
    fake.answer({**known, "get storageclass": {"items": [STANDARD]}})
    assert faults(plan(live(SHOP)), Kubectl(), RecordedState())[0] == ()


def test_a_class_that_is_not_there_is_named_with_those_that_are(fake: FakeKubectl) -> None:
    two = {"get storageclass": {"items": [STANDARD, FAST]}}
    assert asked(fake, live(SHOP, storage_class="slow"), answers=two) == (
        "environments.live.storage_class: no storage class 'slow' on the cluster; choose from fast, standard",
    )
    assert asked(fake, live(SHOP, storage_class="fast"), answers=two) == ()


def test_without_a_default_class_one_has_to_be_named(fake: FakeKubectl) -> None:
    assert asked(fake, answers={"get storageclass": {"items": [FAST]}}) == (
        (
            "environments.live.storage_class: is required, as the cluster has no default storage class; "
            "choose from fast"
        ),
    )
    [told] = asked(fake, answers={"get storageclass": {"items": []}})
    assert told.endswith("; the cluster has no storage classes")
    assert asked(fake, answers={"get storageclass": RuntimeError("forbidden")}) == ()


def dns(*ports: dict[str, Any]) -> dict[str, Any]:
    """Let the Service of the cluster's DNS have these ports, beside that of its metrics."""
    metrics = {"name": "metrics", "port": 9153, "targetPort": 9153}
    return {"get service kube-dns": {"spec": {"ports": [*ports, metrics]}}}


@pytest.mark.parametrize("target", [{}, {"targetPort": 53}, {"targetPort": 5353}, {"targetPort": "dns"}])
def test_dns_on_a_port_that_policies_open_is_not_warned_of(target: dict[str, Any], fake: FakeKubectl) -> None:
    fake.answer(dns({"port": 53, "protocol": "UDP", **target}))
    assert list(warnings(Kubectl())) == []
    [line] = fake.asked
    assert "--namespace=kube-system" in line


def test_dns_on_another_port_is_warned_of_where_it_may_be_looked_at(fake: FakeKubectl) -> None:
    fake.answer(dns(*({"port": 53, "protocol": word, "targetPort": 1053} for word in ("UDP", "TCP"))))
    [told] = warnings(Kubectl())
    assert told.startswith(
        "the pods of the Service kube-system/kube-dns listen on 1053, but the network policies allow only "
        "53 and 5353, so DNS fails; "
    )
    fake.answer({"get service kube-dns": RuntimeError("services is forbidden")})
    assert list(warnings(Kubectl())) == []
