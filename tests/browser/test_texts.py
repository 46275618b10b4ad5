"""No text touches another or leaves its node: on the SVG and the page, whatever names and fonts."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from generator.graph.svg import svg
from pulumi_stacks.context.model import Context
from pulumi_stacks.system import load, resolve
from tests.browser.webdriver import Browser
from tests.property.systems import context_of

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*/cn.yaml"))
IMAGE = "registry.example.com/team/a-very-long-name-of-an-image:2026.1.30-rc1"
NAMES = ["recommendation", "product-catalog", "fraud-detection", *("mwil"[n] * (40 - n) for n in range(4))]
NAMES += ["payments-reconciliation-worker-eu-west-1", "wide-and-narrow-mmmm-iiii", "i", "m"]
# On Docker alone, where nothing scales, and with a cluster, where more is printed.
DOCKER: dict[str, Any] = {
    "name": "n" * 40,
    "description": "注文と請求 \N{SHOPPING TROLLEY} الطلبات והחשבונות " * 4,
    "environments": {"dev": {"target": "docker"}, "e" * 40: {"target": "docker"}},
    "services": {name: {"runtime": "python", "database": "postgres"} for name in NAMES}
    | {"frontend": {"runtime": "node", "route": "/" + "m" * 60, "calls": NAMES}}
    | {"ready": {"image": IMAGE, "port": 80, "route": "/i", "config": {"TEXT": "文字 \N{SHOPPING TROLLEY}"}}},
}
CLUSTER: dict[str, Any] = DOCKER | {
    "registry": "ghcr.io/acme",
    "environments": DOCKER["environments"]
    | {f"stage-{number}": {"target": "kubernetes"} for number in range(4)}
    | {"prod": {"target": "kubernetes", "gateway": "ingress", "domain": f"{'shop.' * 9}example.com"}},
    "services": {
        name: {**service, "scale": {"min": 1, "max": 100}, "egress": "internet"}
        for name, service in DOCKER["services"].items()
    },
}
SYSTEMS = {path.parent.name: resolve(load(path.read_bytes())) for path in EXAMPLES} | {
    "docker": context_of(DOCKER),
    "cluster": context_of(CLUSTER),
}
# Those of the machine, and letters that are wider, narrower and heavier than any.
FONTS = {
    "its own": "",
    **{
        family: f"font-family: {family}"
        for family in ("serif", "sans-serif", "monospace", "fantasy", "cursive")
    },
    "wide": "letter-spacing: 0.4em; font-weight: 900",
    "narrow": "letter-spacing: -0.1em; font-weight: 100",
}
SEEN = """
const [style, environment] = arguments;
const sheet = new CSSStyleSheet();
sheet.replaceSync(`text, body, body * { ${style.replace(/;|$/g, " !important;")} }`);
document.adoptedStyleSheets = style ? [sheet] : [];
const select = document.getElementById("environment");
if (select) {
  select.value = environment;
  select.dispatchEvent(new Event("change"));
}
// What is seen of a rectangle in those that scroll around it.
const seen = (rect, part) => {
  let {left, top, right, bottom} = rect;
  for (let around = part; around; around = around.parentElement) {
    if (getComputedStyle(around).overflowX === "visible" || around.tagName === "text") continue;
    const frame = around.getBoundingClientRect();
    [left, top] = [Math.max(left, frame.left), Math.max(top, frame.top)];
    [right, bottom] = [Math.min(right, frame.right), Math.min(bottom, frame.bottom)];
  }
  return {left, top, right, bottom};
};
const found = [];
const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const node = walker.currentNode, part = node.parentElement;
  if (!node.data.trim() || part.closest("script, style, title, desc, option")) continue;
  const range = document.createRange();
  range.selectNodeContents(node);
  const rects = part.tagName === "text" ? [part.getBoundingClientRect()] : [...range.getClientRects()];
  for (const rect of rects) found.push({text: node.data.trim(), part, ...seen(rect, part)});
}
for (const part of document.querySelectorAll(".cylinder"))
  found.push({text: "a cylinder", part, ...seen(part.getBoundingClientRect(), part)});
const shown = found.filter((one) => one.right - one.left > 1 && one.bottom - one.top > 1);
const faults = [];
for (const [index, one] of shown.entries()) {
  for (const other of shown.slice(index + 1)) {
    const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
    const down = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
    if (across > 1 && down > 2) faults.push(`${one.text} touches ${other.text}`);
  }
  if (!one.part.closest("svg")) continue;
  const node = one.part.closest("g")?.querySelector(".shape");
  const around = (node ?? document.querySelector(".paper")).getBoundingClientRect();
  const room = one.part.closest("#view") ? seen(around, one.part) : around;
  const inside =
    one.left >= room.left && one.right <= room.right && one.top >= room.top && one.bottom <= room.bottom;
  if (!inside) faults.push(`${one.text} leaves ${node ? "its node" : "the paper"}`);
}
return [shown.length, faults];
"""


def faults(browser: Browser, environment: str, least: int) -> dict[str, list[str]]:
    """Return what is wrong in any of the fonts, where at least so many texts are seen."""
    wrong = {}
    for name, style in FONTS.items():
        count, found = browser.run(SEEN, style, environment)
        assert count >= least
        if found:
            wrong[name] = found
    return wrong


@pytest.mark.parametrize("system", SYSTEMS.values(), ids=SYSTEMS.keys())
def test_no_text_of_the_svg_touches_another_or_leaves_its_node(
    session: Browser, tmp_path: Path, system: Context
) -> None:
    path = tmp_path / "graph.svg"
    path.write_text(svg(system))
    session.size(1280, 800)
    session.open(path.as_uri())
    assert faults(session, "", least=2 * len(system.services) + 1) == {}


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("system", SYSTEMS.values(), ids=SYSTEMS.keys())
def test_no_text_of_the_page_touches_another_or_leaves_its_node(
    show: Callable[..., Browser], system: Context, width: int
) -> None:
    browser = show(system, width)
    if width > 900:
        browser.click(f'nav a[href="#service-{system.services[0].name}"]')
    browser.click("#fit")
    for name in {system.environments[0].name, system.environments[-1].name}:
        assert faults(browser, name, least=1) == {}


def test_the_svg_is_drawn_as_an_image_of_another_page(session: Browser, tmp_path: Path) -> None:
    (tmp_path / "graph.svg").write_text(svg(SYSTEMS["cluster"]))
    readme = tmp_path / "readme.html"
    readme.write_text('<!doctype html><title>x</title><img src="graph.svg" alt="">')
    session.open(readme.as_uri())
    session.wait("document.images[0].complete && document.images[0].naturalWidth > 600")
    assert session.log("browser") == []


def test_a_description_from_right_to_left_ends_at_its_left(show: Callable[..., Browser]) -> None:
    browser = show(context_of(DOCKER | {"description": "הזמנות וחשבונות (x)."}))
    end_is_left = """const text = document.querySelector("header p").firstChild;
      const at = (offset) => {
        const range = document.createRange();
        range.setStart(text, offset);
        range.setEnd(text, offset + 1);
        return range.getBoundingClientRect();
      };
      return at(text.length - 1).right <= at(0).left"""
    assert browser.run(end_is_left) is True
