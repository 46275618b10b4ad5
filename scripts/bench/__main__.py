"""Ratios against named peers, measured side by side in one run: `make bench ARGS="--rounds 9"`.

Measurements alternate (A, B, C, A, B, C …) and are compared round by round, because the load of a machine
varies. Processor time per request has the same meaning as requests per second, with less noise.
"""

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from statistics import median

from generator.rendering.template import open_template
from scripts.bench import growth, previews, rendering, speed
from scripts.bench.builds import seconds_to_build
from scripts.bench.services import (
    Contestant,
    bare_runtimes,
    contestants,
    image_size,
    load_with,
    memory,
    rendered,
    seconds_to_end,
)
from scripts.bench.table import Load, markdown, ratios, spread
from tests.conftest import missing
from tests.contract import record
from tests.contract.engine import Container, docker

QUERIES = ("/items/1", "/items?limit=20")
GOAL = 0.85
# What needs neither an engine nor wrk.
ALONE = {
    "rendering": rendering.table,
    "speed": speed.table,
    "steps": growth.steps,
    "preview": previews.table,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=4, help="of load per round, query and contestant")
    parser.add_argument("--only", choices=(*ALONE, *bare_runtimes()), help="measure only this")
    parser.add_argument("--record", action="store_true", help="write medians to docs/runtimes.json")
    arguments = parser.parse_args()
    parts = [arguments.only] if arguments.only else [*ALONE, *bare_runtimes()]
    lacking = [reason for tool in ("docker", "wrk") if (reason := missing(tool))]
    if lacking and not ALONE.keys() >= set(parts):
        print(f"make bench: {'; '.join(lacking)}", file=sys.stderr)
        return 1
    for part in parts:
        if part in ALONE:
            print(f"{ALONE[part](arguments.rounds)}\n", flush=True)
        else:
            figures = _compare(part, arguments.rounds, arguments.seconds)
            if arguments.record:
                record.write(part, "figures", figures)
    return 0


def _compare(runtime: str, rounds: int, seconds: int) -> dict[str, float]:
    """Print the tables of a runtime, and return what docs/runtimes.md shows of them."""
    figures: dict[str, float] = {}
    with rendered(runtime) as folder:
        with contestants(runtime, folder) as three:
            running = {one: one.started()[0] for one in three}
            idle = _idle(running)
            for query in QUERIES:
                loads = _throughput(running, query, rounds, seconds)
                print(f"\n{_throughput_table(loads, query)}", flush=True)
                bare, service, *_ = loads.values()
                rates = [load.rate for load in service], [load.rate for load in bare]
                figures[f"GET {query} against bare"] = round(median(ratios(*rates)), 2)
            docker("rm", "--force", *(container.name for container in running.values()))
            lives = _lives(three, max(3, rounds // 2))
            print(f"\n{_lives_table(runtime, idle, lives)}", flush=True)
            starts, ends = lives[three[1]]
            figures |= {
                "idle, MiB": round(idle[three[1]]),
                "start to ready, s": round(median(starts), 1),
                "SIGTERM to end without drain, s": round(median(ends), 1),
            }
        cold, warm = seconds_to_build(folder, open_template().runtimes[runtime]["change"])
    figures |= {"cold build, s": round(cold), "build after one changed line, s": round(warm, 1)}
    print(f"\ncold build {cold:.0f} s, after one changed line {warm:.1f} s", flush=True)
    return figures


def _idle(running: dict[Contestant, Container]) -> dict[Contestant, float]:
    time.sleep(10)
    return {one: memory(container) for one, container in running.items()}


def _throughput(
    running: dict[Contestant, Container], query: str, rounds: int, seconds: int
) -> dict[Contestant, list[Load]]:
    for container in running.values():
        load_with(container, query, 2)
    found: dict[Contestant, list[Load]] = {one: [] for one in running}
    for _ in range(rounds):
        for one, container in running.items():
            found[one].append(load_with(container, query, seconds))
    return found


def _throughput_table(loads: dict[Contestant, list[Load]], query: str) -> str:
    bare, *_ = loads.values()
    rows = [(one.title, *_row(found, bare)) for one, found in loads.items()]
    head = ("requests/s", f"ratio (goal {GOAL})", "CPU µs/request", "ratio by CPU", "faults")
    return markdown((f"GET {query}", *head), rows)


def _row(loads: list[Load], bare: list[Load]) -> list[str]:
    rates, cpu = [load.rate for load in loads], [load.cpu / load.requests * 1e6 for load in loads]
    bare_rates, bare_cpu = [load.rate for load in bare], [load.cpu / load.requests * 1e6 for load in bare]
    return [
        spread(rates, ".0f"),
        spread(ratios(rates, bare_rates)),
        spread(cpu, ".0f"),
        spread(ratios(bare_cpu, cpu)) if all(cpu) else "-",
        str(sum(load.faults for load in loads)),
    ]


def _lives(three: Sequence[Contestant], rounds: int) -> dict[Contestant, tuple[list[float], list[float]]]:
    """Return for each the seconds from start to ready, and from SIGTERM to the end."""
    found: dict[Contestant, tuple[list[float], list[float]]] = {one: ([], []) for one in three}
    for _ in range(rounds):
        for one, (starts, ends) in found.items():
            container, seconds = one.started()
            starts.append(seconds)
            docker("rm", "--force", container.name)
            ends.append(seconds_to_end(one, "DRAIN_SECONDS=0"))
    return found


def _lives_table(
    runtime: str,
    idle: Mapping[Contestant, float],
    lives: Mapping[Contestant, tuple[list[float], list[float]]],
) -> str:
    bases: dict[str, str] = open_template().runtimes[runtime]["base_images"]
    rows = [
        (
            one.title,
            f"{idle[one]:.0f}",
            spread(starts, ".1f"),
            spread(ends, ".1f"),
            f"{max(image_size(one.image, base) for base in bases.values()):.1f}",
        )
        for one, (starts, ends) in lives.items()
    ]
    head = ("idle MiB", "start to ready, s", "SIGTERM to end without drain, s", "image over its base, MB")
    return markdown((runtime, *head), rows)


if __name__ == "__main__":
    sys.exit(main())
