"""Calls that form a cycle. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

Cycle = tuple[str, ...]


def cycles(calls: Mapping[str, Sequence[str]]) -> Iterator[Cycle]:
    """Yield one cycle for each call that leads back, that call last; without recursion, in the order given.

    Without the calls that lead from the last of each cycle to its first there is no cycle.
    """
    finished: set[str] = set()
    for start in calls:
        trail, on_trail = [(start, iter(calls[start]))], {start: None}
        while trail and start not in finished:
            name, rest = trail[-1]
            callee = next(rest, None)
            if callee is None:
                finished.add(name)
                trail.pop()
                on_trail.popitem()
            elif callee in on_trail:
                way = tuple(on_trail)
                yield way[way.index(callee) :]
            elif callee not in finished:
                trail.append((callee, iter(calls[callee])))
                on_trail[callee] = None


def warnings(calls: Mapping[str, Sequence[str]], most: int = 10) -> tuple[str, ...]:
    """Print each cycle, `a -> b -> a`; of many only the first, and how many there are."""
    found = [" -> ".join(_shortened((*cycle, cycle[0]))) for cycle in cycles(calls)]
    meaning = "none of them waits for another at its start, and all fail together"
    shown = [f"calls form a cycle: {cycle} ({meaning})" for cycle in found[:most]]
    more = [f"calls form {len(found) - most} more cycles"] if len(found) > most else []
    return (*shown, *more)


def _shortened(names: Cycle) -> Cycle:
    return names if len(names) <= 12 else (*names[:6], "...", *names[-5:])
