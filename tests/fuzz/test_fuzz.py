import json
import subprocess
import sys
from itertools import islice
from pathlib import Path

from tests.fuzz.judge import corpus
from tests.fuzz.mutate import mutants

ROOT = Path(__file__).resolve().parents[2]


def test_two_hundred_changed_specs_are_refused_or_can_be_made() -> None:
    command = [sys.executable, "-m", "tests.fuzz", "--count", "200", "--jobs", "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["refused"] + found["taken"] == 200
    assert found["taken"] > 10, "changes that leave most specs good or bad show little"
    assert found["megabytes"] < 300


def test_one_seed_gives_one_sequence() -> None:
    one, again, other = (list(islice(mutants(corpus(), seed), 30)) for seed in (1, 1, 2))
    assert one == again
    assert one != other
    assert len(set(one)) > 25
