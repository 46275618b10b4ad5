"""Layered layout: nodes in columns, edges from left to right, no edge behind a node. Pure.

The column of a node is the longest path to it. An edge that crosses a column gets a lane there, so that it
bends only between columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter

from pulumi_stacks.context.call_cycles import cycles

from .ordering import Edge, EdgePath, Neighbours, Slot, edge_paths, neighbours, order

_MARGIN = 24.0
_NODE_GAP = 22.0
_LANE_GAP = 12.0
_SWEEPS = 12
# A bent lane costs more than a node that is not centred.
_LANE_WEIGHT = 4.0

Sizes = Mapping[str, tuple[float, float]]
Point = tuple[float, float]


@dataclass(frozen=True)
class Node:
    """The position (upper left corner) and the size of a node."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Line:
    """A line from the right side of a node to the left side of another; reversed in a call cycle.

    It bends between the first two points, is horizontal to the third, bends to the fourth, and so on.
    """

    edge: Edge
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Layout:
    """The size of the graph, its nodes by name, its lines in the order of the edges."""

    width: float
    height: float
    nodes: Mapping[str, Node]
    lines: tuple[Line, ...]


def arrange(sizes: Sizes, edges: Sequence[Edge], first: str) -> Layout:
    """Lay out nodes of these widths and heights, `first` in a separate column.

    An edge that closes a cycle is laid out in reverse and drawn from its end.
    Nodes without edges are placed in rows below the others.
    """
    joined = {first, *(name for edge in edges for name in edge)}
    names = [first, *(name for name in sizes if name in joined and name != first)]
    back = _back(names, edges)
    forth = [edge[::-1] if edge in back else edge for edge in edges]
    levels = _levels(names, forth, first)
    paths = edge_paths(forth, levels)
    columns = order(paths, levels)
    left, right = neighbours(paths, levels)
    centres = _centres(columns, sizes, left, right)
    spans = _spans(columns, sizes, right)
    nodes = {
        slot: Node(start, centres[slot] - sizes[slot][1] / 2, end - start, sizes[slot][1])
        for column, (start, end) in zip(columns, spans, strict=True)
        for slot in column
        if isinstance(slot, str)
    }
    drawn = zip(edges, _lines(paths, nodes, centres, spans), strict=True)
    lines = tuple(Line(edge, line.points[::-1]) if edge in back else line for edge, line in drawn)
    right_end = spans[-1][1]
    ends = [node.y + node.height for node in nodes.values()]
    bottom = max(ends + [y for line in lines for _, y in line.points])
    nodes |= _rows([name for name in sizes if name not in joined], sizes, right_end, bottom)
    return Layout(
        width=max(node.x + node.width for node in nodes.values()) + _MARGIN,
        height=max(bottom, *(node.y + node.height for node in nodes.values())) + _MARGIN,
        nodes=nodes,
        lines=lines,
    )


def _back(names: Sequence[str], edges: Sequence[Edge]) -> set[Edge]:
    """Return the edges that close a cycle; without them the graph is acyclic."""
    after: dict[str, list[str]] = {name: [] for name in names}
    for start, end in edges:
        after[start].append(end)
    return {(cycle[-1], cycle[0]) for cycle in cycles(after)}


def _levels(names: Iterable[str], edges: Sequence[Edge], first: str) -> dict[str, int]:
    """Return the column of each node: right of all its predecessors, or just left of its successors."""
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
    """Return the vertical centre of each slot: near its neighbours, in the order of its column."""
    centres: dict[Slot, float] = {}
    for column in columns:
        centres.update(_place(column, sizes, {}, centres))
    for sweep in range(_SWEEPS):
        sides = ((left,), (right,))[sweep % 2] if sweep < _SWEEPS - 2 else (left, right)
        for column in columns if sweep % 2 == 0 else reversed(columns):
            joined = {slot: [other for side in sides for other in side[slot]] for slot in column}
            centres.update(_place(column, sizes, joined, centres))
    top = min(centres[slot] - _height(slot, sizes) / 2 for column in columns for slot in column)
    return {slot: centre - top + _MARGIN for slot, centre in centres.items()}


def _place(
    column: Sequence[Slot],
    sizes: Sizes,
    joined: Mapping[Slot, Sequence[Slot]],
    centres: Mapping[Slot, float],
) -> dict[Slot, float]:
    """Move the slots of a column as near as possible to the mean of their neighbours.

    Minimises the sum of squares: slots that would overlap move together as one block.
    """
    blocks: list[tuple[float, float, int]] = []
    offsets = []
    offset = 0.0
    for index, slot in enumerate(column):
        if index:
            offset += _distance(column[index - 1], slot, sizes)
        offsets.append(offset)
        wanted, weight = _preferred(slot, joined.get(slot, ()), centres)
        blocks.append((wanted - offset, weight, 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (y, w, n), (z, v, m) = blocks[-2:]
            blocks[-2:] = [((y * w + z * v) / (w + v), w + v, n + m)]
    starts = [start for start, _, count in blocks for _ in range(count)]
    return {slot: start + offset for slot, start, offset in zip(column, starts, offsets, strict=True)}


def _preferred(slot: Slot, joined: Sequence[Slot], centres: Mapping[Slot, float]) -> tuple[float, float]:
    """Return the preferred position of a slot, and its weight."""
    if not joined:
        return centres.get(slot, 0.0), 0.2
    lane = not isinstance(slot, str)
    weights = [_LANE_WEIGHT if lane and not isinstance(other, str) else 1.0 for other in joined]
    mean = sum(centres[other] * weight for other, weight in zip(joined, weights, strict=True)) / sum(weights)
    return mean, sum(weights)


def _distance(upper: Slot, lower: Slot, sizes: Sizes) -> float:
    lanes = not isinstance(upper, str) or not isinstance(lower, str)
    apart = _LANE_GAP if lanes else _NODE_GAP
    return (_height(upper, sizes) + _height(lower, sizes)) / 2 + apart


def _spans(columns: Sequence[Sequence[Slot]], sizes: Sizes, right: Neighbours) -> list[tuple[float, float]]:
    """Return the left and right end of each column; the gap grows with the number of lines."""
    spans = []
    x = _MARGIN
    for column in columns:
        width = max((sizes[slot][0] for slot in column if isinstance(slot, str)), default=0.0)
        spans.append((x, x + width))
        x += width + 56 + min(104, 2.5 * sum(len(right[slot]) for slot in column))
    return spans


def _lines(
    paths: Sequence[EdgePath],
    nodes: Mapping[str, Node],
    centres: Mapping[Slot, float],
    spans: Sequence[tuple[float, float]],
) -> tuple[Line, ...]:
    leaving = _ports(
        [(path.start, number, centres[path.slots()[1]]) for number, path in enumerate(paths)], nodes
    )
    arriving = _ports(
        [(path.end, number, centres[path.slots()[-2]]) for number, path in enumerate(paths)], nodes
    )
    lines = []
    for number, path in enumerate(paths):
        node = nodes[path.start]
        points = [(node.x + node.width, leaving[number])]
        for lane in path.lanes:
            points += [(x, centres[lane]) for x in spans[lane[1]]]
        points.append((nodes[path.end].x, arriving[number]))
        lines.append(Line((path.start, path.end), tuple(points)))
    return tuple(lines)


def _ports(ends: Iterable[tuple[str, int, float]], nodes: Mapping[str, Node]) -> dict[int, float]:
    """Return the vertical position of each line on the side of its node, in the order of the other ends."""
    of_box: dict[str, list[tuple[float, int]]] = {}
    for name, number, towards in ends:
        of_box.setdefault(name, []).append((towards, number))
    ports = {}
    for name, lines in of_box.items():
        node = nodes[name]
        step = min(10.0, (node.height - 16) / max(1, len(lines) - 1))
        for place, (_, number) in enumerate(sorted(lines)):
            ports[number] = node.y + node.height / 2 + (place - (len(lines) - 1) / 2) * step
    return ports


def _rows(names: Sequence[str], sizes: Sizes, right: float, bottom: float) -> dict[str, Node]:
    """Place nodes in rows below the graph that ends at `right` and `bottom`."""
    width = max((sizes[name][0] for name in names), default=0.0)
    height = max((sizes[name][1] for name in names), default=0.0)
    in_row = max(3, int((right - _MARGIN + _NODE_GAP) // (width + _NODE_GAP)))
    return {
        name: Node(
            x=_MARGIN + index % in_row * (width + _NODE_GAP),
            y=bottom + 2 * _NODE_GAP + index // in_row * (height + _NODE_GAP),
            width=width,
            height=sizes[name][1],
        )
        for index, name in enumerate(names)
    }
