"""Time of the smallest commands: help, version, and validating a spec."""

import sys
from pathlib import Path

from scripts.bench.child import cost
from scripts.bench.growth import scratch, system
from scripts.bench.table import Row, ratios, spread

READ = """
import sys, time
from pathlib import Path
from pulumi_stacks.system import load
data = Path(sys.argv[1]).read_bytes()
load(b"name: warm\\nservices: {a: {runtime: x}}\\n")
began = time.process_time()
load(data)
print(time.process_time() - began, file=sys.stderr)
"""


def commands(rounds: int) -> list[Row]:
    """Ask the installed command, in turns with a Python that does nothing."""
    command = Path(sys.executable).with_name("cn-new")
    ways = {
        "`python -c pass`": (sys.executable, "-c", "pass"),
        "`cn-new --version`": (str(command), "--version"),
        "`cn-new --help`": (str(command), "--help"),
    }
    found: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(rounds * 5):
        for way, words in ways.items():
            found[way].append(cost(*words).cpu * 1000)
    bare = found["`python -c pass`"]
    return [
        (
            way,
            f"{spread(cpu, '.0f')} ms CPU",
            "" if cpu is bare else "3 times",
            "" if cpu is bare else f"{spread(ratios(cpu, bare), '.1f')} times Python",
        )
        for way, cpu in found.items()
    ]


def reading(rounds: int) -> list[Row]:
    """Read and check a spec of a thousand services."""
    found: list[float] = []
    with scratch() as room:
        spec = room / "cn.yaml"
        spec.write_bytes(system(1000))
        found.extend(_read(spec) for _ in range(rounds))
    return [("reading and validating a spec of 1,000 services", f"{spread(found, '.3f')} s CPU", "0.2 s", "")]


def _read(spec: Path) -> float:
    import subprocess

    done = subprocess.run([sys.executable, "-c", READ, str(spec)], capture_output=True, text=True, check=True)
    return float(done.stderr)
