"""catalog-info.yaml keeps the rules that Backstage publishes for entities, and says what the spec says.

https://backstage.io/docs/features/software-catalog/descriptor-format
"""

import json
import re
from typing import Any

import pytest

from generator.rendering.renderer import render
from generator.rendering.template import Template, open_template
from tests import quick_yaml
from tests.repository.conftest import Repository

NAME = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]")
NAMESPACE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
REFERENCE = re.compile(r"(component|resource|api|system|group|user):([a-z0-9-]+)/([A-Za-z0-9_.-]+)")
REQUIRED = {
    "System": {"owner"},
    "Component": {"type", "lifecycle", "owner"},
    "API": {"type", "lifecycle", "owner", "definition"},
    "Resource": {"type", "owner"},
}
KNOWN = {
    "System": set(),
    "Component": {"system", "dependsOn", "consumesApis", "providesApis"},
    "API": {"system"},
    "Resource": {"system"},
}


def entities(repository: Repository) -> list[dict[str, Any]]:
    return list(quick_yaml.load_all(repository.text("catalog-info.yaml")))


def reference(entity: dict[str, Any]) -> str:
    metadata = entity["metadata"]
    return f"{entity['kind'].lower()}:{metadata.get('namespace', 'default')}/{metadata['name']}"


def by_reference(repository: Repository) -> dict[str, dict[str, Any]]:
    return {reference(entity): entity for entity in entities(repository)}


def test_every_entity_keeps_the_rules_of_its_kind(repository: Repository) -> None:
    for entity in entities(repository):
        assert entity.keys() == {"apiVersion", "kind", "metadata", "spec"}
        assert entity["apiVersion"] == "backstage.io/v1alpha1"
        assert entity["metadata"].keys() <= {"name", "namespace", "description"}
        assert NAME.fullmatch(entity["metadata"]["name"])
        assert len(entity["metadata"]["name"]) <= 63
        assert NAMESPACE.fullmatch(entity["metadata"].get("namespace", "default"))
        required = REQUIRED[entity["kind"]]
        assert required <= entity["spec"].keys() <= required | KNOWN[entity["kind"]]
        for key, value in entity["spec"].items():
            assert value, key  # an empty text or list is refused, or noise
            if key in {"dependsOn", "consumesApis", "providesApis"}:
                assert isinstance(value, list)


def test_no_two_entities_share_a_reference(repository: Repository) -> None:
    found = [reference(entity).lower() for entity in entities(repository)]
    assert len(found) == len(set(found))


def test_every_reference_is_whole_and_leads_to_an_entity(repository: Repository) -> None:
    known = by_reference(repository)
    for entity in known.values():
        spec = entity["spec"]
        inside = [*spec.get("dependsOn", ()), *spec.get("consumesApis", ()), *spec.get("providesApis", ())]
        inside += [spec["system"]] if "system" in spec else []
        assert set(inside) <= known.keys()
        assert all(map(REFERENCE.fullmatch, [spec["owner"], *inside]))


def test_the_catalog_says_what_the_spec_says(repository: Repository) -> None:
    known, context = by_reference(repository), repository.context
    system = known[f"system:default/{context.name}"]
    assert system["metadata"].get("description", "") == context.description
    runtimes = open_template().runtimes
    described = {one.name for one in context.services if one.runtime and runtimes[one.runtime]["contract"]}
    place = f"{context.name}/"
    for service in context.services:
        spec = known[f"component:{place}{service.name}"]["spec"]
        database = [f"resource:{place}{service.name}-database"] if service.database else []
        callees = [call.service for call in service.calls]
        assert spec.get("dependsOn", []) == [*(f"component:{place}{name}" for name in callees), *database]
        assert spec.get("consumesApis", []) == [f"api:{place}{name}" for name in callees if name in described]
        assert spec.get("providesApis", []) == [f"api:{place}{service.name}"] * (service.name in described)
    kinds = [entity["kind"] for entity in known.values()]
    assert kinds.count("Component") == len(context.services)
    assert kinds.count("Resource") == sum(bool(service.database) for service in context.services)


def test_the_description_of_an_api_is_a_committed_file(repository: Repository) -> None:
    for entity in entities(repository):
        if entity["kind"] == "API":
            path = entity["spec"]["definition"]["$text"].removeprefix("./")
            assert json.loads(repository.text(path))["openapi"].startswith("3.1")


@pytest.mark.parametrize(
    ("owner", "entity"),
    [
        ("@acme/shop", "group:default/shop"),
        ("@acme/platform/shop", "group:default/platform-shop"),
        ("@someone", "user:default/someone"),
        ("some.one+shop@acme.example", "user:default/some.one"),
        ("", "group:default/unknown"),
    ],
)
def test_an_owner_is_a_team_or_a_person(
    owner: str, entity: str, shop: Repository, template: Template
) -> None:
    tree = render(template, {**shop.context.answers(), "owner": owner})
    for document in quick_yaml.load_all(tree["catalog-info.yaml"].data):
        assert document["spec"]["owner"] == entity
