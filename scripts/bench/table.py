"""Format measurements as text: medians, spreads, tables. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Load:
    """What one round of load on one contestant gave."""

    requests: int
    rate: float  # per second
    faults: int  # answers without success, and broken connections
    cpu: float  # seconds of processor time that the contestant took; 0 where unknown


def parse_wrk(text: str, cpu: float) -> Load:
    """Read what wrk printed."""
    requests = re.search(r"(\d+) requests in", text)
    rate = re.search(r"Requests/sec: +([\d.]+)", text)
    if not requests or not rate:
        raise ValueError(f"this is not output of wrk:\n{text}")
    broken = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    faults = sum(map(int, [*(broken.groups() if broken else ()), *(refused.groups() if refused else ())]))
    return Load(int(requests[1]), float(rate[1]), faults, cpu)


# What was measured, how it came out, the goal, and how it compares.
Row = tuple[str, str, str, str]


def spread(values: Sequence[float], form: str = ".2f") -> str:
    """Format the median, and the smallest and largest value."""
    return f"{median(values):{form}} ({min(values):{form}} to {max(values):{form}})"


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Compare round by round, so that the effect of a busy machine on both cancels out."""
    return [one / other for one, other in zip(ours, theirs, strict=True)]


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table whose columns are as wide as their longest cell."""
    lines = [list(head), *map(list, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |"
        for line in lines
    )
