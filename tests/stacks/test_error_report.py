"""A deployment that fails reports its errors once, and exits with the code to which Pulumi adds nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pulumi
import pytest

from pulumi_stacks import error_report

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


def test_a_deployment_error_is_reported_without_a_crash() -> None:
    assert execute("none.yaml") == (32, "none.yaml: no such file or directory\n")


def test_a_crash_stays_one() -> None:
    crashing = EXECUTOR.replace("program.main(", "1 / 0 or program.main(")
    assert execute("none.yaml", crashing) == (1, "a crash\n")


def test_with_a_file_the_error_is_in_it_and_pulumi_refers_to_it(tmp_path: Path) -> None:
    reasons = tmp_path / "reasons"
    told = execute("none.yaml", CN_REASONS=str(reasons))
    assert told == (32, "deployment failed; the errors follow below\n")
    assert reasons.read_text() == "none.yaml: no such file or directory\n"


def test_an_error_that_is_reported_twice_is_written_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reasons = tmp_path / "reasons"
    monkeypatch.setenv(error_report.ERROR_FILE, str(reasons))
    for text in ("services.a: one\nservices.b: two", "services.a: one\nservices.b: two", "gateway: three"):
        error_report.report(text)
        assert str(error_report.deployment_error(text)) == error_report.ERRORS_FOLLOW
    assert reasons.read_text() == "services.a: one\nservices.b: two\ngateway: three\n"


def test_without_a_file_pulumi_reports_the_error(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.delenv(error_report.ERROR_FILE, raising=False)
    monkeypatch.setattr(pulumi.log, "error", said.append)
    error_report.report("gateway: three")
    assert said == ["gateway: three"]
    assert str(error_report.deployment_error("gateway: three")) == "gateway: three"
