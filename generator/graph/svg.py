"""A system as SVG in light and dark colours, standalone or embedded in the page. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from html import escape
from pathlib import Path

from pulumi_stacks.context.model import Context, Environment, Service

from .labels import egress, places, replica_range, replicas
from .layout import Layout, Line, Node, arrange
from .text import runtime_or_image

GATEWAY = "gateway"
# No service has a name with a space.
EXTERNAL = "external network"
STYLE = Path(__file__).parent / "web" / "graph.css"
# Width of one character. Texts are stretched to it, so that they do not overlap with any installed font.
_LETTER, _SMALL = 8.45, 7.25
_INSIDE = 14.0
_CYLINDER = 18.0
_LINE = 18.0
_NOTES = 24.0  # left margin of the notes below the graph
# Longer names are shortened in the graph, and complete in its tooltips.
_LONGEST = 26


def svg(context: Context) -> str:
    """Return a standalone SVG document."""
    style = STYLE.read_text(encoding="utf-8")
    return "\n".join(_document(context, inside_page=False, head=[f"<style>\n{style}</style>"]))


def svg_of_page(context: Context) -> str:
    """Return the SVG for the page, without style; each service links to `#service-<name>`."""
    return "\n".join(_document(context, inside_page=True, head=[]))


def _document(context: Context, *, inside_page: bool, head: list[str]) -> Iterator[str]:
    services = {service.name: service for service in context.services}
    # The page shows the replicas of one environment at a time.
    ranges = {
        name: "" if inside_page else replica_range(context, service) for name, service in services.items()
    }
    egress_of = {name: found for name, service in services.items() if (found := egress(context, service))}
    rounded = [GATEWAY, *([EXTERNAL] if egress_of else [])]
    sizes = {name: (len(name) * _LETTER + 2 * _INSIDE, 40.0) for name in rounded} | {
        name: _size(service, context, ranges[name], inside_page=inside_page)
        for name, service in services.items()
    }
    routed = [(GATEWAY, service.name) for service in context.services if service.route]
    calls = [(service.name, call.service) for service in context.services for call in service.calls]
    drawing = arrange(sizes, [*routed, *calls, *((name, EXTERNAL) for name in egress_of)], GATEWAY)
    notes = [] if inside_page else [f"{name}: {place}" for name, place in places(context)]
    yield from _opening(context, drawing, head, notes)
    for line in drawing.lines:
        yield _line(line, services, egress_of)
    yield from (_round(name, drawing.nodes[name]) for name in rounded)
    for name, service in services.items():
        yield from _service(service, drawing.nodes[name], context, ranges[name], inside_page=inside_page)
    yield from _notes(notes, drawing.height)
    yield "</svg>"


def _opening(context: Context, drawing: Layout, head: list[str], notes: list[str]) -> Iterator[str]:
    widest = max((len(note) * _SMALL + 2 * _NOTES for note in notes), default=0.0)
    width = _number(max(drawing.width, widest))
    height = _number(drawing.height + (len(notes) * _LINE + _INSIDE if notes else 0.0))
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="graph" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" aria-labelledby="graph-title graph-description">'
    )
    yield f'<title id="graph-title">{_text(f"Services of {context.name}")}</title>'
    yield f'<desc id="graph-description">{_text(_describe(context))}</desc>'
    yield from head
    yield f'<rect class="paper" width="{width}" height="{height}"/>'


def _describe(context: Context) -> str:
    """Return the description of the graph for screen readers."""
    sentences = [context.description.rstrip(".") + "."] if context.description else []
    routed = [f"{service.route} to {service.name}" for service in context.services if service.route]
    sentences.append(f"The gateway routes {', '.join(routed)}." if routed else "The gateway has no routes.")
    sentences += [
        f"{service.name} calls {', '.join(call.service for call in service.calls)}."
        for service in context.services
        if service.calls
    ]
    sentences += [
        f"{service.name} has egress to {', '.join(found)}."
        for service in context.services
        if (found := egress(context, service))
    ]
    sentences += [f"{name} is on {place}." for name, place in places(context)]
    return " ".join(sentences)


def _size(service: Service, context: Context, scaled: str, *, inside_page: bool) -> tuple[float, float]:
    name = len(_short(service.name)) * _LETTER
    if inside_page:
        name += (2 + max(len(_times(one, service)) for one in context.environments)) * _SMALL
    cylinder = _CYLINDER + (2 + len(service.database)) * _SMALL if service.database else 0.0
    made, *rest = (len(line) * _SMALL for _, line in _details(service, scaled))
    return round(max(name, made + cylinder, *rest, 96.0) + 2 * _INSIDE), 35.0 + _LINE * (1 + len(rest))


def _details(service: Service, scaled: str) -> list[tuple[str, str]]:
    """Return the lines below the name of a service, each with its class."""
    # Break lines between environments if possible.
    wrapped = textwrap.wrap(scaled.replace(" in ", "\0in\0"), _LONGEST, break_on_hyphens=False)
    lines = [("small", runtime_or_image(service)), *([("route", service.route)] if service.route else [])]
    lines += [("small", line.replace("\0", " ")) for line in wrapped]
    return [(kind, _short(line)) for kind, line in lines]


def _times(environment: Environment, service: Service) -> str:
    return f"\N{MULTIPLICATION SIGN}{replicas(environment, service)}"


def _short(word: str) -> str:
    """Shorten a long word in the middle."""
    return word if len(word) <= _LONGEST else f"{word[: _LONGEST // 2 - 1]}…{word[-_LONGEST // 2 :]}"


def _line(line: Line, services: dict[str, Service], egress_of: dict[str, tuple[str, ...]]) -> str:
    start, end = line.edge
    title, kind = f"{start} → {end}", "line"
    if start == GATEWAY:
        title, kind = f"{start} {services[end].route} → {end}", "line public"
    elif end == EXTERNAL:
        title, kind = f"{start} → {', '.join(egress_of[start])}", "line egress"
    return (
        f'<path class="{kind}" data-from="{_text(start)}" data-to="{_text(end)}" d="{_path(line)}">'
        f"<title>{_text(title)}</title></path>"
    )


def _path(line: Line) -> str:
    """Return the SVG path of a line and of its arrow head."""
    (x, y), *rest = line.points
    words = [f"M{_number(x)} {_number(y)}"]
    for index, (to_x, to_y) in enumerate(rest):
        if index % 2:
            words.append(f"H{_number(to_x)}")
        else:
            middle = _number((x + to_x) / 2)
            words.append(f"C{middle} {_number(y)} {middle} {_number(to_y)} {_number(to_x)} {_number(to_y)}")
        x, y = to_x, to_y
    words.append("m-7 -4 7 4 -7 4" if x >= line.points[0][0] else "m7 -4 -7 4 7 4")
    return "".join(words)


def _round(name: str, node: Node) -> str:
    return (
        f'<g class="{"external" if name == EXTERNAL else name}" transform="{_place(node)}">'
        f'<rect class="shape" width="{_number(node.width)}" height="{_number(node.height)}" rx="20"/>'
        f"{_written(name, _INSIDE, 25)}</g>"
    )


def _service(
    service: Service, node: Node, context: Context, scaled: str, *, inside_page: bool
) -> Iterator[str]:
    name = service.name
    if inside_page:
        yield f'<a href="#service-{_text(name)}" data-service="{_text(name)}" aria-label="{_text(name)}">'
    yield f'<g class="service" data-name="{_text(name)}" transform="{_place(node)}">'
    words = filter(None, (name, runtime_or_image(service), service.database, service.route, scaled))
    yield f"<title>{_text(', '.join(words))}</title>"
    yield f'<rect class="shape" width="{_number(node.width)}" height="{_number(node.height)}" rx="6"/>'
    yield _written(_short(name), _INSIDE, 23)
    for number, (kind, line) in enumerate(_details(service, scaled)):
        yield _written(line, _INSIDE, 41 + number * _LINE, kind)
    if service.database:
        yield from _cylinder(service.database, node.width - _INSIDE)
    if inside_page:
        yield from _replicas(service, node, context)
    yield "</g>"
    if inside_page:
        yield "</a>"


def _cylinder(database: str, right: float) -> Iterator[str]:
    x = right - len(database) * _SMALL
    yield (
        f'<path class="cylinder" d="M{_number(x - _CYLINDER + 2)} 33v7c0 1.7 2.5 3 5.5 3s5.5 -1.3 5.5 -3v-7'
        'c0 1.7 -2.5 3 -5.5 3s-5.5 -1.3 -5.5 -3c0 -1.7 2.5 -3 5.5 -3s5.5 1.3 5.5 3"/>'
    )
    yield _written(database, x, 41, "small")


def _replicas(service: Service, node: Node, context: Context) -> Iterator[str]:
    for environment in context.environments:
        times = _times(environment, service)
        x = node.width - _INSIDE - len(times) * _SMALL
        yield _written(times, x, 22, "small", environment.name)


def _notes(notes: list[str], top: float) -> Iterator[str]:
    for index, note in enumerate(notes):
        yield _written(note, _NOTES, top + index * _LINE + 8, "small")


def _written(text: str, x: float, y: float, kind: str = "", environment: str = "") -> str:
    """Return a text element at a point, with a fixed width in any font."""
    width = len(text) * (_SMALL if kind else _LETTER)
    marks = f' class="{kind}"' if kind else ""
    marks += f' data-environment="{_text(environment)}"' if environment else ""
    return (
        f'<text{marks} x="{_number(x)}" y="{_number(y)}" textLength="{_number(width)}" '
        f'lengthAdjust="spacingAndGlyphs">{_text(text)}</text>'
    )


def _place(node: Node) -> str:
    return f"translate({_number(node.x)} {_number(node.y)})"


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _text(value: str) -> str:
    """Escape a value for XML text or an attribute, in ASCII, so that it is the same in every locale."""
    return escape(value).encode("ascii", "xmlcharrefreplace").decode()
