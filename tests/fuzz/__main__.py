"""Read changed specs by the thousand: `python -m tests.fuzz --count 20000`.

Every PORTION of them has a seed of its own, counted from the first.
"""

import argparse
import json
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from tests.fuzz.judge import portion

PORTION = 2000


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    seeds = range(arguments.seed, arguments.seed + -(-arguments.count // PORTION))
    counts = [min(PORTION, arguments.count - done) for done in range(0, arguments.count, PORTION)]
    with ProcessPoolExecutor(arguments.jobs, max_tasks_per_child=1, mp_context=get_context("spawn")) as pool:
        portions = list(pool.map(portion, seeds, counts))
    print(
        json.dumps(
            {
                "refused": sum(one.refused for one in portions),
                "taken": sum(one.taken for one in portions),
                "slowest": round(max(one.slowest for one in portions), 3),
                "megabytes": max(one.megabytes for one in portions),
            }
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
