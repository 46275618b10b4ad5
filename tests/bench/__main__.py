"""Ratios against named peers, measured side by side in one run: `make bench ARGS="--rounds 9"`.

Everything is measured in turns (A, B, C, A, B, C …) and compared round by round, because a machine is never
equally busy twice. Processor time per request tells the same as requests per second, with less noise.
"""

import argparse
import sys
import time

from generator.template import open_template
from tests.bench import rendering
from tests.bench.services import (
    Contestant,
    bare_runtimes,
    contestants,
    image_size,
    load_with,
    memory,
    seconds_to_end,
)
from tests.bench.table import Load, markdown, ratios, spread
from tests.conftest import missing
from tests.contract.engine import Container, docker

QUERIES = ("/items/1", "/items?limit=20")
GOAL = 0.85


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=4, help="of load per round, query and contestant")
    parser.add_argument("--only", choices=("rendering", *bare_runtimes()), help="measure nothing else")
    arguments = parser.parse_args()
    parts = [arguments.only] if arguments.only else ["rendering", *bare_runtimes()]
    lacking = [reason for tool in ("docker", "wrk") if (reason := missing(tool))]
    if lacking and parts != ["rendering"]:
        print(f"make bench: {'; '.join(lacking)}", file=sys.stderr)
        return 1
    for part in parts:
        if part == "rendering":
            print(rendering.table(arguments.rounds), flush=True)
        else:
            _compare(part, arguments.rounds, arguments.seconds)
    return 0


def _compare(runtime: str, rounds: int, seconds: int) -> None:
    with contestants(runtime) as three:
        running = {one: one.started()[0] for one in three}
        idle = _idle(running)
        for query in QUERIES:
            print(f"\n{_throughput(running, query, rounds, seconds)}", flush=True)
        docker("rm", "--force", *(container.name for container in running.values()))
        print(f"\n{_lives(runtime, idle, max(3, rounds // 2))}", flush=True)


def _idle(running: dict[Contestant, Container]) -> dict[Contestant, float]:
    time.sleep(10)
    return {one: memory(container) for one, container in running.items()}


def _throughput(running: dict[Contestant, Container], query: str, rounds: int, seconds: int) -> str:
    for container in running.values():
        load_with(container, query, 2)
    found: dict[Contestant, list[Load]] = {one: [] for one in running}
    for _ in range(rounds):
        for one, container in running.items():
            found[one].append(load_with(container, query, seconds))
    bare, *_ = found.values()
    rows = [(one.title, *_row(loads, bare)) for one, loads in found.items()]
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


def _lives(runtime: str, idle: dict[Contestant, float], rounds: int) -> str:
    starts: dict[Contestant, list[float]] = {one: [] for one in idle}
    ends: dict[Contestant, list[float]] = {one: [] for one in idle}
    for _ in range(rounds):
        for one in idle:
            container, seconds = one.started()
            starts[one].append(seconds)
            docker("rm", "--force", container.name)
            ends[one].append(seconds_to_end(one, "DRAIN_SECONDS=0"))
    bases: dict[str, str] = open_template().runtimes[runtime]["base_images"]
    rows = [
        (
            one.title,
            f"{idle[one]:.0f}",
            spread(starts[one], ".1f"),
            spread(ends[one], ".1f"),
            f"{min(image_size(one.image, base) for base in bases.values()):.1f}",
        )
        for one in idle
    ]
    head = ("idle MiB", "start to ready, s", "SIGTERM to end without drain, s", "image over its base, MB")
    return markdown((runtime, *head), rows)


if __name__ == "__main__":
    sys.exit(main())
