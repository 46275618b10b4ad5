"""What one more file costs, and how the cost grows with the system: beside Copier and cookiecutter."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from shutil import rmtree
from statistics import median
from tempfile import TemporaryDirectory

from generator import disk
from generator.baseline import lock_files
from generator.render import render
from generator.template import open_template
from generator.tree import REGULAR, File, Tree
from generator.yamltext import dump
from pulumi_stacks.context import resolve
from pulumi_stacks.load import load
from tests.bench.child import Cost, cn_new, cost
from tests.bench.table import markdown, spread
from tests.parity.oracle import copy_template

COOKIECUTTER = "cookiecutter==2.7.1"
MEMORY_DISK = Path("/dev/shm")
RUNTIME = next(iter(open_template().runtimes))


def system(count: int) -> bytes:
    """Return a system: half of the services have a database, two thirds call another, each has a route."""
    lines = ["name: big", "description: A large system", "owner: '@acme/big'", "ci: github", "services:"]
    for number in range(count):
        lines += [f"  s{number:04}:", f"    runtime: {RUNTIME}", f"    route: /s{number:04}"]
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


def marginal(rounds: int) -> str:
    """Say what one more file costs each of three tools, as the difference between two sizes."""
    with scratch() as room:
        source = room / "template"
        source.mkdir()
        copy_template(source)
        ways: dict[str, tuple[Callable[[int], tuple[Cost, int]], int, int]] = {
            "cn-new": (partial(_ours, room), 60, 180),
            "Copier": (partial(_copier, room, source), 2, 8),
            "cookiecutter": (_cookiecutter(room), 4, 16),
        }
        found: dict[str, list[float]] = {way: [] for way in ways}
        for _ in range(rounds):
            for way, (make, few, many) in ways.items():
                (small, files), (large, more) = make(few), make(many)
                found[way].append((large.cpu - small.cpu) / (more - files) * 1000)
    ours = found["cn-new"]
    rows = [
        (
            way,
            spread(costs, ".3f"),
            spread([cost / mine for cost, mine in zip(costs, ours, strict=True)], ".0f"),
        )
        for way, costs in found.items()
    ]
    return markdown(("one more file", "CPU, ms (goal 0.10)", "times ours"), rows)


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


def _cookiecutter(room: Path) -> Callable[[int], tuple[Cost, int]]:
    """Install it, and make a template of one of our services for it, which it draws once for each."""
    environment, template = room / "environment", room / "cookiecutter"
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    install = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", COOKIECUTTER)
    subprocess.run([environment / "bin/python", *install], check=True)
    rendered = render(open_template(), resolve(load(system(2))).answers())
    for path, file in rendered.items():
        if path.startswith("services/s0001/"):
            target = template / "{{ cookiecutter.name }}" / path.removeprefix("services/s0001/")
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

    def make(count: int) -> tuple[Cost, int]:
        into = room / "cut"
        words = (str(environment / "bin/python"), "-c", code, str(template), str(into), str(count))
        try:
            return cost(*words), files_in(into)
        finally:
            rmtree(into, ignore_errors=True)

    return make


def steps(rounds: int) -> str:
    """Say in which step the time goes that one more file costs."""
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
    return markdown(("step", "CPU of one more file, ms"), rows)


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
    done("(write the same files plainly, for comparison)")
    disk.create(into, tree)
    done("write, so that a kill leaves all or nothing")
    plain = times.pop("(write the same files plainly, for comparison)")
    del plain
    rmtree(into)
    return times, len(tree)


def _plainly(folder: Path, tree: Tree) -> None:
    for path, file in tree.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.data)
    rmtree(folder)


def doubling(rounds: int) -> str:
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
    for index, count in enumerate(counts):
        cpu = [one.cpu for one in found[count]]
        before = [one.cpu for one in found[counts[index - 1]]] if index else []
        ratio = spread([now / then for now, then in zip(cpu, before, strict=True)]) if before else "-"
        memory = f"{median(one.memory for one in found[count]):.0f}"
        rows.append((str(count), str(files[count]), spread(cpu), memory, ratio))
    return markdown(("services", "files", "CPU, s", "MB", "t(2N)/t(N) (goal 2.05)"), rows)


def largest() -> str:
    """Make one very large system, once."""
    with scratch() as room:
        made, files = _ours(room, 2800)
    row = ("2800", str(files), f"{made.wall:.1f}", f"{made.cpu:.1f}", f"{made.memory:.0f}")
    return markdown(("services", "files", "s (goal 10)", "CPU, s", "MB (goal 150)"), [row])
