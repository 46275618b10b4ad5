"""Call cycles are valid: they are reported, and all code supports them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from generator import main as cli
from generator.graph.svg import svg
from generator.graph.text import text_graph
from pulumi_stacks.context.call_cycles import cycles, warnings
from pulumi_stacks.context.model import Context
from pulumi_stacks.system import load, make_plan, resolve
from tests.unit.clusters import live, objects

CIRCLE = b"""\
name: shop
environments: {dev: {target: docker}, prod: {target: kubernetes}}
registry: ghcr.io/acme
services:
  a: {runtime: python, route: /a, calls: [b]}
  b: {runtime: python, calls: [c]}
  c: {runtime: python, calls: [a]}
"""
SAID = "calls form a cycle: a -> b -> c -> a"


def context_of(**calls: list[str]) -> Context:
    lines = [f"  {name}: {{image: x/y, calls: [{', '.join(callees)}]}}" for name, callees in calls.items()]
    return resolve(load("\n".join(["name: s", "services:", *lines]).encode()))


@pytest.mark.parametrize(
    ("calls", "found"),
    [
        ({"a": ["b"], "b": []}, []),
        ({"a": ["b", "c"], "b": ["d"], "c": ["d"], "d": []}, []),
        ({"a": ["b"], "b": ["a"]}, ["a -> b -> a"]),
        ({"b": ["a"], "a": ["b"]}, ["b -> a -> b"]),
        ({"a": ["b"], "b": ["c"], "c": ["a"]}, ["a -> b -> c -> a"]),
        ({"a": ["b"], "b": ["a", "c"], "c": ["b"]}, ["a -> b -> a", "b -> c -> b"]),
        ({"x": ["a"], "a": ["b"], "b": ["a"], "z": ["b"]}, ["a -> b -> a"]),
        ({"a": ["b"], "b": ["a"], "c": ["d"], "d": ["c"]}, ["a -> b -> a", "c -> d -> c"]),
    ],
)
def test_each_cycle_is_found_once(calls: dict[str, list[str]], found: list[str]) -> None:
    assert [" -> ".join((*circle, circle[0])) for circle in cycles(calls)] == found
    assert [line.partition(": ")[2].partition(" (")[0] for line in warnings(calls)] == found
    assert context_of(**calls).cycles() == warnings(calls)


def test_a_long_cycle_is_found_without_recursion_and_shortened() -> None:
    names = [f"s{n}" for n in range(2000)]
    [found] = warnings(dict(zip(names, ([name] for name in [*names[1:], names[0]]), strict=True)))
    assert found.startswith("calls form a cycle: s0 -> s1 -> s2 -> s3 -> s4 -> s5 -> ... -> s1996 ->")
    assert found.partition(" (")[0].endswith("s1999 -> s0")


def test_of_many_cycles_the_first_are_printed() -> None:
    names = [f"s{n}" for n in range(9)]
    found = warnings({name: [other for other in names if other != name] for name in names})
    assert len(found) == 11
    assert found[-1] == "calls form 26 more cycles"


def test_a_service_that_calls_itself_is_still_a_fault() -> None:
    with pytest.raises(Exception, match="a service cannot call itself"):
        context_of(a=["a"])


def test_cn_new_and_cn_plan_print_the_cycle_and_continue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("cn.yaml").write_bytes(CIRCLE)
    assert cli.main_new(["shop", "--spec", "cn.yaml", "--no-git"]) == 0
    assert f"Note: {SAID}" in capsys.readouterr().out
    monkeypatch.chdir(tmp_path / "shop")
    assert cli.main_cn(["plan"]) == 0
    assert SAID in capsys.readouterr().out


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_a_deployment_warns_of_the_cycle(environment: str) -> None:
    decided = make_plan(resolve(load(CIRCLE)), environment)
    assert [line for line in decided.warnings if line.startswith(SAID)]


def test_text_graph_draws_a_cycle_without_other_callers() -> None:
    text = text_graph(context_of(a=["b"], b=["a"], c=[]), 80, unicode=False)
    assert "call cycle\n`- a      x/y\n   `-> b  x/y\n      `-> a (above)\n" in text


def test_an_edge_that_leads_back_is_drawn_with_its_head_at_its_end() -> None:
    text = svg(context_of(a=["b"], b=["a"]))
    [there] = [line for line in text.splitlines() if 'data-from="a" data-to="b"' in line]
    [back] = [line for line in text.splitlines() if 'data-from="b" data-to="a"' in line]
    assert "m-7 -4 7 4 -7 4" in there
    assert "m7 -4 -7 4 7 4" in back


def test_on_a_cluster_both_directions_are_allowed() -> None:
    spec: dict[str, Any] = {
        "name": "s",
        "services": {"a": {"image": "x/y", "calls": ["b"]}, "b": {"image": "x/y", "calls": ["a"]}},
    }
    policies = [made for made in objects(live(spec)) if made["kind"] == "NetworkPolicy"]
    text = {made["metadata"]["name"]: str(made["spec"]) for made in policies}
    assert any("'b'" in text[name] for name in text if name.startswith("a"))
    assert any("'a'" in text[name] for name in text if name.startswith("b"))
