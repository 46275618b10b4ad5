"""The graphs of a system on a cluster: environments, replicas, egress."""

import re
from typing import Any

import pytest

from generator.graph.mermaid import mermaid, readme_flowchart
from generator.graph.page import page
from generator.graph.svg import svg
from generator.graph.text import text_graph
from pulumi_stacks.context.model import Context
from tests.property.systems import context_of

SPEC: dict[str, Any] = {
    "name": "shop",
    "registry": "ghcr.io/acme",
    "environments": {
        "dev": {"target": "docker"},
        "prod": {
            "target": "kubernetes",
            "gateway": "ingress",
            "domain": "shop.example.com",
            "database": "external",
        },
    },
    "services": {
        "orders": {
            "runtime": "python",
            "route": "/orders",
            "calls": ["mail"],
            "scale": {"min": 2, "max": 6},
            "egress": "internet",
        },
        "mail": {
            "runtime": "go",
            "egress": ["203.0.113.0/24:443"],
            "environments": {"dev": {"egress": "internet"}},
        },
    },
}
SYSTEM = context_of(SPEC)
PROD = "kubernetes, namespace shop-prod, ingress, shop.example.com, external databases"


def of(environments: dict[str, Any]) -> Context:
    return context_of(
        {**SPEC, "environments": environments, "services": {"a": SPEC["services"]["orders"] | {"calls": []}}}
    )


def test_the_text_has_environments_replicas_and_egress() -> None:
    assert text_graph(SYSTEM, 120, unicode=True).splitlines() == [
        "gateway",
        "└─ /orders ─► orders  python    replicas 2 in dev, 2-6 in prod",
        "   ├─► mail           go",
        "   │  ├─► egress: internet in dev",
        "   │  └─► egress: 203.0.113.0/24:443 in prod",
        "   └─► egress: internet",
        "",
        "environments",
        "dev   docker, gateway on port 8080",
        f"prod  {PROD}",
        "",
        "2 services, 1 route, 1 call, 0 databases",
    ]


@pytest.mark.parametrize("width", [20, 26, 40, 60])
def test_in_a_narrow_terminal_no_line_is_too_long(width: int) -> None:
    lines = text_graph(SYSTEM, width, unicode=False).splitlines()
    assert all(len(line) <= width and line == line.rstrip() for line in lines)
    assert "kubernetes" in " ".join(lines)


def test_what_is_the_same_in_every_environment_names_none() -> None:
    drawn = text_graph(of({"prod": {"target": "kubernetes"}}), 80, unicode=False)
    assert "a  python    2-6 replicas\n" in drawn
    assert "prod  kubernetes, namespace shop-prod, loadbalancer\n" in drawn


def test_on_docker_alone_nothing_scales_and_no_environment_is_listed() -> None:
    system = of({"dev": {"target": "docker"}})
    drawn = (text_graph(system, 80, unicode=False), mermaid(system), svg(system))
    assert not [text for text in drawn if re.search("replicas|environment|2-6|docker", text)]
    assert "egress: internet" in drawn[0]


def test_mermaid_adds_clusters_to_what_the_readme_shows() -> None:
    lines = mermaid(SYSTEM).splitlines()
    assert lines[2] == '  service_orders["orders<br>replicas 2 in dev, 2-6 in prod"]'
    added = [line for line in lines if line not in readme_flowchart(SYSTEM).splitlines()][1:]
    assert added == [
        '  external(("external"))',
        '  service_orders -.->|"internet"| external',
        '  service_mail -.->|"internet in dev"| external',
        '  service_mail -.->|"203.0.113.0/24:443 in prod"| external',
        '  environment_dev>"dev: docker, gateway on port 8080"]',
        "  environment_dev -.- gateway",
        f'  environment_prod>"prod: {PROD}"]',
        "  environment_prod -.- gateway",
    ]


def test_the_svg_has_egress_and_the_environments_below() -> None:
    text = svg(SYSTEM)
    assert text.count('data-to="external network"') == 2
    assert "<title>mail &#8594; internet in dev, 203.0.113.0/24:443 in prod</title>" in text
    assert ">replicas 2 in dev,</text>" in text
    assert ">2-6 in prod</text>" in text
    (size,) = re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', text)
    notes = re.findall(r'<text class="small" x="([\d.]+)" y="([\d.]+)"[^>]*>(?:dev|prod): ', text)
    nodes = re.findall(r'transform="translate\([\d.]+ ([\d.]+)\)">.*?\n?.*?height="([\d.]+)"', text)
    lowest = max(float(y) + float(height) for y, height in nodes)
    assert all(lowest + 12 < float(y) < float(size[1]) - 8 for _, y in notes)
    assert len(notes) == 2
    assert float(size[0]) >= 24 + 7.25 * len(f"prod: {PROD}")


def test_an_svg_of_many_environments_has_each_count_in_full() -> None:
    names = [f"stage-{number}" for number in range(9)] + ["e" * 40]
    system = of(
        {"dev": {"target": "docker"}} | {name: {"target": "kubernetes"} for name in names},
    )
    (node,) = re.findall(r'<g class="service".*?</g>', svg(system), re.DOTALL)
    (height,) = re.findall(r'class="shape" width="\d+" height="([\d.]+)"', node)
    lines = re.findall(r' y="([\d.]+)"[^>]*>([^<]*)</text>', node)
    message = "".join(words for _, words in lines[3:]).replace(" ", "")
    assert message == "replicas2indev," + ",".join(f"2-6in{name}" for name in names)
    assert max(len(words) for _, words in lines) <= 26
    assert max(float(y) for y, _ in lines) == float(height) - 12


def test_the_page_has_replicas_and_egress_of_each_environment() -> None:
    text = page(SYSTEM)
    shown = " ".join(text.split())
    assert f"prod: target {PROD}" in shown
    assert "2-6 replicas of 500m CPU, 256Mi memory; egress: internet" in shown
    assert "2 replicas of 500m CPU, 256Mi memory; egress: internet" in shown
    assert '">&#215;2-6</text>' in text
    assert "replicas 2 i" not in text
    assert '"external network", ...matches' in text


def test_a_service_may_be_called_outside() -> None:
    services = {"outside": {"runtime": "go", "egress": "internet"}}
    text = svg(context_of({**SPEC, "services": services}))
    assert text.count('data-from="outside" data-to="external network"') == 1
