"""What a diff says, in findings, text and Markdown."""

import json
import re
from typing import Any

import jsonschema
import pytest

from pulumi_stacks.diff import run as diff
from pulumi_stacks.diff.markdown import MARKDOWN_BYTES, markdown
from pulumi_stacks.diff.model import EnvironmentDiff
from tests.unit.comparison import PYTHON, SHOP, compare, orders


def only(after: dict[str, Any], before: dict[str, Any] = SHOP) -> EnvironmentDiff:
    [environment] = compare(before, after).environments
    return environment


def told(environment: EnvironmentDiff) -> list[tuple[str, str, str, str]]:
    return [(each.weight, each.area, each.what, each.text) for each in environment.findings]


def fates(environment: EnvironmentDiff) -> list[tuple[str, str, str, str]]:
    return [(each.risk, each.role, each.service or "", each.action) for each in environment.containers]


def test_the_same_specs_have_no_difference():
    found = compare(SHOP, SHOP)
    assert not found.changed
    assert diff.render(found, "text") == "shop: old → new\nNo changes for a running system."
    assert "No changes for a running system." in markdown(found)


def test_what_does_not_run_is_not_a_difference():
    assert not compare(SHOP, {**SHOP, "description": "x", "owner": "@a", "ci": "github"}).changed


def test_a_lost_database_is_said_loudly_and_names_its_volume():
    environment = only(orders(database=None))
    [(weight, area, what, text)] = told(environment)
    assert (weight, area, what) == ("danger", "data", "removed")
    assert "the rows stay in the volume `shop_dev_database-orders`" in text
    assert fates(environment) == [
        ("interrupts", "database", "orders", "delete"),
        ("rolls", "service", "orders", "replace"),
        ("none", "migration", "orders", "delete"),
    ]


def test_a_removed_service_loses_its_database_too():
    after = {**SHOP, "services": {"billing": PYTHON}}
    assert [each[:3] for each in told(only(after))] == [
        ("danger", "data", "removed"),
        ("info", "route", "removed"),
        ("info", "service", "removed"),
        ("info", "edge", "removed"),
    ]


def test_a_rename_without_an_id_is_asked_about():
    after: dict[str, Any] = {
        "name": "shop",
        "services": {"sales": {**SHOP["services"]["orders"]}, "billing": PYTHON},
    }
    [note] = only(after).notes
    assert "set `id: orders` on the service with the new name" in note
    after["services"]["sales"]["id"] = "orders"
    environment = only(after)
    assert environment.notes == ()
    assert told(environment) == [
        ("info", "service", "renamed", "orders is renamed to sales and keeps its data (id orders)")
    ]
    assert ("rolls", "service", "sales", "replace") in fates(environment)
    assert "create" not in {each.action for each in environment.containers}


@pytest.mark.parametrize(
    ("fields", "manner"),
    [
        ({"strip": False}, "with its prefix, bodies up to 10MB"),
        ({"body": "50Mi"}, "without its prefix, bodies up to 50MiB"),
    ],
)
def test_a_route_that_passes_on_something_else_is_a_changed_route(fields: dict[str, Any], manner: str):
    environment = only(orders(**fields))
    said = f"orders at /orders: without its prefix, bodies up to 10MB → {manner}"
    assert told(environment) == [("attention", "route", "changed", said)]
    assert ("rolls", "router", "", "replace") in fates(environment)


def test_a_larger_body_of_an_internal_service_is_a_changed_setting():
    [found] = told(only(orders(route=None, body="50Mi"), orders(route=None)))
    assert found == ("info", "setting", "changed", "orders: body none → 50Mi")


@pytest.mark.parametrize(
    ("before", "after", "weight", "text"),
    [
        (None, "/x", "attention", "orders is public at /x"),
        ("/x", None, "info", "orders is no longer public (it was at /x)"),
        ("/x", "/y", "attention", "orders moves from /x to /y"),
    ],
)
def test_routes_are_reported_and_the_router_rolls_over(before, after, weight, text):
    environment = only(orders(route=after), orders(route=before))
    assert (weight, text) in [(each[0], each[3]) for each in told(environment)]
    assert ("rolls", "router", "", "replace") in fates(environment)


def test_edges_are_reported_and_both_ends_roll_over():
    closed = only(orders(calls=[]))
    assert told(closed) == [("info", "edge", "removed", "orders no longer calls billing")]
    opened = only(SHOP, orders(calls=[]))
    assert told(opened) == [("attention", "edge", "added", "orders calls billing")]
    for environment in (closed, opened):
        rolled = {each.service for each in environment.containers if each.role == "service"}
        assert rolled == {"orders", "billing"}
        assert all(each.risk == "rolls" for each in environment.containers)
    assert closed.networks.deleted == opened.networks.created == ("call-orders--billing",)


def test_settings_and_variables_are_reported():
    after = orders(
        scale={"min": 3},
        resources={"cpu": "2", "memory": "1Gi"},
        config={"A": "1"},
        runtime="dockerfile",
        port=9,
    )
    environment = only(after, orders(config={"B": "x"}))
    assert {each[3] for each in told(environment) if each[1] in {"setting", "variable", "image"}} == {
        "orders: replicas 1 → 3",
        "orders: cpu 500m → 2",
        "orders: memory 256Mi → 1Gi",
        'orders: A none → "1"',
        'orders: B "x" → none',
        "orders: runtime python → dockerfile",
        "orders: port 8080 → 9",
    }


def test_memory_alone_is_changed_in_place():
    environment = only(orders(resources={"memory": "1Gi"}))
    assert {each.risk for each in environment.containers} == {"in place"}


def test_diagnostics_made_public_are_reported():
    after = {**SHOP, "environments": {"dev": {"target": "docker", "diagnostics": True}}}
    assert told(only(after))[0][:3] == ("attention", "diagnostics", "added")
    assert told(only(SHOP, after))[0][:3] == ("info", "diagnostics", "removed")


def test_environments_that_come_go_or_move_are_reported():
    docker = {"target": "docker"}
    found = compare(
        {**SHOP, "environments": {"dev": docker, "old": docker}},
        {**SHOP, "environments": {"new": docker, "dev": docker}},
    )
    states = {
        each.name: (each.state, [finding.weight for finding in each.findings]) for each in found.environments
    }
    assert states == {
        "new": ("added", ["info"]),
        "dev": ("stays", ["attention"]),
        "old": ("removed", ["danger"]),
    }
    text = diff.render(found, "text")
    assert "the gateway's address: http://127.0.0.1:8080 → http://127.0.0.1:8081" in text
    assert "old is no longer in cn.yaml" in text
    assert "its rows stay in `shop_old_database-orders`" in text


def test_a_renamed_system_is_another_one():
    environment = only({**SHOP, "name": "store"})
    assert environment.state == "recreated"
    assert told(environment)[0][:3] == ("danger", "system", "renamed")
    assert {each.action for each in environment.containers} == {"create"}


def test_one_environment_may_be_asked_for():
    two = {**SHOP, "environments": {"dev": {"target": "docker"}, "prod": {"target": "docker"}}}
    assert [each.name for each in compare(two, two, "prod").environments] == ["prod"]
    with pytest.raises(diff.DiffError, match=r"--env x: not in either cn.yaml \(they have dev, prod\)"):
        compare(two, two, "x")


def test_environments_that_are_alike_are_reported_once():
    two = {"environments": {"dev": {"target": "docker"}, "prod": {"target": "docker"}}}
    text = diff.render(compare({**SHOP, **two}, {**orders(database=None), **two}), "text")
    assert "\n\ndev, prod\n" in text
    assert text.count("loses its database") == 1
    assert "`shop_{dev,prod}_database-orders`" in text


def test_the_text_is_aligned_and_ordered_by_risk():
    after = orders(route="/new", resources={"memory": "1Gi"}, calls=[])
    after["services"]["audit"] = {"image": "caddy:2", "scale": {"min": 2}}
    assert (
        diff.render(compare(SHOP, after), "text")
        == """\
shop: old → new

dev
  Public routes
    ~ orders moves from /orders to /new
  Services
    + audit is new (caddy:2, 2 replicas)
  Connections
    - orders no longer calls billing
  Settings
    ~ orders: memory 256Mi → 1Gi
  Containers
    rolling    router of the gateway  replaced    configuration
    rolling    migration of orders    runs again  variables, memory
    rolling    billing                replaced    networks
    rolling    orders                 replaced    variables, networks, memory
    no impact  audit (2)              created
  Networks: 1 created, 1 deleted

Based on cn.yaml only: changes of code in services/ also replace containers, and are not listed."""
    )


def test_markdown_tells_danger_first_and_values_as_code():
    value = "`a` | <b> @acme #1 [x](y)"
    after = orders(database=None, config={"A": value})
    lines = markdown(compare(SHOP, after)).splitlines()
    assert lines[0] == "## shop: changes when this is deployed"
    assert lines.index("> [!CAUTION]") < lines.index("### dev")
    [line] = [line for line in lines if line.startswith("- orders: A ")]
    assert line == f"- orders: A none → ``{json.dumps(value)}``"
    assert "| containers | action | risk | reasons |" in lines


def test_markdown_fits_into_a_comment_and_says_what_was_cut():
    services = {
        f"service-{number}": {**PYTHON, "database": "postgres", "route": f"/r{number}"}
        for number in range(400)
    }
    text = markdown(
        compare({"name": "shop", "services": {"a": PYTHON}}, {"name": "shop", "services": services})
    )
    assert 60_000 < len(text.encode()) <= MARKDOWN_BYTES
    found = re.search(r"\*\*Cut here:\*\* (\d+) of (\d+) lines do not fit\.", text)
    assert found
    assert int(found[2]) - int(found[1]) == text.count("\n") - 1


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(diff.schema())
