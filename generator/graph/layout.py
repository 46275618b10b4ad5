"""Places boxes in columns and leads lines between them, from left to right, none behind a box. Pure.

Boxes stand in columns by the longest way that leads to them. A line that passes a column has a lane of its
own there, so that it only ever bends between columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter

from pulumi_stacks.context.call_cycles import cycles

from .ordering import Edge, Neighbours, Slot, Way, neighbours, order, ways_of

_MARGIN = 24.0
_BETWEEN_BOXES = 22.0
_BETWEEN_LANES = 12.0
_SWEEPS = 12
# A lane that bends costs more than a box that stands a little aside.
_LANE_WEIGHT = 4.0

Sizes = Mapping[str, tuple[float, float]]
Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """Where a box stands, from its upper left corner."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Line:
    """A line from the right side of a box to the left side of another, or back where calls go in a circle.

    It bends between the first point and the second, runs level to the third, bends to the fourth, and so on.
    """

    edge: Edge
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Layout:
    """A drawing: its size, its boxes by name, its lines in the order of the edges."""

    width: float
    height: float
    boxes: Mapping[str, Box]
    lines: tuple[Line, ...]


def arrange(sizes: Sizes, edges: Sequence[Edge], first: str) -> Layout:
    """Lay out boxes of these widths and heights, `first` in its own column.

    An edge that leads back in a circle is laid out the other way round, and drawn from its end.
    Boxes that no edge touches stand in rows below the others.
    """
    joined = {first, *(name for edge in edges for name in edge)}
    names = [first, *(name for name in sizes if name in joined and name != first)]
    back = _back(names, edges)
    forth = [edge[::-1] if edge in back else edge for edge in edges]
    levels = _levels(names, forth, first)
    ways = ways_of(forth, levels)
    columns = order(ways, levels)
    left, right = neighbours(ways, levels)
    centres = _centres(columns, sizes, left, right)
    spans = _spans(columns, sizes, right)
    boxes = {
        slot: Box(start, centres[slot] - sizes[slot][1] / 2, end - start, sizes[slot][1])
        for column, (start, end) in zip(columns, spans, strict=True)
        for slot in column
        if isinstance(slot, str)
    }
    drawn = zip(edges, _lines(ways, boxes, centres, spans), strict=True)
    lines = tuple(Line(edge, line.points[::-1]) if edge in back else line for edge, line in drawn)
    right_end = spans[-1][1]
    ends = [box.y + box.height for box in boxes.values()]
    bottom = max(ends + [y for line in lines for _, y in line.points])
    boxes |= _rows([name for name in sizes if name not in joined], sizes, right_end, bottom)
    return Layout(
        width=max(box.x + box.width for box in boxes.values()) + _MARGIN,
        height=max(bottom, *(box.y + box.height for box in boxes.values())) + _MARGIN,
        boxes=boxes,
        lines=lines,
    )


def _back(names: Sequence[str], edges: Sequence[Edge]) -> set[Edge]:
    """Return edges without which none of them lead in a circle."""
    after: dict[str, list[str]] = {name: [] for name in names}
    for start, end in edges:
        after[start].append(end)
    return {(circle[-1], circle[0]) for circle in cycles(after)}


def _levels(names: Iterable[str], edges: Sequence[Edge], first: str) -> dict[str, int]:
    """Return the column of each box: right of all that lead to it, else beside what it leads to."""
    before: dict[str, set[str]] = {name: set() for name in names}
    after: dict[str, set[str]] = {name: set() for name in before}
    for start, end in edges:
        before[end].add(start)
        after[start].add(end)
    levels: dict[str, int] = {}
    for name in TopologicalSorter(before).static_order():
        levels[name] = max((levels[other] + 1 for other in before[name]), default=int(name != first))
    for name in levels:
        if name != first and not before[name] and after[name]:
            levels[name] = max(1, min(levels[other] for other in after[name]) - 1)
    return levels


def _height(slot: Slot, sizes: Sizes) -> float:
    return sizes[slot][1] if isinstance(slot, str) else 0.0


def _centres(
    columns: Sequence[Sequence[Slot]], sizes: Sizes, left: Neighbours, right: Neighbours
) -> dict[Slot, float]:
    """Return at which height each slot stands: near what it is joined with, in its column's order."""
    centres: dict[Slot, float] = {}
    for column in columns:
        centres.update(_settle(column, sizes, {}, centres))
    for sweep in range(_SWEEPS):
        sides = ((left,), (right,))[sweep % 2] if sweep < _SWEEPS - 2 else (left, right)
        for column in columns if sweep % 2 == 0 else reversed(columns):
            joined = {slot: [other for side in sides for other in side[slot]] for slot in column}
            centres.update(_settle(column, sizes, joined, centres))
    top = min(centres[slot] - _height(slot, sizes) / 2 for column in columns for slot in column)
    return {slot: centre - top + _MARGIN for slot, centre in centres.items()}


def _settle(
    column: Sequence[Slot],
    sizes: Sizes,
    joined: Mapping[Slot, Sequence[Slot]],
    centres: Mapping[Slot, float],
) -> dict[Slot, float]:
    """Move the slots of a column as near to the mean of what they are joined with as they fit.

    What is least in sum of squares: where two would overlap, they and theirs move as one block.
    """
    blocks: list[tuple[float, float, int]] = []
    offsets = []
    offset = 0.0
    for index, slot in enumerate(column):
        if index:
            offset += _distance(column[index - 1], slot, sizes)
        offsets.append(offset)
        wanted, weight = _wish(slot, joined.get(slot, ()), centres)
        blocks.append((wanted - offset, weight, 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (y, w, n), (z, v, m) = blocks[-2:]
            blocks[-2:] = [((y * w + z * v) / (w + v), w + v, n + m)]
    starts = [start for start, _, count in blocks for _ in range(count)]
    return {slot: start + offset for slot, start, offset in zip(column, starts, offsets, strict=True)}


def _wish(slot: Slot, joined: Sequence[Slot], centres: Mapping[Slot, float]) -> tuple[float, float]:
    """Return where a slot would stand by itself, and how strongly."""
    if not joined:
        return centres.get(slot, 0.0), 0.2
    lane = not isinstance(slot, str)
    weights = [_LANE_WEIGHT if lane and not isinstance(other, str) else 1.0 for other in joined]
    mean = sum(centres[other] * weight for other, weight in zip(joined, weights, strict=True)) / sum(weights)
    return mean, sum(weights)


def _distance(upper: Slot, lower: Slot, sizes: Sizes) -> float:
    lanes = not isinstance(upper, str) or not isinstance(lower, str)
    apart = _BETWEEN_LANES if lanes else _BETWEEN_BOXES
    return (_height(upper, sizes) + _height(lower, sizes)) / 2 + apart


def _spans(columns: Sequence[Sequence[Slot]], sizes: Sizes, right: Neighbours) -> list[tuple[float, float]]:
    """Return the left and right end of each column; where many lines pass, they have more room to bend."""
    spans = []
    x = _MARGIN
    for column in columns:
        width = max((sizes[slot][0] for slot in column if isinstance(slot, str)), default=0.0)
        spans.append((x, x + width))
        x += width + 56 + min(104, 2.5 * sum(len(right[slot]) for slot in column))
    return spans


def _lines(
    ways: Sequence[Way],
    boxes: Mapping[str, Box],
    centres: Mapping[Slot, float],
    spans: Sequence[tuple[float, float]],
) -> tuple[Line, ...]:
    leaving = _ports([(way.start, number, centres[way.slots()[1]]) for number, way in enumerate(ways)], boxes)
    arriving = _ports([(way.end, number, centres[way.slots()[-2]]) for number, way in enumerate(ways)], boxes)
    lines = []
    for number, way in enumerate(ways):
        box = boxes[way.start]
        points = [(box.x + box.width, leaving[number])]
        for lane in way.lanes:
            points += [(x, centres[lane]) for x in spans[lane[1]]]
        points.append((boxes[way.end].x, arriving[number]))
        lines.append(Line((way.start, way.end), tuple(points)))
    return tuple(lines)


def _ports(ends: Iterable[tuple[str, int, float]], boxes: Mapping[str, Box]) -> dict[int, float]:
    """Return where on the side of its box each line ends: in the order of where the lines lead."""
    of_box: dict[str, list[tuple[float, int]]] = {}
    for name, number, towards in ends:
        of_box.setdefault(name, []).append((towards, number))
    ports = {}
    for name, lines in of_box.items():
        box = boxes[name]
        step = min(10.0, (box.height - 16) / max(1, len(lines) - 1))
        for place, (_, number) in enumerate(sorted(lines)):
            ports[number] = box.y + box.height / 2 + (place - (len(lines) - 1) / 2) * step
    return ports


def _rows(names: Sequence[str], sizes: Sizes, right: float, bottom: float) -> dict[str, Box]:
    """Place boxes in rows below what ends at `right` and `bottom`."""
    width = max((sizes[name][0] for name in names), default=0.0)
    height = max((sizes[name][1] for name in names), default=0.0)
    in_row = max(3, int((right - _MARGIN + _BETWEEN_BOXES) // (width + _BETWEEN_BOXES)))
    return {
        name: Box(
            x=_MARGIN + index % in_row * (width + _BETWEEN_BOXES),
            y=bottom + 2 * _BETWEEN_BOXES + index // in_row * (height + _BETWEEN_BOXES),
            width=width,
            height=sizes[name][1],
        )
        for index, name in enumerate(names)
    }
