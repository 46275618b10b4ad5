"""What holds of the SVG and the page of every system, as a real parser reads them."""

import xml.etree.ElementTree as ET
from collections import Counter
from html.parser import HTMLParser

from hypothesis import Phase, given, settings

from generator.graph.mermaid import mermaid
from generator.graph.page import page
from generator.graph.svg import svg
from pulumi_stacks.context.model import Context
from tests.examples import examples
from tests.property.systems import systems

SVG = "{http://www.w3.org/2000/svg}"
SOME = settings(max_examples=examples(40), phases=(Phase.explicit, Phase.generate))
VOID = {"meta", "link", "input", "br", "img"}


def edges(system: Context) -> list[tuple[str, str]]:
    routes = [("gateway", service.name) for service in system.services if service.route]
    return sorted(routes + [(one.name, call.service) for one in system.services for call in one.calls])


class Reader(HTMLParser):
    """Reads a page strictly: what is opened is closed, in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        assert len(given) == len(attrs)
        self.tags.append((tag, given))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.setdefault(self.open[-1] if self.open else "", []).append(data)


@SOME
@given(systems())
def test_the_svg_is_xml_with_every_service_and_edge_once(system: Context) -> None:
    text = svg(system)
    root = ET.fromstring(text)  # noqa: S314
    assert text.isascii()
    assert [group.get("data-name") for group in root.iter(f"{SVG}g") if group.get("class") == "service"] == [
        service.name for service in system.services
    ]
    lines = [path for path in root.iter(f"{SVG}path") if path.get("data-from")]
    assert sorted((line.get("data-from"), line.get("data-to")) for line in lines) == edges(system)
    cylinders = [path for path in root.iter(f"{SVG}path") if path.get("class") == "cylinder"]
    assert len(cylinders) == sum(bool(service.database) for service in system.services)


@SOME
@given(systems())
def test_the_svg_describes_what_it_shows(system: Context) -> None:
    root = ET.fromstring(svg(system))  # noqa: S314
    described = [part for part in root if part.tag in {f"{SVG}title", f"{SVG}desc"}]
    assert root.get("aria-labelledby", "").split() == [part.get("id") for part in described]
    words = described[1].text or ""
    assert system.description.rstrip(".") in words
    assert all(f"{service.route} to {service.name}" in words for service in system.services if service.route)


@SOME
@given(systems())
def test_the_page_is_well_formed_and_has_each_id_once(system: Context) -> None:
    text = page(system)
    reader = Reader(text)
    ids = Counter(attributes["id"] for _, attributes in reader.tags if "id" in attributes)
    assert [name for name, count in ids.items() if count > 1] == []
    targets = {attributes["href"] for tag, attributes in reader.tags if tag == "a"}
    assert {target.removeprefix("#") for target in targets} <= ids.keys()
    assert {f"#service-{service.name}" for service in system.services} <= targets
    labels = [attributes.get("aria-labelledby", "").split() for _, attributes in reader.tags]
    assert {name for label in labels for name in label} <= ids.keys()
    assert text.isascii()


@SOME
@given(systems())
def test_values_stay_text_on_the_page(system: Context) -> None:
    reader = Reader(page(system))
    assert [tag for tag, _ in reader.tags].count("script") == 1
    assert not [name for _, attributes in reader.tags for name in attributes if name.startswith("on")]
    assert not [attributes for _, attributes in reader.tags if "style" in attributes]
    if system.description.strip():
        assert system.description in reader.texts["p"]
    values = Counter(value for service in system.services for value in service.variables.values() if value)
    assert values - Counter(reader.texts["code"]) == Counter()


@SOME
@given(systems())
def test_mermaid_has_only_quoted_labels_and_words_that_mean_nothing_to_it(system: Context) -> None:
    head, *lines = mermaid(system).splitlines()
    assert head == "flowchart LR"
    assert len(lines) == 1 + len(system.services) + len(edges(system)) + 2 * sum(
        bool(service.database) for service in system.services
    )
    assert all(line.startswith(("  gateway", "  service_", "  database_")) for line in lines)
