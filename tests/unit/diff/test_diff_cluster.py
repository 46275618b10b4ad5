"""What a diff says of an environment on a cluster."""

from typing import Any

import pytest

from pulumi_stacks.diff.model import ContainerChange, EnvironmentDiff, Finding
from tests.unit.clusters import Spec, live
from tests.unit.comparison import SHOP, compare, orders

Change = tuple[str | None, str, str, str]


def on_cluster(spec: Spec = SHOP, **fields: Any) -> Spec:
    """Return a spec of which only the environment on a cluster is left."""
    made = live(spec, **fields)
    return {**made, "environments": {"live": made["environments"]["live"]}}


def between(before: Spec, after: Spec) -> EnvironmentDiff:
    [found] = compare(before, after, "live").environments
    return found


def fates(found: EnvironmentDiff) -> list[Change]:
    return [(each.service, each.role, each.action, each.risk) for each in found.containers]


def only(found: EnvironmentDiff) -> Finding:
    [finding] = found.findings
    return finding


def why(found: EnvironmentDiff, role: str) -> ContainerChange:
    return next(each for each in found.containers if each.role == role)


ROLLS = [
    ("orders", "migration", "replace", "rolls"),
    ("orders", "service", "replace", "rolls"),
]


def test_the_same_spec_changes_nothing_on_a_cluster() -> None:
    assert not compare(on_cluster(), on_cluster()).changed


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"resources": {"memory": "1Gi"}}, "memory"),
        ({"resources": {"cpu": "2"}}, "cpu"),
        ({"config": {"A": "b"}}, "variables"),
        ({"runtime": "go"}, "image"),
        ({"calls": None}, "variables"),
    ],
)
def test_whatever_changes_of_a_service_rolls_over_and_migrates_again(
    fields: dict[str, Any], reason: str
) -> None:
    found = between(on_cluster(), on_cluster(orders(**fields)))
    assert fates(found) == ROLLS
    assert all(each.reasons == (reason,) for each in found.containers)
    assert found.networks.model_dump() == {"created": (), "replaced": (), "deleted": ()}


def test_a_probe_that_changes_rolls_over() -> None:
    one, two = (
        on_cluster({**SHOP, "services": {"web": {"image": "caddy:2", "ready": path}}})
        for path in ("/a", "/b")
    )
    [change] = between(one, two).containers
    assert (change.risk, change.reasons) == ("rolls", ("health check",))


def test_a_call_touches_the_caller_alone() -> None:
    found = between(on_cluster(orders(calls=None)), on_cluster())
    assert fates(found) == ROLLS
    assert [(each.area, each.weight, each.subject) for each in found.findings] == [
        ("edge", "attention", "billing")
    ]


def test_a_route_rolls_the_gateway_over_without_interrupting_it() -> None:
    found = between(on_cluster(), on_cluster(orders(route="/bought")))
    assert fates(found) == [(None, "gateway", "replace", "rolls")]
    assert why(found, "gateway").reasons == ("configuration",)


def test_only_a_database_is_interrupted() -> None:
    found = between(on_cluster(), on_cluster(storage_class="fast"))
    assert fates(found) == [("orders", "database", "replace", "interrupts")]
    assert why(found, "database").reasons == ("storage class",)
    setting = only(found)
    assert (setting.area, setting.weight, setting.before, setting.after) == ("setting", "info", None, "fast")
    assert "volumes that are there keep theirs" in setting.text


def test_more_replicas_come_and_fewer_go_and_nothing_else_is_touched() -> None:
    more = between(on_cluster(), on_cluster(orders(scale={"min": 3})))
    assert [(each.action, each.count, each.risk) for each in more.containers] == [("create", 2, "none")]
    less = between(on_cluster(orders(scale={"min": 3})), on_cluster())
    assert [(each.action, each.count, each.risk) for each in less.containers] == [("delete", 2, "rolls")]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ({}, {"max": 4}, ["most replicas none → 4", "busy cpu none → 70 %"]),
        ({"max": 4}, {"max": 6}, ["most replicas 4 → 6"]),
        ({"max": 4}, {"max": 4, "cpu": 50}, ["busy cpu 70 % → 50 %"]),
        ({"max": 4}, {}, ["most replicas 4 → none", "busy cpu 70 % → none"]),
        ({"cpu": 20}, {"cpu": 30}, []),
    ],
)
def test_scaling_is_a_setting_and_touches_no_pod(
    old: dict[str, int], new: dict[str, int], told: list[str]
) -> None:
    found = between(on_cluster(orders(scale=old)), on_cluster(orders(scale=new)))
    assert [finding.text for finding in found.findings] == [f"orders: {text}" for text in told]
    assert {finding.area for finding in found.findings} <= {"setting"}
    assert not found.containers


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (None, "internet", [("attention", "orders reaches the internet")]),
        ("internet", None, [("info", "orders no longer reaches the internet")]),
        ("internet", "none", [("info", "orders no longer reaches the internet")]),
        (
            "internet",
            ["203.0.113.0/24:443"],
            [
                ("info", "orders reaches 203.0.113.0/24:443, outside the system"),
                ("info", "orders no longer reaches the internet"),
            ],
        ),
        # What is private is not on the internet.
        (
            "internet",
            ["10.1.0.0/16:5432"],
            [
                ("attention", "orders reaches 10.1.0.0/16:5432, outside the system"),
                ("info", "orders no longer reaches the internet"),
            ],
        ),
        (
            ["10.0.0.0/8:5432"],
            ["10.1.0.0/16:5432"],
            [
                ("info", "orders no longer reaches 10.0.0.0/8:5432, outside the system"),
                ("info", "orders reaches 10.1.0.0/16:5432, outside the system"),
            ],
        ),
        (
            ["10.1.0.0/16:5432"],
            ["10.1.0.0/16:5432", "10.1.0.0/16:5433", "[2001:db8::/32]:443"],
            [
                ("attention", "orders reaches 10.1.0.0/16:5433, outside the system"),
                ("attention", "orders reaches [2001:db8::/32]:443, outside the system"),
            ],
        ),
    ],
)
def test_what_is_reached_outside_is_an_edge(old: Any, new: Any, told: list[tuple[str, str]]) -> None:
    found = between(on_cluster(orders(egress=old)), on_cluster(orders(egress=new)))
    assert sorted((finding.weight, finding.text) for finding in found.findings) == sorted(told)
    assert {finding.area for finding in found.findings} == {"edge"}
    assert not found.containers, "a policy is not part of a pod"


def test_egress_is_not_a_difference_where_no_one_holds_to_it() -> None:
    assert not compare(SHOP, orders(egress="internet")).changed


def test_the_way_in_and_the_domain_are_settings() -> None:
    domain: dict[str, Any] = {"domain": "shop.example.com"}
    named = between(on_cluster(), on_cluster(**domain))
    assert only(named).text == "the gateway's address: none → http://shop.example.com"
    assert not named.containers
    found = between(on_cluster(**domain), on_cluster(**domain, gateway="ingress"))
    assert [finding.subject for finding in found.findings] == ["address", "gateway"]
    assert found.findings[1].text == "clients reach the gateway by another kind: loadbalancer → ingress"
    assert fates(found) == [(None, "gateway", "replace", "rolls")], "it believes what a proxy tells"


@pytest.mark.parametrize(
    ("before", "after", "weight", "said"),
    [
        (
            {"state": "local"},
            {"state": "s3://a"},
            "attention",
            (
                "the state of its stack is kept elsewhere: local \N{RIGHTWARDS ARROW} s3://a: a stack that "
                "is there does not move by itself; `pulumi stack export` and `pulumi stack import` take it "
                "along"
            ),
        ),
        (
            {},
            {"protected": False},
            "attention",
            "protected true \N{RIGHTWARDS ARROW} false: `make down` asks nothing",
        ),
        (
            {"protected": False},
            {"protected": True},
            "info",
            "protected false \N{RIGHTWARDS ARROW} true: `make down` asks for its name",
        ),
    ],
)
def test_a_stack_that_is_kept_or_held_another_way_is_reported_and_nothing_of_it_changes(
    before: dict[str, Any], after: dict[str, Any], weight: str, said: str
) -> None:
    found = between(on_cluster(**before), on_cluster(**after))
    assert (only(found).weight, only(found).text) == (weight, said)
    assert not found.containers
    assert not compare(on_cluster(), on_cluster(protected=True)).changed


@pytest.mark.parametrize(
    ("before", "after", "subject"),
    [
        (on_cluster(kube_context="a"), on_cluster(kube_context="b"), "kube_context"),
        (on_cluster(namespace="a"), on_cluster(namespace="b"), "namespace"),
        ({**SHOP, "environments": {"live": {"target": "docker"}}}, on_cluster(), "target"),
    ],
)
def test_another_place_is_another_system_with_empty_databases(
    before: Spec, after: Spec, subject: str
) -> None:
    found = between(before, after)
    moved = only(found)
    assert (found.state, moved.area, moved.weight, moved.subject) == (
        "recreated",
        "environment",
        "danger",
        subject,
    )
    assert "with empty databases" in moved.text
    volume = "shop_live_database-orders" if subject == "target" else "data-database--orders-0"
    assert f"its rows stay there, in `{volume}`" in moved.text
    assert {each.action for each in found.containers} == {"create"}


def test_a_system_of_another_name_holds_the_namespace_of_the_one_before() -> None:
    found = between(on_cluster(), on_cluster({**SHOP, "name": "store"}))
    assert (found.state, only(found).area) == ("recreated", "system")
    assert "occupies the namespace `alive` until `make down ENV=live`" in only(found).text
    assert "its rows stay in `data-database--orders-0` of the namespace `alive`" in only(found).text


def test_a_database_that_is_elsewhere_leaves_the_rows_of_the_one_here() -> None:
    away = on_cluster(orders(egress=["10.0.0.0/8:5432"]), database="external")
    gone = between(on_cluster(orders(egress=["10.0.0.0/8:5432"])), away)
    assert only(gone).weight == "danger"
    assert (
        "now has an external database: the rows stay in the volume `data-database--orders-0`"
        in only(gone).text
    )
    assert [(each.role, each.risk) for each in gone.containers] == [
        ("database", "interrupts"),
        ("migration", "rolls"),
        ("service", "rolls"),
    ]
    back = only(between(away, on_cluster(orders(egress=["10.0.0.0/8:5432"]))))
    assert (back.weight, back.area) == ("danger", "data")
    assert "the rows of the external one stay there" in back.text


def test_a_new_environment_on_a_cluster_has_its_images_pushed_first() -> None:
    found = between(SHOP, live(SHOP))
    assert (
        only(found).text
        == "live is new: nothing runs there until `make push ENV=live` and `make up ENV=live`"
    )


def test_another_registry_is_another_image_on_a_cluster_alone() -> None:
    one, two = ({**SHOP, "registry": registry} for registry in ("ghcr.io/a", "ghcr.io/b"))
    assert not compare(one, two).changed
    found = between(on_cluster(one), on_cluster(two))
    assert {each.reasons for each in found.containers} == {("image",)}


def test_all_of_it_is_reported_in_text_and_markdown() -> None:
    after = on_cluster(orders(egress="internet", scale={"max": 4}), storage_class="fast")
    found = compare(on_cluster(), after, "live")
    from pulumi_stacks.diff import run as diff

    text, markdown = diff.render(found, "text"), diff.render(found, "markdown")
    assert "interrupts  database of orders  replaced  storage class" in text
    assert "+ orders reaches the internet" in text
    assert "~ storage class none → fast: volumes that are there keep theirs" in text
    assert "Networks" not in text + markdown
    assert "> [!WARNING]\n> - live: orders reaches the internet" in markdown
