"""A system as a picture: SVG in light and dark colours, by itself or as a part of the page. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from html import escape
from pathlib import Path

from pulumi_stacks.context.model import Context, Environment, Service

from .labels import outside, places, replicas, span
from .layout import Box, Layout, Line, arrange
from .text import made_from

GATEWAY = "gateway"
# No service has a name with a space.
OUTSIDE = "the outside"
STYLE = Path(__file__).parent / "web" / "graph.css"
# Room for one character. The texts are fitted into it, so that no font of a machine leads one into another.
_LETTER, _SMALL = 8.45, 7.25
_INSIDE = 14.0
_DRUM = 18.0
_LINE = 18.0
_NOTES = 24.0  # what stands left of notes below the picture
# Longer words are shortened in the picture, and whole in what a pointer shows.
_LONGEST = 26


def svg(context: Context) -> str:
    """Return a picture that stands by itself."""
    style = STYLE.read_text(encoding="utf-8")
    return "\n".join(_document(context, inside_page=False, head=[f"<style>\n{style}</style>"]))


def svg_of_page(context: Context) -> str:
    """Return the picture for a page that brings the style; each service leads to `#service-<name>`."""
    return "\n".join(_document(context, inside_page=True, head=[]))


def _document(context: Context, *, inside_page: bool, head: list[str]) -> Iterator[str]:
    services = {service.name: service for service in context.services}
    # On the page each environment has its own number.
    spans = {name: "" if inside_page else span(context, service) for name, service in services.items()}
    beyond = {name: found for name, service in services.items() if (found := outside(context, service))}
    round_ones = [GATEWAY, *([OUTSIDE] if beyond else [])]
    sizes = {name: (len(name) * _LETTER + 2 * _INSIDE, 40.0) for name in round_ones} | {
        name: _size(service, context, spans[name], inside_page=inside_page)
        for name, service in services.items()
    }
    routed = [(GATEWAY, service.name) for service in context.services if service.route]
    calls = [(service.name, call.service) for service in context.services for call in service.calls]
    drawing = arrange(sizes, [*routed, *calls, *((name, OUTSIDE) for name in beyond)], GATEWAY)
    notes = [] if inside_page else [f"{name}: {place}" for name, place in places(context)]
    yield from _opening(context, drawing, head, notes)
    for line in drawing.lines:
        yield _line(line, services, beyond)
    yield from (_round(name, drawing.boxes[name]) for name in round_ones)
    for name, service in services.items():
        yield from _service(service, drawing.boxes[name], context, spans[name], inside_page=inside_page)
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
    """Say in words what the picture shows."""
    sentences = [context.description.rstrip(".") + "."] if context.description else []
    routed = [f"{service.route} to {service.name}" for service in context.services if service.route]
    sentences.append(f"The gateway leads {', '.join(routed)}." if routed else "The gateway leads nowhere.")
    sentences += [
        f"{service.name} calls {', '.join(call.service for call in service.calls)}."
        for service in context.services
        if service.calls
    ]
    sentences += [
        f"{service.name} reaches {', '.join(found)} outside."
        for service in context.services
        if (found := outside(context, service))
    ]
    sentences += [f"{name} is on {place}." for name, place in places(context)]
    return " ".join(sentences)


def _size(service: Service, context: Context, scaled: str, *, inside_page: bool) -> tuple[float, float]:
    name = len(_short(service.name)) * _LETTER
    if inside_page:
        name += (2 + max(len(_times(one, service)) for one in context.environments)) * _SMALL
    drum = _DRUM + (2 + len(service.database)) * _SMALL if service.database else 0.0
    made, *rest = (len(line) * _SMALL for _, line in _details(service, scaled))
    return round(max(name, made + drum, *rest, 96.0) + 2 * _INSIDE), 35.0 + _LINE * (1 + len(rest))


def _details(service: Service, scaled: str) -> list[tuple[str, str]]:
    """Return the lines below the name of a service, each with its class."""
    # A line ends between what is said of two environments, if possible.
    told = textwrap.wrap(scaled.replace(" in ", "\0in\0"), _LONGEST, break_on_hyphens=False)
    lines = [("small", made_from(service)), *([("route", service.route)] if service.route else [])]
    lines += [("small", line.replace("\0", " ")) for line in told]
    return [(kind, _short(line)) for kind, line in lines]


def _times(environment: Environment, service: Service) -> str:
    return f"\N{MULTIPLICATION SIGN}{replicas(environment, service)}"


def _short(word: str) -> str:
    """Leave out the middle of a long word."""
    return word if len(word) <= _LONGEST else f"{word[: _LONGEST // 2 - 1]}…{word[-_LONGEST // 2 :]}"


def _line(line: Line, services: dict[str, Service], beyond: dict[str, tuple[str, ...]]) -> str:
    start, end = line.edge
    title, kind = f"{start} → {end}", "line"
    if start == GATEWAY:
        title, kind = f"{start} {services[end].route} → {end}", "line public"
    elif end == OUTSIDE:
        title, kind = f"{start} → {', '.join(beyond[start])}", "line beyond"
    return (
        f'<path class="{kind}" data-from="{_text(start)}" data-to="{_text(end)}" d="{_path(line)}">'
        f"<title>{_text(title)}</title></path>"
    )


def _path(line: Line) -> str:
    """Return the curve of a line, and the head of its arrow."""
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


def _round(name: str, box: Box) -> str:
    return (
        f'<g class="{"outside" if name == OUTSIDE else name}" transform="{_place(box)}">'
        f'<rect class="box" width="{_number(box.width)}" height="{_number(box.height)}" rx="20"/>'
        f"{_written(name, _INSIDE, 25)}</g>"
    )


def _service(
    service: Service, box: Box, context: Context, scaled: str, *, inside_page: bool
) -> Iterator[str]:
    name = service.name
    if inside_page:
        yield f'<a href="#service-{_text(name)}" data-service="{_text(name)}" aria-label="{_text(name)}">'
    yield f'<g class="service" data-name="{_text(name)}" transform="{_place(box)}">'
    words = filter(None, (name, made_from(service), service.database, service.route, scaled))
    yield f"<title>{_text(', '.join(words))}</title>"
    yield f'<rect class="box" width="{_number(box.width)}" height="{_number(box.height)}" rx="6"/>'
    yield _written(_short(name), _INSIDE, 23)
    for number, (kind, line) in enumerate(_details(service, scaled)):
        yield _written(line, _INSIDE, 41 + number * _LINE, kind)
    if service.database:
        yield from _drum(service.database, box.width - _INSIDE)
    if inside_page:
        yield from _replicas(service, box, context)
    yield "</g>"
    if inside_page:
        yield "</a>"


def _drum(database: str, right: float) -> Iterator[str]:
    x = right - len(database) * _SMALL
    yield (
        f'<path class="drum" d="M{_number(x - _DRUM + 2)} 33v7c0 1.7 2.5 3 5.5 3s5.5 -1.3 5.5 -3v-7'
        'c0 1.7 -2.5 3 -5.5 3s-5.5 -1.3 -5.5 -3c0 -1.7 2.5 -3 5.5 -3s5.5 1.3 5.5 3"/>'
    )
    yield _written(database, x, 41, "small")


def _replicas(service: Service, box: Box, context: Context) -> Iterator[str]:
    for environment in context.environments:
        times = _times(environment, service)
        x = box.width - _INSIDE - len(times) * _SMALL
        yield _written(times, x, 22, "small", environment.name)


def _notes(notes: list[str], top: float) -> Iterator[str]:
    for index, note in enumerate(notes):
        yield _written(note, _NOTES, top + index * _LINE + 8, "small")


def _written(text: str, x: float, y: float, kind: str = "", environment: str = "") -> str:
    """Return a text that begins at a point and is as wide as was reckoned, in whatever letters."""
    width = len(text) * (_SMALL if kind else _LETTER)
    marks = f' class="{kind}"' if kind else ""
    marks += f' data-environment="{_text(environment)}"' if environment else ""
    return (
        f'<text{marks} x="{_number(x)}" y="{_number(y)}" textLength="{_number(width)}" '
        f'lengthAdjust="spacingAndGlyphs">{_text(text)}</text>'
    )


def _place(box: Box) -> str:
    return f"translate({_number(box.x)} {_number(box.y)})"


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _text(value: str) -> str:
    """Write a value as text of XML or of an attribute, in ASCII, so that no locale can spoil it."""
    return escape(value).encode("ascii", "xmlcharrefreplace").decode()
