"""Judge changed specs.

Each is refused with all that a message needs, or it can be rendered, planned, written and read again. The
first one for which that does not hold is kept in a file, and named.
"""

import re
import resource
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from generator.rendering import file_tree
from generator.rendering.renderer import render
from generator.rendering.template import open_template
from generator.rendering.yaml_text import dump
from generator.repository import writer
from generator.repository.build import build
from pulumi_stacks.context.model import Context
from pulumi_stacks.plan.planner import PlanError
from pulumi_stacks.spec.loader import SpecError
from pulumi_stacks.spec.model import Spec
from pulumi_stacks.system import load, make_plan, resolve
from tests.fuzz.mutate import mutants
from tests.property.specs import AWKWARD, ROOT
from tests.unit.branch_systems import SYSTEMS
from tests.unit.folders import read

TEMPLATE = open_template()
SECONDS = 5.0  # of processor time for one spec; a fraction of one is usual
MEMORY = 2**30
WRITTEN = 25  # one in so many of those that load is written to a disk


@dataclass(frozen=True)
class Portion:
    """What became of the specs of one seed."""

    refused: int
    taken: int
    slowest: float  # seconds of processor time
    megabytes: int


def portion(seed: int, count: int) -> Portion:
    """Judge the first `count` specs of a seed, in a process with little memory."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    found: Counter[str] = Counter()
    slowest = 0.0
    for number, data in enumerate(islice(mutants(corpus(), seed), count)):
        began = time.process_time()
        try:
            found[judged(data, found)] += 1
            slowest = max(slowest, time.process_time() - began)
            assert slowest < SECONDS, f"took {slowest:.1f} s"
        except Exception:
            kept = Path(tempfile.gettempdir(), f"cn-fuzz-{seed}-{number}.yaml")
            kept.write_bytes(data)
            print(f"seed {seed}, number {number}: {kept}", file=sys.stderr)
            raise
    return Portion(found["refused"], found["taken"], slowest, megabytes())


def megabytes() -> int:
    """Return the most memory that this program has had; what it was forked from does not count."""
    status = Path("/proc/self/status")
    if not status.exists():  # macOS, which counts in bytes
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 2**20
    highest = re.search(r"VmHWM:\s+(\d+) kB", status.read_text(encoding="ascii"))
    assert highest
    return int(highest[1]) // 1024


def corpus() -> list[bytes]:
    """Return good specs: the examples, and the awkward ones of other tests."""
    examples = [path.read_bytes() for path in sorted((ROOT / "examples").glob("*/cn.yaml"))]
    systems: list[Any] = [AWKWARD, *SYSTEMS]
    return [*examples, *(dump(system).encode() for system in systems)]


def judged(data: bytes, found: Counter[str]) -> str:
    """Say whether a spec was refused or taken; what was raised, when it was neither."""
    try:
        spec = load(data, "cn.yaml", TEMPLATE.runtimes)
    except SpecError as error:
        refused(error, data)
        return "refused"
    taken(spec, data, written=found["taken"] % WRITTEN == 0)
    return "taken"


def refused(error: SpecError, data: bytes) -> None:
    assert error.problems
    assert list(error.problems) == sorted(set(error.problems))
    lines = (
        data.count(b"\n")
        + data.count(b"\r")
        + data.count("\u2028".encode())
        + data.count("\u0085".encode())
        + 2
    )
    for problem in error.problems:
        text = str(problem)
        assert text.isascii(), text
        assert text.isprintable(), text
        assert len(text) < 500, text
        assert 1 <= problem.line <= lines, text
        assert problem.column >= 1, text
        assert problem.message, text


def taken(spec: Spec, data: bytes, *, written: bool) -> None:
    again = dump(spec.model_dump(mode="json", exclude_unset=True)).encode()
    assert load(again, "again", TEMPLATE.runtimes) == spec
    context = resolve(spec)
    for environment in context.environments:
        planned(context, environment.name)
    file_tree.check(render(TEMPLATE, context.answers()))
    if written:
        project = build(data, "cn.yaml", TEMPLATE)
        assert project.tree["cn.yaml"].data == data
        with tempfile.TemporaryDirectory() as room:
            writer.create(Path(room, "made"), project.tree)
            assert [path.name for path in Path(room).iterdir()] == ["made"]
            assert read(Path(room, "made")) == project.tree


def planned(context: Context, environment: str) -> None:
    """Plan a system, or get a sentence why one engine cannot run it."""
    try:
        plan = make_plan(context, environment)
    except PlanError as error:
        problems = error.problems
    else:
        problems = ()
        assert plan.services
    assert all(problem.isprintable() for problem in problems)
