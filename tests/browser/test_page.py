"""The page in a real browser: from a file, offline, by mouse and by keys, on a desktop and on a phone."""

from pathlib import Path

import pytest

from pulumi_stacks.system import load, resolve
from tests.property.systems import large
from tests.unit.graph.test_svg import ATTACKED

ROOT = Path(__file__).resolve().parents[2]
FULL = resolve(load((ROOT / "examples" / "03-full" / "cn.yaml").read_bytes()))
LARGE = large(60)
SHOWN = """
return [...document.querySelectorAll(arguments[0])]
  .filter((part) => part.getClientRects().length && getComputedStyle(part).display !== "none")
  .map((part) => part.dataset.service || part.textContent.trim().replace(/\\s+/g, " "));
"""
FOCUSED = "const part = document.activeElement; return part.id || part.getAttribute('href') || part.tagName;"
# How far anything reaches beyond the right edge of the screen, outside of what scrolls by itself.
TOO_WIDE = "return document.documentElement.scrollWidth - innerWidth;"


def test_it_loads_from_a_file_with_all_services(show):
    browser = show(FULL)
    assert browser.run("return document.title") == "full"
    assert browser.run(SHOWN, "nav li") == ["billing", "notes", "orders", "site"]
    assert browser.run(SHOWN, ".graph a") == ["orders", "billing", "notes", "site"]
    assert browser.run(SHOWN, ".card") == []


def test_a_click_on_a_service_shows_its_details_and_the_close_button_hides_them(show):
    browser = show(FULL)
    browser.click('.graph a[data-service="orders"] text')
    (card,) = browser.run(SHOWN, ".card")
    for words in ("Imageghcr.io/acme/full-orders", "Calls billing notes", "GREETINGa dollar is $1"):
        assert words in card
    assert browser.run(SHOWN, '[aria-current="true"]') == ["orders python, postgres, /orders"]
    browser.click(".card.shown .close")
    assert browser.run(SHOWN, ".card") == []


def test_a_click_on_a_name_in_the_list_or_in_details_shows_that_service(show):
    browser = show(FULL)
    browser.click('nav a[href="#service-orders"]')
    browser.click('.card.shown dd a[href="#service-billing"]')
    assert browser.run(SHOWN, ".card.shown h2") == ["billing"]
    browser.run("history.back()")
    browser.wait("document.querySelector('.card.shown h2').textContent === 'orders'")


def test_the_chosen_service_and_its_neighbours_stand_out(show):
    browser = show(FULL)
    browser.click('nav a[href="#service-billing"]')
    assert browser.run(SHOWN, ".graph a:not(.far)") == ["orders", "billing"]
    near = "return [...document.querySelectorAll('.line.near')].map((line) => line.dataset.from)"
    assert browser.run(near) == ["orders"]


def test_a_search_filters_the_list_and_dims_the_graph(show):
    browser = show(FULL)
    browser.click("#search")
    browser.press(*"post /ord")
    assert browser.run(SHOWN, "nav li") == ["orders"]
    assert browser.run(SHOWN, ".graph a:not(.far)") == ["orders"]
    assert browser.run(SHOWN, "#count") == ["1 of 4 services"]
    browser.press("Enter")
    assert browser.run(SHOWN, ".card.shown h2") == ["orders"]


def test_a_search_that_finds_nothing_says_so_and_enter_does_nothing(show):
    browser = show(FULL)
    browser.press("/", *"nothing", "Enter")
    assert browser.run(SHOWN, "#count") == ["0 of 4 services"]
    assert browser.run(SHOWN, "nav li") == []
    browser.press("Escape")
    assert browser.run(SHOWN, "#count") == ["4 services"]


def test_another_environment_shows_its_replicas_and_limits(show):
    browser = show(FULL)
    browser.click('nav a[href="#service-orders"]')
    assert "In dev 1 replica of 1 CPU" in browser.run(SHOWN, ".card")[0]
    browser.run("environment.value = 'staging'; environment.dispatchEvent(new Event('change'))")
    (card,) = browser.run(SHOWN, ".card")
    assert browser.run(SHOWN, ".card.shown dt[data-environment]") == ["In staging"]
    assert "2-4 replicas of 500m CPU, 256Mi memory" in card
    replicas = browser.run(SHOWN, '.graph a[data-service="orders"] [data-environment]')
    assert replicas == ["\N{MULTIPLICATION SIGN}2-4"]


def test_all_of_it_can_be_done_by_keys(show):
    browser = show(FULL)
    browser.press("/")
    assert browser.run(FOCUSED) == "search"
    browser.press("Tab")
    assert browser.run(FOCUSED) == "#service-billing"
    browser.press("Enter")
    assert browser.run(FOCUSED) == "service-billing"
    assert browser.run(SHOWN, ".card.shown h2") == ["billing"]
    browser.press("Escape")
    assert browser.run(SHOWN, ".card") == []
    assert browser.run(FOCUSED) == "#service-billing"
    for _ in range(20):
        if browser.run("return document.activeElement.closest('.graph') !== null"):
            break
        browser.press("Tab")
    assert browser.run(FOCUSED) == "#service-orders"
    browser.press("Enter")
    assert browser.run(SHOWN, ".card.shown h2") == ["orders"]


def test_the_graph_is_made_larger_smaller_and_fitted(show):
    browser = show(LARGE)
    width = "return document.querySelector('.graph').getBoundingClientRect().width"
    natural = browser.run(width)
    browser.click("#larger")
    assert browser.run(width) == pytest.approx(natural * 1.25, rel=0.01)
    browser.click("#fit")
    assert browser.run(width) <= browser.run("return view.clientWidth")
    browser.click("#smaller")
    assert browser.run(width) < browser.run("return view.clientWidth") * 0.9


def test_a_chosen_service_is_brought_into_view(show):
    browser = show(LARGE)
    browser.run("view.scrollTo(0, 0)")
    browser.click('nav a[href="#service-audit-5"]')
    browser.wait("document.querySelector('.shown') !== null")
    inside = """const box = document.querySelector('.graph .chosen').getBoundingClientRect();
      const frame = view.getBoundingClientRect();
      return box.left >= frame.left && box.right <= frame.right && box.bottom <= frame.bottom"""
    assert browser.run(inside) is True


@pytest.mark.parametrize("system", [FULL, LARGE, ATTACKED], ids=["full", "large", "attacked"])
@pytest.mark.parametrize("width", [360, 900, 1280])
def test_it_scrolls_down_only(show, system, width):
    browser = show(system, width, 740)
    assert browser.run(TOO_WIDE) <= 0
    name = system.services[-1].name
    browser.click(f'nav a[href="#service-{name}"]')
    assert browser.run(SHOWN, ".card.shown h2") == [name]
    assert browser.run(TOO_WIDE) <= 0


def test_on_a_phone_what_is_touched_is_large_enough(show):
    browser = show(FULL, 360, 740)
    browser.click('nav a[href="#service-orders"]')
    small = browser.run(
        """return [...document.querySelectorAll("nav a, button, input, select, .card.shown .close")]
        .filter((part) => part.getBoundingClientRect().height < 36).map((part) => part.outerHTML)"""
    )
    assert small == []
    card = browser.run("const box = document.querySelector('.shown').getBoundingClientRect(); return box.top")
    assert 150 < card < 740, "a part of the page stays visible above the details"


def test_hostile_values_are_shown_and_do_nothing(show):
    browser = show(ATTACKED)
    browser.click('nav a[href="#service-a"]')
    assert browser.run("return window.hacked === undefined && document.scripts.length === 1") is True
    assert browser.run("return document.querySelector('header p').textContent") == ATTACKED.description
    texts = "return [...document.querySelectorAll('.variables dd')].map((part) => part.textContent)"
    values = browser.run(texts)
    assert values == list(ATTACKED.services[0].variables.values())


def test_without_scripts_every_card_is_there(show, session):
    session.tell("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser = show(FULL, 360, 740)
        root = browser.tell("DOM.getDocument", {"depth": 0})["root"]["nodeId"]
        cards = browser.tell("DOM.querySelectorAll", {"nodeId": root, "selector": ".card"})["nodeIds"]
        assert len(cards) == len(FULL.services)
        for card in cards:
            assert browser.tell("DOM.getBoxModel", {"nodeId": card})["model"]["height"] > 100
    finally:
        session.tell("Emulation.setScriptExecutionDisabled", {"value": False})


def test_in_the_dark_it_is_dark(show):
    paper = "return getComputedStyle(document.querySelector('.graph .paper')).fill"
    assert show(FULL).run(paper) == "rgb(247, 248, 250)"
    assert show(FULL, scheme="dark").run(paper) == "rgb(18, 22, 28)"


def test_the_svg_alone_is_drawn_without_an_error(session, command, tmp_path):
    path = tmp_path / "graph.svg"
    path.write_text(command("graph", "--spec", "examples/03-full/cn.yaml", "--format", "svg"))
    session.size(800, 600)
    session.open(path.as_uri())
    assert session.run("return document.querySelectorAll('.service').length") == 4
    inside = """return [...document.querySelectorAll('.service')].filter((group) => {
      const {right} = group.querySelector('.shape').getBoundingClientRect();
      return [...group.querySelectorAll('text')].some((text) => text.getBoundingClientRect().right > right);
    }).length"""
    assert session.run(inside) == 0, "no text is wider than its box"
    assert session.log("browser") == []
