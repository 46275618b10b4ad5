"""A system as a graph in text: routes, calls, databases and egress. Pure.

With a cluster it also shows the replicas of services, and the environments.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import TypeVar

from pulumi_stacks.context.model import Context, Service

from .labels import egress, places, replica_range

_NARROWEST = 20
# Minimum width of a line after its indentation; a deeper subtree continues in a new section at the left.
_ROOM = 26
_DEEPEST = 30
_GAP = "  "
_Item = TypeVar("_Item")


@dataclass(frozen=True)
class _Glyphs:
    """The characters that draw a tree."""

    branch: str
    last: str
    bar: str
    arrow: str


_UNICODE = _Glyphs(branch="├─", last="└─", bar="│", arrow="─►")
_ASCII = _Glyphs(branch="|-", last="`-", bar="|", arrow="->")


@dataclass(frozen=True)
class _Row:
    """A line before it is wrapped, the prefix of its first line and the indentation of the others."""

    prefix: str
    indent: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class _Section:
    """Trees below one heading, by their root services."""

    heading: str
    roots: tuple[Service, ...]


def text_graph(context: Context, width: int, unicode: bool) -> str:
    """Draw a system in lines of at most `width` columns (20 or more), in ASCII unless `unicode`."""
    width = max(width, _NARROWEST)
    services = {service.name: service for service in context.services}
    sections, parents = _arrange(services, deepest=min(_DEEPEST, max(1, (width - _ROOM) // 3)))
    writer = _TreeWriter(context, parents, _UNICODE if unicode else _ASCII)
    blocks = [[_Row("", "", (section.heading,)), *writer.rows(section.roots)] for section in sections]
    widths = _widths([row for block in blocks for row in block])
    aligned = sum(widths) + len(_GAP) * (len(widths) - 1) <= width
    drawn = ("\n".join(_lines(block, widths if aligned else [], width)) for block in blocks)
    drawn_sections = [*drawn, *_environments(context, width), textwrap.fill(_counts(context), width)]
    return "\n\n".join(drawn_sections)


def runtime_or_image(service: Service) -> str:
    """Return the runtime of a service, or its prebuilt image without the digest."""
    return service.runtime or service.image.partition("@")[0]


def _arrange(services: Mapping[str, Service], deepest: int) -> tuple[list[_Section], dict[str, str]]:
    """Split the graph into trees, and return the parent below which each service is drawn with its calls.

    That is the caller nearest to the gateway; the parent of a root is "".
    """
    parents: dict[str, str] = {}
    routed = tuple(service for service in services.values() if service.route)
    sections = [_Section("gateway" if routed else "gateway (no routes)", routed)]
    _assign_parents(routed, services, parents, deepest)
    internal = tuple(
        service for service in services.values() if service.name not in parents and not service.callers
    )
    if internal:
        sections.append(_Section("no callers", internal))
        _assign_parents(internal, services, parents, deepest)
    while len(parents) < len(services):
        rest = [service for service in services.values() if service.name not in parents]
        roots = tuple(service for service in rest if parents.keys() >= set(service.callers))
        sections.append(_Section("continued", roots) if roots else _Section("call cycle", (rest[0],)))
        roots = sections[-1].roots
        _assign_parents(roots, services, parents, deepest)
    return sections, parents


def _assign_parents(
    roots: Iterable[Service], services: Mapping[str, Service], parents: dict[str, str], deepest: int
) -> None:
    """Assign a parent to the services that are at most `deepest` levels below the roots."""
    level = list(roots)
    parents.update((service.name, "") for service in level)
    for _ in range(deepest - 1):
        found = []
        for caller in level:
            for call in caller.calls:
                if call.service not in parents:
                    parents[call.service] = caller.name
                    found.append(services[call.service])
        level = found


class _TreeWriter:
    """Draws trees; it records what is drawn, to refer to a service as above or below."""

    def __init__(self, context: Context, parents: Mapping[str, str], glyphs: _Glyphs) -> None:
        self._context = context
        self._services = {service.name: service for service in context.services}
        self._parents = parents
        self._glyphs = glyphs
        self._drawn: set[str] = set()

    def rows(self, roots: Iterable[Service]) -> Iterator[_Row]:
        """Draw one tree for each root."""
        for service, last in _marked(roots):
            prefix, indent = self._branch("", last=last)
            title = f"{service.route} {self._glyphs.arrow} {service.name}" if service.route else service.name
            yield from self._whole(service, title, prefix + " ", indent)

    def _whole(self, service: Service, title: str, prefix: str, indent: str) -> Iterator[_Row]:
        self._drawn.add(service.name)
        egress_labels = egress(self._context, service)
        below = indent + (self._glyphs.bar if service.calls or egress_labels else " ")
        scaled = replica_range(self._context, service)
        cells = (title, runtime_or_image(service), service.database, scaled)
        yield _Row(prefix, below + " ", cells if scaled else cells[:3] if service.database else cells[:2])
        targets = [*((call.service, "") for call in service.calls), *(("", place) for place in egress_labels)]
        for (name, label), last in _marked(targets):
            branch, further = self._branch(indent, last=last)
            branch += self._glyphs.arrow[1:] + " "
            if label:
                yield _Row(branch, further + " ", (f"egress: {label}",))
            elif self._parents[name] == service.name:
                yield from self._whole(self._services[name], name, branch, further)
            else:
                place = "above" if name in self._drawn else "below"
                yield _Row(branch, further + " ", (f"{name} ({place})",))

    def _branch(self, indent: str, *, last: bool) -> tuple[str, str]:
        if last:
            return indent + self._glyphs.last, indent + "   "
        return indent + self._glyphs.branch, indent + self._glyphs.bar + "  "


def _marked(items: Iterable[_Item]) -> Iterator[tuple[_Item, bool]]:
    """Yield each item and whether it is the last."""
    known = list(items)
    yield from ((item, index == len(known)) for index, item in enumerate(known, start=1))


def _widths(rows: Iterable[_Row]) -> list[int]:
    """Return the widths of the columns of all rows with details."""
    lengths = [[len(row.prefix), *map(len, row.cells)] for row in rows if row.cells[1:]]
    lengths = [[prefix + first, *rest] for prefix, first, *rest in lengths]
    return [max(column) for column in zip_longest(*lengths, fillvalue=0)]


def _lines(rows: Iterable[_Row], widths: list[int], width: int) -> Iterator[str]:
    """Yield rows as columns of these widths, or as wrapped text if there are none."""
    for row in rows:
        first, *rest = row.cells
        if widths and rest:
            cells = (row.prefix + first, *rest)
            yield _GAP.join(map(str.ljust, cells, widths)).rstrip()
        else:
            text = _GAP.join([first, ", ".join(filter(None, rest))]).rstrip()
            yield from _wrapped(text, width, row.prefix, row.indent)


def _wrapped(text: str, width: int, first: str, rest: str) -> Iterator[str]:
    """Wrap a text between words, without trailing spaces."""
    lines = textwrap.wrap(text, width, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)
    yield from map(str.rstrip, lines)


def _environments(context: Context, width: int) -> Iterator[str]:
    """Yield the environments below a heading; nothing if all are on Docker."""
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
