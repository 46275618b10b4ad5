"""A system as a graph in text: where the gateway leads, who calls whom, what has a database. Pure.

Where there are clusters it also says how services scale, and what each environment is.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import TypeVar

from pulumi_stacks.context.model import Context, Service

from .labels import outside, places, span

_NARROWEST = 20
# Columns that a line has at least, whatever its indentation; what lies deeper begins anew at the left.
_ROOM = 26
_DEEPEST = 30
_GAP = "  "
_Item = TypeVar("_Item")


@dataclass(frozen=True)
class _Pen:
    """The strokes of a drawing."""

    branch: str
    last: str
    bar: str
    arrow: str


_UNICODE = _Pen(branch="├─", last="└─", bar="│", arrow="─►")
_ASCII = _Pen(branch="|-", last="`-", bar="|", arrow="->")


@dataclass(frozen=True)
class _Row:
    """A line before it is fitted into the width, and what stands left of it and of its continuation."""

    stroke: str
    indent: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class _Part:
    """Trees below one heading, by the services that they begin with."""

    heading: str
    roots: tuple[Service, ...]


def text_graph(context: Context, width: int, unicode: bool) -> str:
    """Draw a system in lines of at most `width` columns (of 20 or more), in ASCII unless `unicode`."""
    width = max(width, _NARROWEST)
    services = {service.name: service for service in context.services}
    parts, homes = _arrange(services, deepest=min(_DEEPEST, max(1, (width - _ROOM) // 3)))
    pencil = _Pencil(context, homes, _UNICODE if unicode else _ASCII)
    blocks = [[_Row("", "", (part.heading,)), *pencil.rows(part.roots)] for part in parts]
    widths = _widths([row for block in blocks for row in block])
    aligned = sum(widths) + len(_GAP) * (len(widths) - 1) <= width
    drawn = ("\n".join(_lines(block, widths if aligned else [], width)) for block in blocks)
    parts_drawn = [*drawn, *_environments(context, width), textwrap.fill(_counts(context), width)]
    return "\n\n".join(parts_drawn)


def made_from(service: Service) -> str:
    """Return the runtime of a service, or its ready image without the digest."""
    return service.runtime or service.image.partition("@")[0]


def _arrange(services: Mapping[str, Service], deepest: int) -> tuple[list[_Part], dict[str, str]]:
    """Cut the graph into trees, and say below which caller each service is drawn with all that it calls.

    That is the place nearest to the gateway; what begins a tree stands below "".
    """
    homes: dict[str, str] = {}
    routed = tuple(service for service in services.values() if service.route)
    parts = [_Part("gateway" if routed else "gateway (leads nowhere)", routed)]
    _settle(routed, services, homes, deepest)
    internal = tuple(
        service for service in services.values() if service.name not in homes and not service.callers
    )
    if internal:
        parts.append(_Part("called by none", internal))
        _settle(internal, services, homes, deepest)
    while len(homes) < len(services):
        rest = [service for service in services.values() if service.name not in homes]
        roots = tuple(service for service in rest if homes.keys() >= set(service.callers))
        parts.append(_Part("continued", roots) if roots else _Part("called in a circle", (rest[0],)))
        roots = parts[-1].roots
        _settle(roots, services, homes, deepest)
    return parts, homes


def _settle(
    roots: Iterable[Service], services: Mapping[str, Service], homes: dict[str, str], deepest: int
) -> None:
    """Give a place to the services that roots lead to in at most `deepest` levels."""
    level = list(roots)
    homes.update((service.name, "") for service in level)
    for _ in range(deepest - 1):
        found = []
        for caller in level:
            for call in caller.calls:
                if call.service not in homes:
                    homes[call.service] = caller.name
                    found.append(services[call.service])
        level = found


class _Pencil:
    """Draws trees; it remembers what is drawn, so as to say where the rest of a service stands."""

    def __init__(self, context: Context, homes: Mapping[str, str], pen: _Pen) -> None:
        self._context = context
        self._services = {service.name: service for service in context.services}
        self._homes = homes
        self._pen = pen
        self._drawn: set[str] = set()

    def rows(self, roots: Iterable[Service]) -> Iterator[_Row]:
        """Draw one tree for each root."""
        for service, last in _marked(roots):
            stroke, indent = self._branch("", last=last)
            title = f"{service.route} {self._pen.arrow} {service.name}" if service.route else service.name
            yield from self._whole(service, title, stroke + " ", indent)

    def _whole(self, service: Service, title: str, stroke: str, indent: str) -> Iterator[_Row]:
        self._drawn.add(service.name)
        beyond = outside(self._context, service)
        below = indent + (self._pen.bar if service.calls or beyond else " ")
        scaled = span(self._context, service)
        cells = (title, made_from(service), service.database, scaled)
        yield _Row(stroke, below + " ", cells if scaled else cells[:3] if service.database else cells[:2])
        led = [*((call.service, "") for call in service.calls), *(("", place) for place in beyond)]
        for (name, beside), last in _marked(led):
            branch, further = self._branch(indent, last=last)
            branch += self._pen.arrow[1:] + " "
            if beside:
                yield _Row(branch, further + " ", (f"outside: {beside}",))
            elif self._homes[name] == service.name:
                yield from self._whole(self._services[name], name, branch, further)
            else:
                place = "above" if name in self._drawn else "below"
                yield _Row(branch, further + " ", (f"{name} ({place})",))

    def _branch(self, indent: str, *, last: bool) -> tuple[str, str]:
        if last:
            return indent + self._pen.last, indent + "   "
        return indent + self._pen.branch, indent + self._pen.bar + "  "


def _marked(items: Iterable[_Item]) -> Iterator[tuple[_Item, bool]]:
    """Yield each item, and whether it is the last."""
    known = list(items)
    yield from ((item, index == len(known)) for index, item in enumerate(known, start=1))


def _widths(rows: Iterable[_Row]) -> list[int]:
    """Return how wide the columns are that rows with details need."""
    lengths = [[len(row.stroke), *map(len, row.cells)] for row in rows if row.cells[1:]]
    lengths = [[stroke + first, *rest] for stroke, first, *rest in lengths]
    return [max(column) for column in zip_longest(*lengths, fillvalue=0)]


def _lines(rows: Iterable[_Row], widths: list[int], width: int) -> Iterator[str]:
    """Write rows as columns of these widths, or without any as text that is broken to fit."""
    for row in rows:
        first, *rest = row.cells
        if widths and rest:
            cells = (row.stroke + first, *rest)
            yield _GAP.join(map(str.ljust, cells, widths)).rstrip()
        else:
            text = _GAP.join([first, ", ".join(filter(None, rest))]).rstrip()
            yield from _wrapped(text, width, row.stroke, row.indent)


def _wrapped(text: str, width: int, first: str, rest: str) -> Iterator[str]:
    """Break a text between words; where a word is broken, a line may be left with a space at its end."""
    lines = textwrap.wrap(text, width, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)
    yield from map(str.rstrip, lines)


def _environments(context: Context, width: int) -> Iterator[str]:
    """Say where each environment is, below a heading; nothing where all are on Docker."""
    known = dict(places(context))
    widest = max(map(len, known), default=0)
    aligned = widest + len(_GAP) + _ROOM <= width
    indent = " " * (widest + len(_GAP) if aligned else 1)
    lines = [
        line
        for name, place in known.items()
        for line in _wrapped(f"{name:{widest if aligned else 0}}{_GAP}{place}", width, "", indent)
    ]
    if lines:
        yield "\n".join(["environments", *lines])


def _counts(context: Context) -> str:
    services = context.services
    return ", ".join(
        f"{count} {noun}{'' if count == 1 else 's'}"
        for count, noun in (
            (len(services), "service"),
            (sum(bool(service.route) for service in services), "route"),
            (sum(len(service.calls) for service in services), "call"),
            (sum(bool(service.database) for service in services), "database"),
        )
    )
