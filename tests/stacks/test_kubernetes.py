"""The resources of an environment on a cluster, as the unmodified program registers them."""

from itertools import pairwise

import pytest

from tests.stacks.clustered import IMAGES, before, every, of, registered, texts
from tests.stacks.graph import Registration

pytestmark = pytest.mark.usefixtures("alone")


def test_the_types_and_names_of_components_stay_as_they_were_released(made: list[Registration]) -> None:
    components = {entry.urn.split("::", 2)[2] for entry in made if entry.type.startswith("cnnew:")}
    assert components == {
        "cnnew:kubernetes:System::shop",
        "cnnew:kubernetes:System$cnnew:kubernetes:Gateway::gateway",
        "cnnew:kubernetes:System$cnnew:kubernetes:Service::bills",
        "cnnew:kubernetes:System$cnnew:kubernetes:Service::orders",
        "cnnew:kubernetes:System$cnnew:kubernetes:Service::own",
        "cnnew:kubernetes:System$cnnew:kubernetes:Service::site",
    }
    prefix = "cnnew:kubernetes:System$cnnew:kubernetes:Service$"
    assert {
        entry.urn.split("::", 2)[2].removeprefix(prefix)
        for entry in made
        if "orders" in entry.name and entry.request.custom
    } == {
        "kubernetes:apps/v1:Deployment::orders",
        "kubernetes:apps/v1:StatefulSet::database--orders",
        "kubernetes:autoscaling/v2:HorizontalPodAutoscaler::orders",
        "kubernetes:batch/v1:Job::migrate--orders",
        "kubernetes:core/v1:ConfigMap::orders",
        "kubernetes:core/v1:Secret::database--orders",
        "kubernetes:core/v1:Service::orders",
        "kubernetes:core/v1:Service::database--orders",
        "kubernetes:core/v1:ServiceAccount::orders",
        "kubernetes:networking.k8s.io/v1:NetworkPolicy::orders",
        "kubernetes:networking.k8s.io/v1:NetworkPolicy::database--orders",
        "kubernetes:networking.k8s.io/v1:NetworkPolicy::migrate--orders",
        "kubernetes:policy/v1:PodDisruptionBudget::orders",
        "random:index/randomPassword:RandomPassword::orders-password",
    }


def test_no_two_resources_have_one_name(made: list[Registration]) -> None:
    assert len({entry.urn for entry in made}) == len(made)
    names = [
        (entry.type, entry.inputs["metadata"].get("name"))
        for entry in made
        if "metadata" in entry.inputs and entry.inputs["metadata"].get("name")
    ]
    assert len(set(names)) == len(names)


def test_a_service_waits_for_its_migration_that_for_the_database_and_that_for_its_secret(
    made: list[Registration],
) -> None:
    chain = [
        of(made, "Deployment", "orders"),
        of(made, "Job", "migrate--orders"),
        of(made, "StatefulSet", "database--orders"),
        of(made, "Secret", "database--orders"),
        of(made, "NetworkPolicy", "default--deny"),
        of(made, "Namespace", "shop"),
    ]
    for later, earlier in pairwise(chain):
        assert earlier.urn in before(made, later), (later.name, earlier.name)
    policies = {entry.urn for entry in every(made, "NetworkPolicy") if entry.name.startswith("orders")}
    assert policies <= before(made, of(made, "StatefulSet", "database--orders"))
    assert of(made, "StatefulSet", "database--own").urn in before(made, of(made, "Deployment", "own"))
    assert of(made, "Deployment", "orders").urn in before(made, of(made, "HorizontalPodAutoscaler", "orders"))


def test_the_gateway_waits_for_all_services_and_services_for_none(made: list[Registration]) -> None:
    services = {name: of(made, "Deployment", name).urn for name in ("orders", "bills", "own", "site")}
    assert set(services.values()) <= before(made, of(made, "Deployment", "gateway"))
    for name, urn in services.items():
        assert not set(services.values()) - {urn} & before(made, of(made, "Deployment", name))
    assert of(made, "Deployment", "gateway").urn in before(made, of(made, "Service", "gateway"))


def test_what_is_made_on_a_cluster_is_made_by_the_provider_of_the_stack(made: list[Registration]) -> None:
    provider = of(made, "kubernetes", "shop")
    objects = [entry for entry in made if entry.type.startswith("kubernetes:")]
    assert len(objects) > 40
    for entry in objects:
        if entry.type.endswith(":Namespace"):
            assert entry.request.provider.startswith(of(made, "kubernetes", "shop-namespace").urn)
        else:
            assert entry.request.provider.startswith(provider.urn), entry.name
            assert entry.inputs["metadata"]["namespace"] == "here"


def test_the_namespace_stays_when_the_rest_goes(made: list[Registration]) -> None:
    kept = [entry.urn for entry in made if entry.request.retainOnDelete]
    assert kept == [of(made, "Namespace", "shop").urn]
    assert of(made, "kubernetes", "shop-namespace").inputs["upsertExistingObjects"] == "true"


def test_a_password_travels_only_as_a_secret_and_only_in_one(made: list[Registration]) -> None:
    holders = set()
    for entry in made:
        for text, secret in texts(entry.inputs):
            if "canary" in text:
                assert secret, entry.name
                holders.add((entry.type, entry.name))
    assert holders == {
        ("kubernetes:core/v1:Secret", f"database--{name}") for name in ("orders", "bills", "own")
    }
    values = of(made, "Secret", "database--orders").inputs["stringData"]
    values = values.get("value", values)
    url = values["url"]["value"] if isinstance(values["url"], dict) else values["url"]
    assert url == "postgresql://app:canary-orders-password@database--orders:5432/app"


def test_a_secret_is_named_by_the_provider(made: list[Registration]) -> None:
    for entry in every(made, "Secret"):
        assert "name" not in entry.inputs["metadata"], entry.name


def test_pulumi_waits_for_pods_and_not_for_what_has_none(made: list[Registration]) -> None:
    def notes(entry: Registration) -> dict[str, str]:
        return dict(entry.inputs["metadata"].get("annotations", {}))

    assert notes(of(made, "Service", "orders")) == {"pulumi.com/skipAwait": "true"}
    assert notes(of(made, "HorizontalPodAutoscaler", "orders")) == {"pulumi.com/skipAwait": "true"}
    # The load balancer's address is what `up` prints.
    assert notes(of(made, "Service", "gateway")) == {"pulumi.com/timeoutSeconds": "180"}
    for kind in ("Deployment", "Job", "StatefulSet"):
        for entry in every(made, kind):
            assert int(notes(entry)["pulumi.com/timeoutSeconds"]) > 180


def test_what_is_waited_for_says_why_it_did_not_get_well(made: list[Registration]) -> None:
    for kind in ("Deployment", "Job", "StatefulSet"):
        for entry in every(made, kind):
            assert list(entry.request.hooks.on_error), entry.name
    # The mark says that another state was first.
    telling = [entry.name for entry in every(made, "ConfigMap") if list(entry.request.hooks.on_error)]
    assert telling == ["stack--owner"]


def test_the_time_that_pods_have_is_the_stacks(made: list[Registration]) -> None:
    found = of(registered(timeout="33"), "Deployment", "orders")
    assert found.inputs["spec"]["progressDeadlineSeconds"] == 33
    assert of(made, "Deployment", "orders").inputs["spec"]["progressDeadlineSeconds"] == 180


def test_two_runs_and_a_preview_register_the_same(made: list[Registration]) -> None:
    again = registered(preview=False)
    assert {entry.urn: entry.inputs for entry in again} == {entry.urn: entry.inputs for entry in made}
    assert {entry.urn for entry in registered(preview=True)} == {entry.urn for entry in made}


def test_another_image_changes_only_what_runs_it(made: list[Registration]) -> None:
    new = {**IMAGES, "orders": IMAGES["orders"].replace("1", "2")}
    old = {entry.urn: entry.inputs for entry in made}
    changed = [entry for entry in registered(images=new, preview=False) if old[entry.urn] != entry.inputs]
    assert {(entry.type.rpartition(":")[2], entry.name) for entry in changed} == {
        ("Deployment", "orders"),
        ("Job", "migrate--orders"),
    }
