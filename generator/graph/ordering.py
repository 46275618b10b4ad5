"""Orders the nodes and lanes of each column to reduce line crossings. Pure.

A slot of a column is a node (its name), or the lane of an edge that crosses it (numbers of edge and column).
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

Lane = tuple[int, int]
Slot = str | Lane
Edge = tuple[str, str]
Neighbours = Mapping[Slot, Sequence[Slot]]
_SWEEPS = 24
_MAX_LANES = 8_000
_MAX_LINES = 8_000


@dataclass(frozen=True)
class EdgePath:
    """The path of an edge from node to node: one lane in each column that it crosses."""

    start: str
    lanes: tuple[Lane, ...]
    end: str

    def slots(self) -> tuple[Slot, ...]:
        """Return all slots of the path, both ends included."""
        return (self.start, *self.lanes, self.end)


def edge_paths(edges: Sequence[Edge], levels: Mapping[str, int]) -> list[EdgePath]:
    """Return the path of each edge.

    Beyond a total of `_MAX_LANES` lanes, the longest edges get no lanes and are drawn straight.
    """
    spans = [levels[end] - levels[start] for start, end in edges]
    ranked = sorted(range(len(edges)), key=lambda number: spans[number])
    lanes = accumulate(spans[number] - 1 for number in ranked)
    straight = {number for number, total in zip(ranked, lanes, strict=True) if total > _MAX_LANES}
    paths = []
    for number, (start, end) in enumerate(edges):
        passed = () if number in straight else range(levels[start] + 1, levels[end])
        paths.append(EdgePath(start, tuple((number, level) for level in passed), end))
    return paths


def neighbours(paths: Iterable[EdgePath], levels: Mapping[str, int]) -> tuple[Neighbours, Neighbours]:
    """Return the neighbours of each slot in the column to the left, and in the column to the right."""
    left: dict[Slot, list[Slot]] = {name: [] for name in levels}
    right: dict[Slot, list[Slot]] = {name: [] for name in levels}
    for path in paths:
        for one, other in pairwise(path.slots()):
            if level_of(other, levels) - level_of(one, levels) == 1:
                right.setdefault(one, []).append(other)
                left.setdefault(other, []).append(one)
    return left, right


def level_of(slot: Slot, levels: Mapping[str, int]) -> int:
    """Return the column of a slot."""
    return levels[slot] if isinstance(slot, str) else slot[1]


def order(paths: Sequence[EdgePath], levels: Mapping[str, int]) -> list[list[Slot]]:
    """Return the columns from left to right, each from top to bottom."""
    columns = _columns(paths, levels)
    if len(paths) > _MAX_LINES:
        return columns
    left, right = neighbours(paths, levels)
    best, fewest = columns, _crossings(columns, right)
    for sweep in range(_SWEEPS):
        if not fewest:
            break
        columns = _sweep(columns, left) if sweep % 2 == 0 else _sweep(columns[::-1], right)[::-1]
        crossings = _crossings(columns, right)
        if crossings < fewest:
            best, fewest = columns, crossings
    return best


def _columns(paths: Sequence[EdgePath], levels: Mapping[str, int]) -> list[list[Slot]]:
    """Return columns in depth-first order, which gives a tree no crossings."""
    known = sorted(levels, key=lambda name: levels[name])
    columns: list[list[Slot]] = [[] for _ in range(1 + levels[known[-1]])]
    leaving: dict[str, list[EdgePath]] = {name: [] for name in known}
    for path in paths:
        leaving[path.start].append(path)
    met: set[str] = set()
    for begin in known:
        waiting = [EdgePath(begin, (), begin)]
        while waiting:
            path = waiting.pop()
            for lane in path.lanes:
                columns[lane[1]].append(lane)
            if path.end not in met:
                met.add(path.end)
                columns[levels[path.end]].append(path.end)
                waiting += reversed(leaving[path.end])
    return columns


def _sweep(columns: Sequence[Sequence[Slot]], joined: Neighbours) -> list[list[Slot]]:
    """Sort each column but the first by the mean position of the neighbours in the column before."""
    done = [list(columns[0])]
    for column in columns[1:]:
        places = {slot: place for place, slot in enumerate(done[-1])}
        means = {
            slot: sum(places[other] for other in joined[slot]) / len(joined[slot])
            for slot in column
            if joined[slot]
        }
        # A slot without neighbours there keeps its position.
        ranked = iter(sorted(means, key=lambda slot: means[slot]))
        done.append([next(ranked) if slot in means else slot for slot in column])
    return done


def _crossings(columns: Sequence[Sequence[Slot]], right: Neighbours) -> int:
    """Count the pairs of lines that cross between neighbouring columns."""
    total = 0
    for column, following in pairwise(columns):
        places = {slot: place for place, slot in enumerate(following)}
        seen: list[int] = []
        for slot in column:
            ends = sorted(places[other] for other in right[slot])
            total += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return total
