"""The SVG and the HTML page of one system; hostile values are escaped."""

import base64
import hashlib
import re
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path

from generator.graph import page as page_module
from generator.graph.page import page
from generator.graph.svg import svg
from pulumi_stacks.system import load, resolve
from tests.property.systems import context_of, large
from tests.property.test_svg import Reader

ROOT = Path(__file__).resolve().parents[3]
FULL = resolve(load((ROOT / "examples" / "03-full" / "cn.yaml").read_bytes()))
HOSTILE = [
    "</script><script>window.hacked = 1</script>",
    '"><img src=x onerror="window.hacked = 1">',
    "'><svg onload=window.hacked=1>",
    "</style><b>",
    "]]><!--",
    "&lt;b&gt; &amp; {{ 7 * 7 }} {% raw %}",
    "é \U0001f600 日本",
]
ATTACKED = context_of(
    {
        "name": "attacked",
        "description": " ".join(HOSTILE),
        "services": {
            "a": {
                "runtime": "python",
                "route": "/a",
                "config": {f"TEXT_{number}": value for number, value in enumerate(HOSTILE)},
            }
        },
    }
)


def test_hostile_values_stay_text() -> None:
    reader = Reader(page(ATTACKED))
    assert ATTACKED.description in reader.texts["p"]
    assert set(HOSTILE) <= set(reader.texts["code"])
    assert {tag for tag, _ in reader.tags} & {"img", "b"} == set()
    assert [tag for tag, _ in reader.tags].count("script") == 1
    described = ET.fromstring(svg(ATTACKED)).find("{http://www.w3.org/2000/svg}desc")  # noqa: S314
    assert described is not None
    assert (described.text or "").startswith(ATTACKED.description)


def test_the_policy_lets_the_own_script_and_style_run_and_nothing_else() -> None:
    text = page(FULL)
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    allowed = dict(rule.split(" ", 1) for rule in policy.replace("&#39;", "'").split("; "))
    assert allowed.pop("img-src") == "data:"
    for kind in ("script", "style"):
        (source,) = re.findall(f"<{kind}>(.*?)</{kind}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
        assert allowed.pop(f"{kind}-src") == f"'sha256-{digest}'"
    assert allowed == {"default-src": "'none'", "base-uri": "'none'", "form-action": "'none'"}


def test_the_page_names_no_address_of_the_network() -> None:
    text = page(FULL).replace("http://www.w3.org/2000/svg", "")
    assert re.findall(r"(?:https?:)?//[\w.-]+", text) == ["http://billing", "http://notes"], "variables"
    assert "@import" not in text
    assert "url(" not in text


def test_the_page_shows_differences_between_environments() -> None:
    text = page(FULL)
    assert 'data-environment="dev">In dev</dt>' in text
    assert re.search(r'<dd data-environment="dev">\s+1 replica\s+of 1 CPU, 320Mi memory', text)
    assert re.search(r'<dd data-environment="staging">\s+2-4 replicas\s+of 500m CPU, 256Mi memory', text)


def test_the_sources_of_the_page_are_ascii_so_that_no_locale_changes_their_hashes() -> None:
    folder = Path(page_module.__file__).parent / "web"
    assert [path.name for path in sorted(folder.iterdir())] == [
        "graph.css",
        "page.css",
        "page.html.jinja",
        "page.js",
    ]
    assert all(path.read_bytes().isascii() for path in folder.glob("*.[cj]s*"))


def test_a_long_name_is_shortened_in_the_graph_and_complete_in_its_tooltip() -> None:
    name = "a" * 20 + "b" * 20
    drawn = svg(context_of({"name": "x", "services": {name: {"runtime": "python"}}}))
    assert f"<title>{name}, python</title>" in drawn
    assert f">{name}</text>" not in drawn
    assert f">{'a' * 12}&#8230;{'b' * 13}</text>" in drawn


def test_a_system_of_a_thousand_services_is_drawn() -> None:
    root = ET.fromstring(svg(large(1000)))  # noqa: S314
    assert len([group for group in root.iter() if group.get("class") == "service"]) == 1000


def test_more_calls_than_anyone_could_follow_are_drawn_straight() -> None:
    names = [f"s{number}" for number in range(150)]
    services = {
        name: {"runtime": "python", "calls": names[index + 1 : index + 51]}
        for index, name in enumerate(names)
    }
    root = ET.fromstring(svg(context_of({"name": "x", "services": services})))  # noqa: S314
    lines = [path for path in root.iter() if path.get("data-from")]
    assert len(lines) == sum(len(names[index + 1 : index + 51]) for index in range(150))
    assert len({(line.get("data-from"), line.get("data-to")) for line in lines}) == len(lines)


def test_neighbours_in_a_chain_are_on_one_line() -> None:
    names = ["a", "b", "c", "d"]
    services = {one: {"runtime": "python", "calls": [other]} for one, other in pairwise(names)}
    system = context_of({"name": "x", "services": {**services, "d": {"runtime": "python"}}})
    places = re.findall(r'data-name="\w" transform="translate\(([\d.]+) ([\d.]+)\)', svg(system))
    assert len({y for _, y in places}) == 1
    assert [float(x) for x, _ in places] == sorted(float(x) for x, _ in places)
