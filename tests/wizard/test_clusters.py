"""What is asked of environments on a cluster, and what comes of it; without a terminal."""

import pytest

from generator.authoring.draft import Draft, EnvironmentDraft
from generator.wizard import environment_form
from pulumi_stacks.spec.model import Spec
from tests.wizard.flow import HUB, PREVIEW, WRITE, new_service, run, spec_of
from tests.wizard.script import BACK, LEAVE, Script

BEGIN = (("Begin with", "hello"), ("Name of the system", None))
MENU = ("hello: environments", "dev ")


def places(spec: Spec) -> dict[str, dict[str, object]]:
    return {name: one.model_dump(exclude_unset=True) for name, one in spec.environments.items()}


def test_an_environment_on_a_cluster_is_said_with_what_it_needs():
    script = Script(
        *BEGIN,
        (HUB, "Environments"),
        ("environments", "+ Add"),
        ("Name of the environment", "prod"),
        ("What it runs on", "Kubernetes"),
        ("First part", ""),
        ("First part", "GHCR"),
        ("First part", "ghcr.io/acme"),
        ("How people reach it", "ingress"),
        ("Domain", ""),
        ("Domain", "shop"),
        ("Domain", None),
        ("environments", "Done"),
        PREVIEW,
        WRITE,
    )
    spec = spec_of(run(script))
    assert spec.registry == "ghcr.io/acme"
    prod = {"target": "kubernetes", "gateway": "ingress", "domain": "hello.example.com"}
    assert places(spec) == {"dev": {"target": "docker"}, "prod": prod}
    parts = ("pulls images from a registry", "is not a registry", "needs the domain", "is not a domain")
    assert all(part in fault for part, fault in zip(parts, script.faults, strict=True)), script.faults
    command = script.shown.rstrip().splitlines()[-1]
    assert "--env prod=kubernetes,domain=hello.example.com,gateway=ingress" in command
    assert any("prod  on Kubernetes, ingress, hello.example.com" in seen for seen in script.seen)


def test_what_is_usual_is_not_written():
    script = Script(
        *BEGIN,
        (HUB, "Environments"),
        MENU,
        ("environment dev", "Target"),
        ("What it runs on", "Kubernetes"),
        ("First part", "127.0.0.1:5000"),
        ("How people reach it", None),
        ("environments", BACK),
        PREVIEW,
        WRITE,
    )
    assert places(spec_of(run(script))) == {"dev": {"target": "kubernetes"}}


def test_back_returns_through_the_questions_of_a_cluster():
    script = Script(
        *BEGIN,
        (HUB, "Environments"),
        MENU,
        ("environment dev", "Target"),
        ("What it runs on", "Kubernetes"),
        ("First part", "a.example.com/x"),
        ("How people reach it", "gateway-api"),
        ("Domain", BACK),
        ("How people reach it", BACK),
        ("First part", None),
        ("How people reach it", BACK),
        ("First part", BACK),
        ("What it runs on", BACK),
        ("environments", "Done"),
        PREVIEW,
        WRITE,
    )
    spec = spec_of(run(script))
    assert (spec.registry, places(spec)) == (None, {"dev": {"target": "docker"}})


def test_another_target_drops_what_only_a_cluster_has(elsewhere):
    kept = "domain: a.example.com, gateway: ingress, namespace: shop, database: external"
    (elsewhere / "cn.yaml").write_text(
        f"name: hello\nregistry: ghcr.io/acme\nenvironments: {{dev: {{target: kubernetes, {kept}}}}}\n"
        "services: {api: {runtime: python, route: /}}\n"
    )
    script = Script(
        ("Begin with", "a file"),
        ("Path", None),
        ("Name", None),
        (HUB, "Environments"),
        MENU,
        ("Kept as it is: namespace, database.", "Target"),
        ("What it runs on", "Docker"),
        MENU,
        ("environment dev", "Done"),
        ("environments", "Done"),
        PREVIEW,
        WRITE,
    )
    assert places(spec_of(run(script))) == {"dev": {"target": "docker"}}
    menus = [seen for seen in script.seen if "environment dev" in seen]
    assert "Gateway  ingress" in menus[0]
    assert "Gateway" not in menus[-1]


def test_a_gateway_and_a_domain_are_changed_one_at_a_time(elsewhere):
    (elsewhere / "cn.yaml").write_text(
        "name: hello\nregistry: ghcr.io/acme\nenvironments: {dev: {target: kubernetes}}\n"
        "services: {api: {runtime: python, route: /}}\n"
    )
    script = Script(
        ("Begin with", "a file"),
        ("Path", None),
        ("Name", None),
        (HUB, "Environments"),
        MENU,
        ("environment dev", "Gateway"),
        ("How people reach it", "gateway-api"),
        ("Domain", "a.example.com"),
        MENU,
        ("environment dev", "Domain"),
        ("Domain", ""),
        ("Domain", "b.example.com"),
        MENU,
        ("environment dev", "Gateway"),
        ("How people reach it", "loadbalancer"),
        ("environments", "Done"),
        PREVIEW,
        WRITE,
    )
    assert places(spec_of(run(script))) == {"dev": {"target": "kubernetes", "domain": "b.example.com"}}


def test_what_cannot_run_on_a_cluster_is_said_where_it_is_chosen():
    script = Script(
        ("Begin with", "empty"),
        ("Name of the system", "kube"),
        *new_service("orders", "/orders"),
        (HUB, "Environments"),
        ("environments", "dev "),
        ("environment dev", "Target"),
        ("What it runs on", "Kubernetes"),
        ('Not possible: the default namespace "kube-dev"', "Docker"),
        ("environments", "Done"),
        (HUB, LEAVE),
    )
    with pytest.raises(KeyboardInterrupt):
        run(script)


def test_a_registry_that_is_missing_is_asked_for_before_the_last_look():
    said = Draft("mine", environments=(EnvironmentDraft("prod", "kubernetes"),))
    script = Script(
        ("Begin with", "hello"),
        PREVIEW,
        ("First part", BACK),
        PREVIEW,
        ("First part", "ghcr.io/acme"),
        WRITE,
    )
    assert spec_of(run(script, said)).registry == "ghcr.io/acme"


def test_a_fault_that_the_wizard_does_not_ask_for_leads_back_to_the_hub():
    external = EnvironmentDraft("prod", "kubernetes", {"database": "external"})
    said = Draft("mine", registry="ghcr.io/acme", environments=(external,))
    script = Script(
        ("Begin with", "shop"),
        PREVIEW,
        (HUB, "orders "),
        ("service orders", "Database"),
        ("Database", "none"),
        ("service orders", "Done"),
        (HUB, "billing "),
        ("service billing", "Database"),
        ("Database", "none"),
        ("service billing", "Done"),
        (HUB, "+ Add"),
        ("Name of the service", "mail"),
        ("Runtime", None),
        ("Database", None),
        ("Not possible: is external in environments.prod; let egress", BACK),
        ("Runtime", BACK),
        ("Name of the service", BACK),
        PREVIEW,
        WRITE,
    )
    run(script, said)
    assert "services.orders.database: is external in environments.prod" in script.shown


def test_the_clusters_of_an_example_are_no_beginning():
    script = Script(("Begin with", "shop"), ("Name", "mine"), PREVIEW, WRITE)
    spec = spec_of(run(script))
    assert [one.target for one in spec.environments.values()] == ["docker"]
    assert all("prod" not in service.environments for service in spec.services.values())


@pytest.mark.parametrize(
    ("owner", "ci", "registry"),
    [
        ("@Acme/shop", "github", "ghcr.io/acme"),
        ("@me", "", "ghcr.io/me"),
        ("@me", "gitlab", ""),
        ("me@example.com", "github", ""),
        ("", "", ""),
    ],
)
def test_an_owner_has_a_usual_registry(owner, ci, registry):
    assert environment_form._usual_registry(Draft("shop", owner=owner, ci=ci)) == registry
