"""Drafts of systems: from a spec, to a document, and their edits."""

from dataclasses import replace
from pathlib import Path

import pytest

from generator.authoring import draft as drafts
from generator.authoring.draft import Draft, EnvironmentDraft, ServiceDraft, from_spec, to_document
from generator.authoring.spec_editor import values
from generator.authoring.spec_writer import write
from pulumi_stacks.system import load

EXAMPLES = sorted((Path(__file__).parents[3] / "examples").glob("*/cn.yaml"))
FULL = next(path for path in EXAMPLES if "full" in str(path))
SHOP = Draft(
    "shop",
    services=(
        ServiceDraft("orders", "python", "/orders", "postgres", ("billing",)),
        ServiceDraft("billing", "python"),
        ServiceDraft("site", image="caddy:2", calls=("billing", "orders")),
    ),
)


@pytest.fixture
def full() -> Draft:
    return from_spec(load(FULL.read_bytes()))


def test_the_document_has_the_values_of_the_draft():
    wanted = replace(
        SHOP,
        description='# it\'s {{ a }} "shop": \\ caf\u00e9 \U0001f6d2 \U0001f469\u200d\U0001f4bb',
        owner="@acme/shop",
        registry="127.0.0.1:5000",
        ci="github",
        environments=(EnvironmentDraft("dev", "docker"), EnvironmentDraft("qa", "docker")),
    )
    spec = load(write(to_document(wanted)))
    assert (spec.name, spec.description, spec.owner) == (wanted.name, wanted.description, wanted.owner)
    assert (spec.registry, spec.ci, list(spec.environments)) == ("127.0.0.1:5000", "github", ["dev", "qa"])
    assert spec.services["orders"].calls == ("billing",)
    assert spec.services["billing"].route is None
    assert spec.services["site"].image == "caddy:2"


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_a_draft_of_a_file_gives_the_same_file(path):
    assert to_document(from_spec(load(path.read_bytes()))) == values(path.read_bytes())


@pytest.mark.parametrize("egress", ["none", "internet", ["203.0.113.0/24:443"]])
def test_a_draft_of_a_file_keeps_its_egress(egress):
    service = {"runtime": "python", "egress": egress, "environments": {"dev": {"egress": egress}}}
    message = {"name": "x", "environments": {"dev": {"target": "docker"}}, "services": {"a": service}}
    assert to_document(from_spec(load(write(message)))) == message


def test_a_change_of_one_field_keeps_all_others(full):
    changed = drafts.with_service(full, "orders", replace(full.service("orders"), replicas=3))
    wanted = values(FULL.read_bytes())
    wanted["services"]["orders"]["scale"] = {"min": 3, "max": 4, "cpu": 80}
    assert to_document(changed) == wanted


def test_a_default_that_the_file_does_not_have_is_not_written(full):
    changed = drafts.with_service(
        full, "orders", replace(full.service("orders"), replicas=1, most=0, route="")
    )
    fields = to_document(changed)["services"]["orders"]
    assert fields["scale"] == {"cpu": 80}
    assert "route" not in fields
    assert fields["config"] == {"LOG_LEVEL": "info", "GREETING": "a dollar is $1", "SESSION_TOKEN": "cookie"}


def test_a_renamed_service_is_called_by_its_new_name():
    renamed = drafts.with_service(SHOP, "billing", replace(SHOP.service("billing"), name="money"))
    assert [service.calls for service in renamed.services] == [("money",), (), ("money", "orders")]


def test_a_removed_service_has_no_callers():
    assert drafts.callers(SHOP, "billing") == ("orders", "site")
    left = drafts.without_service(SHOP, "billing")
    assert [(service.name, service.calls) for service in left.services] == [
        ("orders", ()),
        ("site", ("orders",)),
    ]


def test_a_runtime_resets_the_fields_of_an_image(full):
    changed = drafts.with_image(full.service("site"), runtime="python")
    fields = to_document(replace(full, services=(changed,)))["services"]["site"]
    assert fields == {"runtime": "python", "route": "/site"}


@pytest.mark.parametrize(
    ("low", "high", "scale"),
    [(1, 0, None), (2, 0, {"min": 2}), (1, 6, {"max": 6}), (2, 6, {"min": 2, "max": 6})],
)
def test_only_specified_replicas_are_written(low, high, scale):
    service = ServiceDraft("a", "python", replicas=low, most=high)
    assert to_document(Draft("x", services=(service,)))["services"]["a"].get("scale") == scale


def test_what_only_a_cluster_has_goes_with_the_target():
    kept = {"target": "kubernetes", "domain": "a.example.com", "database": "external", "diagnostics": True}
    environment = EnvironmentDraft("prod", "kubernetes", kept)
    assert drafts.with_target(environment, "kubernetes").kept == kept
    moved = drafts.with_target(environment, "docker")
    assert (moved.target, set(moved.kept)) == ("docker", {"target", "diagnostics"})


def test_a_default_gateway_is_written_only_if_the_file_has_it():
    message = EnvironmentDraft("prod", "kubernetes", {"gateway": "loadbalancer"})
    for before, kept in ((message, message.kept), (EnvironmentDraft("prod", "kubernetes"), {})):
        assert drafts.with_setting(before, "gateway", "loadbalancer", "loadbalancer").kept == kept
    other = drafts.with_setting(message, "gateway", "ingress", "loadbalancer")
    assert other.kept == {"gateway": "ingress"}
    assert drafts.with_setting(other, "gateway", "loadbalancer", "loadbalancer").kept == {}


def test_an_environment_is_renamed_and_removed_where_services_name_it(full):
    renamed = drafts.with_environment(full, "dev", replace(full.environments[0], name="local"))
    document = to_document(renamed)
    assert list(document["environments"]) == ["local", "staging"]
    assert document["environments"]["local"] == {"target": "docker", "diagnostics": True}
    assert list(document["services"]["orders"]["environments"]) == ["local"]
    assert "environments" not in to_document(drafts.without_environment(full, "dev"))["services"]["orders"]


def test_a_service_that_loses_its_route_has_no_prefix_to_keep(full):
    assert to_document(full)["services"]["notes"]["strip"] is False
    services = tuple(replace(each, route="") if each.name == "notes" else each for each in full.services)
    assert "strip" not in to_document(replace(full, services=services))["services"]["notes"]
