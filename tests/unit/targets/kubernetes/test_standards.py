"""Every manifest keeps Pod Security `restricted` and our own rules; a broken rule is seen."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import Phase, given, settings

from pulumi_stacks.plan import postgres
from pulumi_stacks.targets.kubernetes.manifests.system import SystemManifests
from tests.examples import examples
from tests.property.specs import specs
from tests.unit.clusters import (
    LIVE,
    TIMEOUTS,
    Object,
    Spec,
    clusters,
    container,
    example,
    live,
    named,
    objects,
    of_kind,
    plan,
    templates,
)
from tests.unit.standards import faults
from tests.unit.targets.kubernetes.test_network_policies import PLACES, SYSTEM


def checked(spec: Spec, environment: str) -> list[str]:
    made = objects(spec, environment, gateway_class="any")
    services = spec["services"].items()
    own = {
        service.get("id", name)
        for name, service in services
        if service.get("runtime", "dockerfile") == "dockerfile"
    }
    silent = {service.get("id", name) for name, service in services if service.get("ready") == "none"}
    return faults(made, frozenset(own), frozenset(silent))


@pytest.mark.parametrize(("name", "place"), PLACES)
def test_an_example_keeps_every_rule(name: str, place: str) -> None:
    assert checked(example(name), place) == []


def test_every_kind_of_service_keeps_every_rule() -> None:
    assert checked(SYSTEM, LIVE) == []


@settings(max_examples=examples(30), phases=(Phase.explicit, Phase.generate))
@given(specs())
def test_every_spec_keeps_every_rule(spec: Spec) -> None:
    for place in clusters(spec) or [LIVE]:
        assert checked(spec if clusters(spec) else live(spec), place) == []


def pods(made: list[Object], kind: str = "Deployment", name: str = "a") -> Object:
    return dict(named(made, kind, name)["spec"]["template"]["spec"])


def first_container(made: list[Object], name: str = "a", kind: str = "Deployment") -> Any:
    return pods(made, kind, name)["containers"][0]


def secure(made: list[Object]) -> Any:
    return first_container(made)["securityContext"]


BREAKS: dict[str, Callable[[list[Object]], object]] = {
    "hostNetwork": lambda made: named(made, "Deployment", "a")["spec"]["template"]["spec"].update(
        hostNetwork=True
    ),
    "volume": lambda made: pods(made)["volumes"].append({"name": "x", "hostPath": {"path": "/"}}),
    "privileged": lambda made: secure(made).update(privileged=True),
    "allowPrivilegeEscalation": lambda made: secure(made).pop("allowPrivilegeEscalation"),
    "may run as root": lambda made: pods(made)["securityContext"].update(runAsUser=0),
    "seccompProfile": lambda made: pods(made)["securityContext"].pop("seccompProfile"),
    "capabilities": lambda made: secure(made)["capabilities"].update(add=["SYS_ADMIN"]),
    "hostPort": lambda made: first_container(made)["ports"][0].update(hostPort=80),
    "automountServiceAccountToken": lambda made: named(made, "Deployment", "a")["spec"]["template"][
        "spec"
    ].pop("automountServiceAccountToken"),
    "enableServiceLinks": lambda made: named(made, "Deployment", "a")["spec"]["template"]["spec"].pop(
        "enableServiceLinks"
    ),
    "topologySpreadConstraints": lambda made: pods(made)["topologySpreadConstraints"].pop(),
    "resources": lambda made: first_container(made)["resources"]["limits"].pop("cpu"),
    "memory that others may take": lambda made: first_container(made)["resources"]["requests"].update(
        memory="1Mi"
    ),
    "readOnlyRootFilesystem": lambda made: secure(made).pop("readOnlyRootFilesystem"),
    "probes": lambda made: first_container(made, "database--a", "StatefulSet").pop("startupProbe"),
    "ready at once": lambda made: named(made, "Deployment", "c")["spec"].pop("minReadySeconds"),
    "a secret in URL": lambda made: first_container(made)["env"].append(
        {"name": "URL", "value": "amqp://me:pw@queue"}
    ),
    "a secret in DATABASE_URL": lambda made: first_container(made)["env"].append(
        {"name": "DATABASE_URL", "value": "x"}
    ),
    "not as a file": lambda made: first_container(made)["env"].append({"name": "X", "valueFrom": {}}),
    "a secret that can be written": lambda made: next(
        each for each in first_container(made)["volumeMounts"] if each["name"] == "database"
    ).pop("readOnly"),
    "two of Service": lambda made: made.append(named(made, "Service", "a")),
    "token of": lambda made: named(made, "ServiceAccount", "a").update(automountServiceAccountToken=True),
    "a secret in a file": lambda made: made.append({"kind": "Secret", "metadata": {"name": "x"}}),
    "no account": lambda made: made.remove(named(made, "ServiceAccount", "a")),
    "no ConfigMap": lambda made: made.remove(named(made, "ConfigMap", "a")),
    "selector": lambda made: named(made, "Deployment", "a")["spec"]["selector"].update(
        matchLabels={"x": "y"}
    ),
    "budget": lambda made: made.remove(named(made, "PodDisruptionBudget", "a")),
    "replicas": lambda made: named(made, "Deployment", "a")["spec"].pop("replicas"),
}


@pytest.mark.parametrize("fault", BREAKS)
def test_a_broken_rule_is_seen(fault: str) -> None:
    made = deepcopy(objects(SYSTEM))
    BREAKS[fault](made)
    found = faults(made, frozenset({"bee", "c"}), frozenset({"c"}))
    assert [each for each in found if fault in each]


def test_the_namespace_admits_only_what_is_restricted() -> None:
    [namespace] = of_kind(objects(SYSTEM), "Namespace")
    labels = namespace["metadata"]["labels"]
    modes = ("enforce", "audit", "warn")
    assert {labels[f"pod-security.kubernetes.io/{mode}"] for mode in modes} == {"restricted"}


def scaled(**scale: int) -> list[Object]:
    return objects(live({"name": "s", "services": {"a": {"runtime": "go", "scale": scale}}}))


def test_an_autoscaler_owns_the_number_of_replicas_where_there_is_one() -> None:
    made = scaled(min=2, max=5, cpu=80)
    [autoscaler] = of_kind(made, "HorizontalPodAutoscaler")
    assert (autoscaler["spec"]["minReplicas"], autoscaler["spec"]["maxReplicas"]) == (2, 5)
    [metric] = autoscaler["spec"]["metrics"]
    assert metric["resource"]["target"] == {"type": "AverageValue", "averageValue": "400m"}
    assert "replicas" not in named(made, "Deployment", "a")["spec"]


def test_as_many_replicas_at_most_as_at_least_need_an_autoscaler_in_files_alone() -> None:
    for scale in ({"min": 3}, {"min": 3, "max": 3}):
        made = scaled(**scale)
        [autoscaler] = of_kind(made, "HorizontalPodAutoscaler")
        assert (autoscaler["spec"]["minReplicas"], autoscaler["spec"]["maxReplicas"]) == (3, 3)
        assert "replicas" not in named(made, "Deployment", "a")["spec"]
        decided = plan(live({"name": "s", "services": {"a": {"runtime": "go", "scale": scale}}}))
        workload = SystemManifests(decided, TIMEOUTS).service(decided.services[0], "x", None)
        assert workload.after == ()
        assert workload.replicas["spec"]["replicas"] == 3


def test_one_replica_is_said_in_files() -> None:
    made = scaled(min=1)
    assert not of_kind(made, "HorizontalPodAutoscaler")
    assert named(made, "Deployment", "a")["spec"]["replicas"] == 1


def name_of(kind: str, **settings: Any) -> str:
    spec = settings.pop("spec", SYSTEM)
    return str(
        named(objects(spec, **settings), kind, "migrate--a" if kind == "Job" else "a")["metadata"]["name"]
    )


def test_a_map_of_settings_is_called_by_its_content() -> None:
    services = {**SYSTEM["services"], "a": {**SYSTEM["services"]["a"], "config": {"X": "1"}}}
    assert name_of("ConfigMap") == name_of("ConfigMap")
    assert name_of("ConfigMap") != name_of("ConfigMap", spec={**SYSTEM, "services": services})
    assert all(each["immutable"] for each in of_kind(objects(SYSTEM), "ConfigMap"))


def test_a_new_image_has_a_new_migration() -> None:
    one, two = ({"a": f"ghcr.io/acme/s-a@sha256:{digit * 64}"} for digit in "12")
    assert name_of("Job", images=one) == name_of("Job", images=one)
    assert name_of("Job", images=one) != name_of("Job", images=two)
    assert name_of("Job", images=one) == name_of("Job", images={**one, "d": "caddy:2"})


def test_a_service_reads_its_database_from_a_file_and_an_own_image_from_a_variable() -> None:
    made = objects(SYSTEM)
    ours, own = container(named(made, "Deployment", "a")), container(named(made, "Deployment", "bee"))
    assert ours["env"] == [{"name": "DATABASE_URL_FILE", "value": "/run/secrets/database/url"}]
    reference = {"secretKeyRef": {"name": "database--bee", "key": "url"}}
    assert own["env"] == [{"name": "DATABASE_URL", "valueFrom": reference}]
    assert not [volume for volume in pods(made, name="bee")["volumes"] if "secret" in volume]


def test_a_word_of_a_command_is_not_filled_in_by_the_cluster() -> None:
    service = {"image": "caddy:2", "command": ["$(HOME)", "$$(X)", "$5", "$"]}
    made = objects(live({"name": "s", "services": {"a": service}}))
    # Two dollars are one, and one that no bracket follows is itself.
    assert container(named(made, "Deployment", "a"))["args"] == ["$$(HOME)", "$$$$(X)", "$5", "$"]


def test_volumes_on_disk_that_hold_nothing_do_not_keep_a_node_and_a_migration_does() -> None:
    made = objects(live({"name": "s", "services": {"a": {"runtime": "go", "database": "postgres"}}}))
    key = "cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes"
    told = {
        owner["kind"]: pod["metadata"].get("annotations", {}).get(key)
        for owner, pod in templates(made)
        if owner["metadata"]["name"] != "gateway"
    }
    scratch = ",".join(f"scratch-{number}" for number, _ in enumerate(postgres.TMPFS, 1))
    assert told == {"Deployment": "scratch-1", "Job": None, "StatefulSet": scratch}
    for _, pod in templates(made):
        claims = {"data", "configuration", "database"}
        named_volumes = pod["metadata"].get("annotations", {}).get(key, "").split(",")
        assert not claims & set(named_volumes)
