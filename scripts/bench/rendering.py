"""The second example, rendered by cn-new and by Copier."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory

from copier import run_copy

from generator.rendering.renderer import render
from generator.rendering.template import open_template
from generator.rendering.yaml_text import dump
from pulumi_stacks.system import load, resolve
from scripts.bench.table import markdown, ratios, spread
from tests.parity.oracle import copy_template

ROOT = Path(__file__).resolve().parents[2]
SPEC = ROOT / "examples" / "02-shop" / "cn.yaml"
CN_NEW = "import sys; from generator.main import main_new; sys.exit(main_new())"


def table(rounds: int) -> str:
    """Render in turns, and say how long each way took."""
    with TemporaryDirectory() as scratch, TemporaryDirectory() as source:
        copy_template(Path(source))
        made, answers = Path(scratch, "shop"), Path(scratch, "answers.yml")
        context = resolve(load(SPEC.read_bytes())).answers()
        answers.write_text(dump(context), encoding="utf-8")
        ours = ("shop", "--spec", str(SPEC), "--into", str(made), "--no-git", "--quiet")
        theirs = ("copy", "--defaults", "--quiet", "--data-file", str(answers), source, str(made))
        ways: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
            "as a command": (
                lambda: _command("-c", CN_NEW, *ours),
                lambda: _command("-m", "copier", *theirs),
            ),
            "as a function": (
                lambda: render(open_template(), context),
                lambda: run_copy(source, made, data=context, defaults=True, quiet=True),
            ),
        }
        rows = [(way, *_compare(pair, made, rounds)) for way, pair in ways.items()]
    return markdown(("examples/02-shop", "cn-new, s", "Copier, s", "times as fast"), rows)


def _compare(pair: Iterable[Callable[[], object]], made: Path, rounds: int) -> tuple[str, str, str]:
    seconds: list[list[float]] = [[], []]
    for _ in range(rounds):
        for make, took in zip(pair, seconds, strict=True):
            rmtree(made, ignore_errors=True)
            began = time.perf_counter()
            make()
            took.append(time.perf_counter() - began)
    ours, theirs = seconds
    return spread(ours), spread(theirs), spread(ratios(theirs, ours), ".1f")


def _command(*words: str) -> None:
    subprocess.run((sys.executable, *words), cwd=ROOT, check=True, capture_output=True)
