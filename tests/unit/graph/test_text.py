"""The exact output of the graph in text."""

from itertools import pairwise
from pathlib import Path

import pytest

from generator.graph.text import text_graph
from pulumi_stacks.system import load, resolve
from tests.property.systems import context_of, large

ROOT = Path(__file__).resolve().parents[3]
FULL = resolve(load((ROOT / "examples" / "03-full" / "cn.yaml").read_bytes()))


def chain(length: int) -> dict:
    names = [f"s{index}" for index in range(length)]
    services = {name: {"runtime": "python", "calls": [callee]} for name, callee in pairwise(names)}
    return {"name": "chain", "services": services | {names[-1]: {"runtime": "python"}}}


def test_details_are_aligned_in_columns_if_there_is_room() -> None:
    assert text_graph(FULL, 80, unicode=True).splitlines() == [
        "gateway",
        "├─ /orders ─► orders  python      postgres  replicas 1 in dev, 2-4 in staging",
        "│  ├─► billing        node",
        "│  ├─► notes (below)",
        "│  ├─► egress: internet in dev",
        "│  └─► egress: 203.0.113.0/24:443 in staging",
        "├─ /notes ─► notes    dockerfile",
        "└─ /site ─► site      caddy:2",
        "",
        "environments",
        "dev      docker, gateway on port 8080",
        "staging  kubernetes, namespace full-test, loadbalancer, staging.full.example.com",
        "",
        "4 services, 3 routes, 2 calls, 1 database",
    ]


def test_without_unicode_and_room_it_is_the_same_graph() -> None:
    assert text_graph(FULL, 40, unicode=False).splitlines() == [
        "gateway",
        "|- /orders -> orders  python, postgres,",
        "|  | replicas 1 in dev, 2-4 in staging",
        "|  |-> billing  node",
        "|  |-> notes (below)",
        "|  |-> egress: internet in dev",
        "|  `-> egress: 203.0.113.0/24:443 in",
        "|      staging",
        "|- /notes -> notes  dockerfile",
        "`- /site -> site  caddy:2",
        "",
        "environments",
        "dev      docker, gateway on port 8080",
        "staging  kubernetes, namespace",
        "         full-test, loadbalancer,",
        "         staging.full.example.com",
        "",
        "4 services, 3 routes, 2 calls, 1",
        "database",
    ]


def test_services_without_a_route_have_their_own_section() -> None:
    spec = {
        "name": "x",
        "services": {
            "timer": {"runtime": "python", "calls": ["mail"]},
            "mail": {"runtime": "python", "database": "postgres"},
        },
    }
    assert text_graph(context_of(spec), 60, unicode=True).splitlines()[:5] == [
        "gateway (no routes)",
        "",
        "no callers",
        "└─ timer     python",
        "   └─► mail  python  postgres",
    ]


def test_a_service_is_drawn_whole_where_the_way_from_the_gateway_is_shortest() -> None:
    spec = {
        "name": "x",
        "services": {
            "a": {"runtime": "python", "route": "/a", "calls": ["b", "c"]},
            "b": {"runtime": "python", "calls": ["c"]},
            "c": {"runtime": "python"},
        },
    }
    assert text_graph(context_of(spec), 60, unicode=False).splitlines()[1:5] == [
        "`- /a -> a  python",
        "   |-> b    python",
        "   |  `-> c (below)",
        "   `-> c    python",
    ]


@pytest.mark.parametrize(("width", "parts"), [(40, 3), (120, 1)])
def test_a_long_chain_continues_in_a_new_section(width: int, parts: int) -> None:
    drawn = text_graph(context_of(chain(12)), width, unicode=True)
    assert drawn.count("continued") == parts - 1
    assert max(map(len, drawn.splitlines())) <= width


def test_a_chain_of_hundreds_of_services_is_drawn() -> None:
    drawn = text_graph(context_of(chain(400)), 10_000, unicode=True)
    assert all(f"s{index} " in drawn for index in range(400))


def test_a_large_system_stays_within_the_width() -> None:
    for width in (40, 80, 120):
        lines = text_graph(large(300), width, unicode=True).splitlines()
        assert max(map(len, lines)) <= width
        assert lines[-1].startswith("300 services") or lines[-2].startswith("300 services")


def test_a_broken_word_leaves_no_space_at_the_end_of_the_line_before() -> None:
    service = {"image": "ghcr.io/acme/web:1.4", "route": "/click", "calls": ["a"]}
    spec = {"name": "x", "services": {"click": service, "a": {"runtime": "go"}}}
    drawn = text_graph(context_of(spec), 20, unicode=False).splitlines()
    assert drawn[1] == "`- /click -> click"


def test_a_name_that_does_not_fit_continues_in_the_next_line() -> None:
    name = "a" * 40
    spec = {"name": "x", "services": {name: {"runtime": "python", "route": f"/{name}"}}}
    lines = text_graph(context_of(spec), 30, unicode=True).splitlines()
    assert max(map(len, lines)) <= 30
    assert "".join(map(str.strip, lines)).startswith(f"gateway└─ /{name} ─► {name}  python")
