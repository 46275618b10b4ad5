"""The questions on environments on a cluster, and their results; without a terminal."""

import pytest

from generator.authoring.draft import Draft, EnvironmentDraft
from generator.wizard import environment_form
from pulumi_stacks.spec.model import Spec
from tests.wizard.flow import MENU, PREVIEW, WRITE, new_service, run, spec_of
from tests.wizard.script import BACK, LEAVE, Script

BEGIN = (("Start from", "hello"), ("Name of the system", None))
DEV = ("hello: environments", "dev ")


def places(spec: Spec) -> dict[str, dict[str, object]]:
    return {name: one.model_dump(exclude_unset=True) for name, one in spec.environments.items()}


def test_an_environment_on_a_cluster_has_all_its_questions():
    script = Script(
        *BEGIN,
        (MENU, "Environments"),
        ("environments", "+ Add"),
        ("Name of the environment", "prod"),
        ("Deployment target", "Kubernetes"),
        ("Registry for", ""),
        ("Registry for", "GHCR"),
        ("Registry for", "ghcr.io/acme"),
        ("Gateway for public", "ingress"),
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
    parts = ("pulls images from a registry", "is not a registry", "requires domain", "is not a domain")
    assert all(part in fault for part, fault in zip(parts, script.faults, strict=True)), script.faults
    command = script.shown.rstrip().splitlines()[-1]
    assert "--env prod=kubernetes,domain=hello.example.com,gateway=ingress" in command
    assert any("prod  on Kubernetes, ingress, hello.example.com" in seen for seen in script.seen)


def test_defaults_are_not_written():
    script = Script(
        *BEGIN,
        (MENU, "Environments"),
        DEV,
        ("environment dev", "Target"),
        ("Deployment target", "Kubernetes"),
        ("Registry for", "127.0.0.1:5000"),
        ("Gateway for public", None),
        ("environments", BACK),
        PREVIEW,
        WRITE,
    )
    assert places(spec_of(run(script))) == {"dev": {"target": "kubernetes"}}


def test_back_returns_through_the_questions_of_a_cluster():
    script = Script(
        *BEGIN,
        (MENU, "Environments"),
        DEV,
        ("environment dev", "Target"),
        ("Deployment target", "Kubernetes"),
        ("Registry for", "a.example.com/x"),
        ("Gateway for public", "gateway-api"),
        ("Domain", BACK),
        ("Gateway for public", BACK),
        ("Registry for", None),
        ("Gateway for public", BACK),
        ("Registry for", BACK),
        ("Deployment target", BACK),
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
        ("Start from", "a file"),
        ("Path", None),
        ("Name", None),
        (MENU, "Environments"),
        DEV,
        ("Not changed here: namespace, database.", "Target"),
        ("Deployment target", "Docker"),
        DEV,
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
        ("Start from", "a file"),
        ("Path", None),
        ("Name", None),
        (MENU, "Environments"),
        DEV,
        ("environment dev", "Gateway"),
        ("Gateway for public", "gateway-api"),
        ("Domain", "a.example.com"),
        DEV,
        ("environment dev", "Domain"),
        ("Domain", ""),
        ("Domain", "b.example.com"),
        DEV,
        ("environment dev", "Gateway"),
        ("Gateway for public", "loadbalancer"),
        ("environments", "Done"),
        PREVIEW,
        WRITE,
    )
    assert places(spec_of(run(script))) == {"dev": {"target": "kubernetes", "domain": "b.example.com"}}


def test_an_impossible_target_is_an_error_at_its_question():
    script = Script(
        ("Start from", "empty"),
        ("Name of the system", "kube"),
        *new_service("orders", "/orders"),
        (MENU, "Environments"),
        ("environments", "dev "),
        ("environment dev", "Target"),
        ("Deployment target", "Kubernetes"),
        ('Not possible: the default namespace "kube-dev"', "Docker"),
        ("environments", "Done"),
        (MENU, LEAVE),
    )
    with pytest.raises(KeyboardInterrupt):
        run(script)


def test_a_registry_that_is_missing_is_asked_for_before_the_last_look():
    given = Draft("mine", environments=(EnvironmentDraft("prod", "kubernetes"),))
    script = Script(
        ("Start from", "hello"),
        PREVIEW,
        ("Registry for", BACK),
        PREVIEW,
        ("Registry for", "ghcr.io/acme"),
        WRITE,
    )
    assert spec_of(run(script, given)).registry == "ghcr.io/acme"


def test_a_fault_without_a_question_leads_back_to_the_menu():
    external = EnvironmentDraft("prod", "kubernetes", {"database": "external"})
    given = Draft("mine", registry="ghcr.io/acme", environments=(external,))
    script = Script(
        ("Start from", "shop"),
        PREVIEW,
        (MENU, "orders "),
        ("service orders", "Database"),
        ("Database", "none"),
        ("service orders", "Done"),
        (MENU, "billing "),
        ("service billing", "Database"),
        ("Database", "none"),
        ("service billing", "Done"),
        (MENU, "+ Add"),
        ("Name of the service", "mail"),
        ("Runtime", None),
        ("Database", None),
        ("Not possible: is external in environments.prod; add its network", BACK),
        ("Runtime", BACK),
        ("Name of the service", BACK),
        PREVIEW,
        WRITE,
    )
    run(script, given)
    assert "services.orders.database: is external in environments.prod" in script.shown


def test_the_clusters_of_an_example_are_not_a_beginning():
    script = Script(("Start from", "shop"), ("Name", "mine"), PREVIEW, WRITE)
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
