"""Sorts the boxes and lanes of columns so that few lines cross. Pure.

A slot of a column is a box, by its name, or the lane of an edge that passes, by numbers of edge and column.
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
_MOST_LANES = 8_000
_MOST_LINES = 8_000


@dataclass(frozen=True)
class Way:
    """How an edge leads from box to box: by a lane in each column that it passes."""

    start: str
    lanes: tuple[Lane, ...]
    end: str

    def slots(self) -> tuple[Slot, ...]:
        """Return all slots on the way, both ends included."""
        return (self.start, *self.lanes, self.end)


def ways_of(edges: Sequence[Edge], levels: Mapping[str, int]) -> list[Way]:
    """Return the way of each edge.

    Where there are more lanes than anyone could follow, the longest edges have none: they lead straight on.
    """
    spans = [levels[end] - levels[start] for start, end in edges]
    ranked = sorted(range(len(edges)), key=lambda number: spans[number])
    lanes = accumulate(spans[number] - 1 for number in ranked)
    straight = {number for number, total in zip(ranked, lanes, strict=True) if total > _MOST_LANES}
    ways = []
    for number, (start, end) in enumerate(edges):
        passed = () if number in straight else range(levels[start] + 1, levels[end])
        ways.append(Way(start, tuple((number, level) for level in passed), end))
    return ways


def neighbours(ways: Iterable[Way], levels: Mapping[str, int]) -> tuple[Neighbours, Neighbours]:
    """Return what each slot is joined with in the column left of it, and in the one right of it."""
    left: dict[Slot, list[Slot]] = {name: [] for name in levels}
    right: dict[Slot, list[Slot]] = {name: [] for name in levels}
    for way in ways:
        for one, other in pairwise(way.slots()):
            if level_of(other, levels) - level_of(one, levels) == 1:
                right.setdefault(one, []).append(other)
                left.setdefault(other, []).append(one)
    return left, right


def level_of(slot: Slot, levels: Mapping[str, int]) -> int:
    """Return the column that a slot belongs to."""
    return levels[slot] if isinstance(slot, str) else slot[1]


def order(ways: Sequence[Way], levels: Mapping[str, int]) -> list[list[Slot]]:
    """Return the columns from left to right, each in its order from above."""
    columns = _columns(ways, levels)
    if len(ways) > _MOST_LINES:
        return columns
    left, right = neighbours(ways, levels)
    best, fewest = columns, _crossings(columns, right)
    for sweep in range(_SWEEPS):
        if not fewest:
            break
        columns = _sweep(columns, left) if sweep % 2 == 0 else _sweep(columns[::-1], right)[::-1]
        crossings = _crossings(columns, right)
        if crossings < fewest:
            best, fewest = columns, crossings
    return best


def _columns(ways: Sequence[Way], levels: Mapping[str, int]) -> list[list[Slot]]:
    """Return columns in the order of a walk along the edges: a tree has no crossing then."""
    known = sorted(levels, key=lambda name: levels[name])
    columns: list[list[Slot]] = [[] for _ in range(1 + levels[known[-1]])]
    leaving: dict[str, list[Way]] = {name: [] for name in known}
    for way in ways:
        leaving[way.start].append(way)
    met: set[str] = set()
    for begin in known:
        waiting = [Way(begin, (), begin)]
        while waiting:
            way = waiting.pop()
            for lane in way.lanes:
                columns[lane[1]].append(lane)
            if way.end not in met:
                met.add(way.end)
                columns[levels[way.end]].append(way.end)
                waiting += reversed(leaving[way.end])
    return columns


def _sweep(columns: Sequence[Sequence[Slot]], joined: Neighbours) -> list[list[Slot]]:
    """Sort each column but the first by the mean place of what its slots are joined with before."""
    done = [list(columns[0])]
    for column in columns[1:]:
        places = {slot: place for place, slot in enumerate(done[-1])}
        means = {
            slot: sum(places[other] for other in joined[slot]) / len(joined[slot])
            for slot in column
            if joined[slot]
        }
        # A slot that is joined with nothing there keeps its place.
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
