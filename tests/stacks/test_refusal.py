"""A deployment that cannot go on tells why, once, and ends by the exit code to which Pulumi adds nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pulumi
import pytest

from pulumi_stacks import refusal

ROOT = Path(__file__).parents[2]
# What Pulumi's executor does with a program, in few words.
EXECUTOR = """\
import sys
import pulumi
from pulumi_stacks import program
code = 1
try:
    program.main(sys.argv[1])
    code = 0
except pulumi.RunError as error:
    print(error)
except ZeroDivisionError:
    print("a crash")
sys.exit(code)
"""


def execute(path: str, program: str = EXECUTOR, **variables: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", program, path],
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_a_refusal_is_told_and_ends_quietly() -> None:
    assert execute("none.yaml") == (32, "none.yaml: no such file or directory\n")


def test_a_crash_stays_one() -> None:
    crashing = EXECUTOR.replace("program.main(", "1 / 0 or program.main(")
    assert execute("none.yaml", crashing) == (1, "a crash\n")


def test_with_a_file_the_reason_is_there_and_pulumi_says_where_it_will_be(tmp_path: Path) -> None:
    reasons = tmp_path / "reasons"
    told = execute("none.yaml", CN_REASONS=str(reasons))
    assert told == (32, "stopped; the reason is at the end\n")
    assert reasons.read_text() == "none.yaml: no such file or directory\n"


def test_what_several_tell_is_written_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reasons = tmp_path / "reasons"
    monkeypatch.setenv(refusal.FILE, str(reasons))
    for text in ("services.a: one\nservices.b: two", "services.a: one\nservices.b: two", "gateway: three"):
        refusal.tell(text)
        assert str(refusal.refusal(text)) == refusal.AT_THE_END
    assert reasons.read_text() == "services.a: one\nservices.b: two\ngateway: three\n"


def test_without_a_file_pulumi_has_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.delenv(refusal.FILE, raising=False)
    monkeypatch.setattr(pulumi.log, "error", said.append)
    refusal.tell("gateway: three")
    assert said == ["gateway: three"]
    assert str(refusal.refusal("gateway: three")) == "gateway: three"
