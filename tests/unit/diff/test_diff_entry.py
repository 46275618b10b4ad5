"""What a diff says of who reaches a system on a cluster, and of what opens its registry."""

from typing import Any

import pytest

from tests.unit.comparison import compare
from tests.unit.diff.test_diff_cluster import between, on_cluster

TO = "\N{RIGHTWARDS ARROW}"
OPEN = "the port of every service, for metrics, is open to pods of"
LOGIN = "it must exist in the namespace to pull images"


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ({}, {"pull_secret": "a"}, [("attention", f"pull secret none {TO} a: {LOGIN}")]),
        ({"pull_secret": "a"}, {"pull_secret": "b"}, [("attention", f"pull secret a {TO} b: {LOGIN}")]),
        ({"pull_secret": "a"}, {}, [("attention", f"pull secret a {TO} none")]),
        ({}, {"metrics_from": ["a"]}, [("attention", f"{OPEN} none {TO} a")]),
        ({"metrics_from": ["a", "b"]}, {"metrics_from": ["b"]}, [("info", f"{OPEN} a, b {TO} b")]),
        ({"metrics_from": ["a", "b"]}, {"metrics_from": ["b", "a", "a"]}, []),
        ({}, {"annotations": {"a": "b"}}, [("attention", f'annotation a of the gateway: none {TO} "b"')]),
        (
            {"annotations": {"a": "b", "c": "d"}},
            {"annotations": {"a": "", "c": "d"}},
            [("attention", f'annotation a of the gateway: "b" {TO} ""')],
        ),
        (
            {},
            {"sources": ["10.0.0.0/8"]},
            [("attention", f"clients may come from everywhere {TO} 10.0.0.0/8")],
        ),
        (
            {"sources": ["10.0.0.0/8"]},
            {},
            [("attention", f"clients may come from 10.0.0.0/8 {TO} everywhere")],
        ),
        (
            {},
            {"client_address": True},
            [("info", f"the gateway learns clients' addresses: false {TO} true")],
        ),
    ],
)
def test_a_setting_beside_the_pods_is_reported_and_replaces_none(
    before: dict[str, Any], after: dict[str, Any], told: list[tuple[str, str]]
) -> None:
    found = between(on_cluster(**before), on_cluster(**after))
    assert [(each.weight, each.text) for each in found.findings] == told
    assert not found.containers
    assert not compare(on_cluster(**after), on_cluster(**after)).changed
