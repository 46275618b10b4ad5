"""The cost of one additional file, and its growth with the system, compared with Copier and cookiecutter."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from shutil import rmtree
from statistics import median
from tempfile import TemporaryDirectory

from generator.rendering.file_tree import REGULAR, File, Tree
from generator.rendering.renderer import render
from generator.rendering.template import open_template
from generator.rendering.yaml_text import dump
from generator.repository import writer
from generator.repository.baseline import lock_files
from pulumi_stacks.system import load, resolve
from scripts.bench.child import Cost, cn_new, cost
from scripts.bench.table import Row, markdown, ratios, spread
from tests.parity.oracle import copy_template

COOKIECUTTER = "cookiecutter==2.7.1"
PROJECT = "cookiecutter/{{ cookiecutter.name }}"
MEMORY_DISK = Path("/dev/shm")
RUNTIMES = [name for name, entry in open_template().runtimes.items() if entry["contract"]]
# Plain Jinja draws the template that cookiecutter gets, once for each service, and writes what it drew.
JINJA = """
import sys
from pathlib import Path
from jinja2 import Environment, FileSystemLoader
source, into = Path(sys.argv[1]), Path(sys.argv[2])
names = [path.relative_to(source).as_posix() for path in sorted(source.rglob("*")) if path.is_file()]
environment = Environment(loader=FileSystemLoader(source), keep_trailing_newline=True, auto_reload=False)
for number in range(int(sys.argv[3])):
    name = f"s{number:04}"
    for path in names:
        target = into / name / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.endswith(".mako"):
            target.write_bytes((source / path).read_bytes())
        else:
            target.write_text(environment.get_template(path).render(cookiecutter={"name": name}))
"""


def system(count: int, runtimes: Sequence[str] = RUNTIMES[:1]) -> bytes:
    """Return a system: half of the services have a database, two thirds call another, each has a route."""
    lines = ["name: big", "description: A large system", "owner: '@acme/big'", "ci: github", "services:"]
    for number in range(count):
        lines += [
            f"  s{number:04}:",
            f"    runtime: {runtimes[number // 2 % len(runtimes)]}",
            f"    route: /s{number:04}",
        ]
        lines += ["    database: postgres"] if number % 2 else []
        lines += [f"    calls: [s{number - 1:04}]"] if number % 3 else []
        lines += ["    scale: {min: 2}", '    config: {PAGE_SIZE: "20"}']
    return ("\n".join(lines) + "\n").encode()


@contextmanager
def scratch() -> Iterator[Path]:
    """Give a folder in memory where there is such, so that no disk of others is measured."""
    place = MEMORY_DISK if os.access(MEMORY_DISK, os.W_OK) else None
    with TemporaryDirectory(prefix="cn-bench-", dir=place) as folder:
        yield Path(folder)


def files_in(folder: Path) -> int:
    return sum(path.is_file() for path in folder.rglob("*"))


def marginal(rounds: int) -> list[Row]:
    """Return what one additional file costs each of four tools, as the difference between two sizes."""
    with scratch() as room:
        source = room / "template"
        source.mkdir()
        copy_template(source)
        ways: dict[str, tuple[Callable[[int], tuple[Cost, int]], int, int]] = {
            "cn-new": (partial(_ours, room), 60, 180),
            "Copier": (partial(_copier, room, source), 2, 8),
            "cookiecutter": (partial(_drawn, room, _cookiecutter(room)), 4, 16),
        }
        ways["plain Jinja"] = (partial(_drawn, room, (sys.executable, JINJA, room / PROJECT)), 60, 180)
        found: dict[str, list[float]] = {way: [] for way in ways}
        for _ in range(rounds):
            for way, (make, few, many) in ways.items():
                (small, files), (large, more) = make(few), make(many)
                found[way].append((large.cpu - small.cpu) / (more - files) * 1000)
    ours = found["cn-new"]
    return [
        (
            f"one additional file, {way}",
            f"{spread(costs, '.3f')} ms CPU",
            "0.10 ms" if costs is ours else "",
            "" if costs is ours else f"{spread(ratios(costs, ours), '.1f')} times cn-new",
        )
        for way, costs in found.items()
    ]


def _ours(room: Path, count: int) -> tuple[Cost, int]:
    return _made(room, cn_new, system(count))


def _copier(room: Path, source: Path, count: int) -> tuple[Cost, int]:
    def copy(answers: Path, into: Path) -> Cost:
        words = ("copy", "--defaults", "--quiet", "--data-file", str(answers), str(source), str(into))
        return cost(sys.executable, "-m", "copier", *words)

    return _made(room, copy, dump(resolve(load(system(count))).answers()).encode())


def _made(room: Path, make: Callable[[Path, Path], Cost], data: bytes) -> tuple[Cost, int]:
    given, into = room / "given.yaml", room / "made"
    given.write_bytes(data)
    try:
        return make(given, into), files_in(into)
    finally:
        rmtree(into, ignore_errors=True)


def _cookiecutter(room: Path) -> tuple[str | Path, ...]:
    """Install it, and make a template of one of our services for it; return what draws that."""
    environment, template = room / "environment", room / "cookiecutter"
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    install = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", COOKIECUTTER)
    subprocess.run([environment / "bin/python", *install], check=True)
    rendered = render(open_template(), resolve(load(system(2))).answers())
    for path, file in rendered.items():
        if path.startswith("services/s0001/"):
            target = room / PROJECT / path.removeprefix("services/s0001/")
            target.parent.mkdir(parents=True, exist_ok=True)
            marked = any(mark in file.data for mark in (b"{{", b"{%", b"{#"))
            target.write_bytes(
                file.data if marked else file.data.replace(b"s0001", b"{{ cookiecutter.name }}")
            )
    (template / "cookiecutter.json").write_text(json.dumps({"name": "a", "_copy_without_render": ["*.mako"]}))
    code = (
        "import sys; from cookiecutter.main import cookiecutter\n"
        "for number in range(int(sys.argv[3])):\n"
        "    name = f's{number:04}'\n"
        "    cookiecutter(sys.argv[1], no_input=True, output_dir=sys.argv[2], extra_context={'name': name})"
    )
    return environment / "bin/python", code, template


def _drawn(room: Path, program: tuple[str | Path, ...], count: int) -> tuple[Cost, int]:
    """Run code that draws a template for so many services."""
    into, (python, code, template) = room / "drawn", program
    try:
        return cost(str(python), "-c", str(code), str(template), str(into), str(count)), files_in(into)
    finally:
        rmtree(into, ignore_errors=True)


def steps(rounds: int) -> str:
    """Return the steps that take the time that one additional file costs."""
    found: dict[str, dict[int, float]] = {}
    counts = (60, 180)
    files = dict.fromkeys(counts, 0)
    with scratch() as room:
        for turn in range(rounds):
            for count in counts:
                timed, files[count] = _stepped(count, room / f"{turn}-{count}")
                for step, seconds in timed.items():
                    known = found.setdefault(step, {})
                    known[count] = min(known.get(count, seconds), seconds)
    few, many = counts
    costs = {
        step: (times[many] - times[few]) / (files[many] - files[few]) * 1000 for step, times in found.items()
    }
    rows = [(step, f"{ms:.4f}") for step, ms in {**costs, "together": sum(costs.values())}.items()]
    return markdown(("step", "CPU of one additional file, ms"), rows)


def _stepped(count: int, into: Path) -> tuple[dict[str, float], int]:
    times: dict[str, float] = {}
    began = time.process_time()

    def done(step: str) -> None:
        nonlocal began
        times[step] = time.process_time() - began
        began = time.process_time()

    data, template = system(count), open_template()
    began = time.process_time()
    context = resolve(load(data, "cn.yaml", template.runtimes))
    answers = context.answers()
    done("read, check and resolve the spec")
    tree: Tree = {**render(template, answers), "cn.yaml": File(REGULAR, data)}
    done("render")
    tree = {**tree, **lock_files(tree, template, answers)}
    done("pack what was rendered, for later updates")
    _plainly(into.with_name(into.name + "-plain"), tree)
    compared = "(write the same files plainly, for comparison)"
    done(compared)
    writer.create(into, tree)
    done("write, so that a kill leaves all or nothing")
    del times[compared]
    rmtree(into)
    return times, len(tree)


def _plainly(folder: Path, tree: Tree) -> None:
    for path, file in tree.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.data)
    rmtree(folder)


def doubling(rounds: int) -> list[Row]:
    """Say how much longer twice as many services take."""
    counts = (100, 200, 400)
    found: dict[int, list[Cost]] = {count: [] for count in counts}
    files: dict[int, int] = {}
    with scratch() as room:
        for _ in range(rounds):
            for count in counts:
                made, files[count] = _ours(room, count)
                found[count].append(made)
    rows = []
    for count in counts:
        cpu = [one.cpu for one in found[count]]
        half = [one.cpu for one in found.get(count // 2, [])]
        rows.append(
            (
                f"{count} services, {files[count]:,} files",
                f"{spread(cpu)} s CPU, {median(one.memory for one in found[count]):.0f} MB",
                "2.05 times" if half else "",
                f"{spread(ratios(cpu, half))} times {count // 2}" if half else "",
            )
        )
    return rows


def largest() -> list[Row]:
    """Make one very large system of all runtimes, once."""
    with scratch() as room:
        made, files = _made(room, cn_new, system(2800, RUNTIMES))
    measured = f"{made.wall:.1f} s ({made.cpu:.1f} s CPU), {made.memory:.0f} MB"
    return [(f"2,800 services, {files:,} files", measured, "10 s, 150 MB", "")]
