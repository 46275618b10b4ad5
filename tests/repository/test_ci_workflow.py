"""The GitHub workflow and the Renovate configuration: what their linters say, what they promise."""

import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml

from tests.repository.ci_repository import SPEC, make, rendered

WORKFLOW = ".github/workflows/ci.yml"
PIN = re.compile(r"^[\w.-]+/[\w./-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+$")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make(tmp_path / "pair", "hello", "world").folder


def text() -> str:
    return rendered()[WORKFLOW].data.decode()


def workflow() -> dict[str, Any]:
    # YAML 1.1 reads the key `on` as true.
    found: dict[Any, Any] = yaml.safe_load(text())
    return {"on" if key is True else key: value for key, value in found.items()}


def check(folder: Path, *words: str) -> None:
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("ci", ["github", "gitlab", "none"])
def test_only_a_system_on_github_has_the_workflow(ci: str) -> None:
    spec = SPEC.replace(b"ci: github", f"ci: {ci}".encode())
    found = [path for path in rendered(spec) if path.startswith(".github/")]
    assert found == ([WORKFLOW] if ci == "github" else [])


def test_every_byte_of_ci_is_the_same_for_any_number_of_services() -> None:
    many = b"name: pair\nci: github\nregistry: registry.example.com/team\nservices:\n" + b"".join(
        b"  s%d: {runtime: python}\n" % number for number in range(200)
    )
    shared = [path for path in rendered() if path.startswith((".github/", "ci/"))] + [
        "renovate.json",
        "Makefile",
    ]
    assert [path for path in shared if rendered()[path] != rendered(many)[path]] == []


def test_zizmor_finds_nothing(folder: Path, require: Callable[..., None]) -> None:
    require("zizmor")
    check(folder, "zizmor", "--offline", "--no-config", "--persona=auditor", WORKFLOW)


def test_actionlint_finds_nothing(folder: Path, require: Callable[..., None]) -> None:
    require("actionlint", "shellcheck")
    check(folder, "actionlint", WORKFLOW)


@pytest.mark.parametrize(
    ("path", "schema"), [(WORKFLOW, "vendor.github-workflows"), ("renovate.json", "vendor.renovate")]
)
def test_it_keeps_its_schema(folder: Path, path: str, schema: str, require: Callable[..., None]) -> None:
    require("check-jsonschema")
    (folder / path).write_bytes(rendered()[path].data)
    check(folder, "check-jsonschema", "--builtin-schema", schema, path)


def test_every_action_is_pinned_by_a_commit_with_its_version() -> None:
    used = re.findall(r"uses: (.*)", text())
    assert used
    assert [line for line in used if not PIN.match(line)] == []


def test_jobs_get_only_what_they_need() -> None:
    found = workflow()
    assert found["permissions"] == {}
    for name, job in found["jobs"].items():
        assert job["permissions"] in ({}, {"contents": "read"}), name
        assert job["timeout-minutes"] <= 60, name
        for step in job["steps"]:
            assert "${{" not in step.get("run", ""), name
            if "checkout" in step.get("uses", ""):
                assert step["with"]["persist-credentials"] is False, name


def test_the_gate_waits_for_every_job() -> None:
    jobs = workflow()["jobs"]
    assert sorted(jobs["ci-ok"]["needs"]) == sorted(set(jobs) - {"ci-ok"})
    assert jobs["ci-ok"]["if"] == "always()"


@pytest.mark.parametrize(
    ("results", "passes"),
    [
        ("success success success", True),
        ("success success skipped", True),
        ("failure success success", False),
        ("success failure skipped", False),
        ("success success failure", False),
        ("success success cancelled", False),
    ],
)
def test_the_gate_is_red_when_a_job_failed_or_was_cancelled(results: str, passes: bool) -> None:
    (step,) = workflow()["jobs"]["ci-ok"]["steps"]
    words = ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"])
    done = subprocess.run(words, env={**os.environ, "RESULTS": results}, capture_output=True, check=False)
    assert (done.returncode == 0) == passes


def test_pushes_never_cancel_or_replace_each_other() -> None:
    group = workflow()["concurrency"]
    assert "github.run_id" in group["group"]
    assert group["cancel-in-progress"] == "${{ github.event_name == 'pull_request' }}"


def test_renovate_can_lock_again_as_the_head_of_a_lock_says() -> None:
    """Renovate repeats the command in the second line, and refuses one with options that it does not know."""
    known = {"--universal", "--generate-hashes", "--group", "--output-file"}
    locks = {
        path: file for path, file in rendered().items() if re.match(r"services/.*/requirements.*\.txt$", path)
    }
    assert len(locks) == 4
    for path, file in locks.items():
        words = file.data.decode().splitlines()[1].removeprefix("#    ").split()
        assert words[:3] + words[-1:] == ["uv", "pip", "compile", "pyproject.toml"], path
        assert {word.partition("=")[0] for word in words[3:-1]} <= known, path
        assert f"--output-file={path.rpartition('/')[2]}" in words


def test_renovate_waits_and_leaves_alone_what_has_another_owner() -> None:
    """The schema lets unknown words pass, so that a slip would only be seen as a missing update."""
    found = json.loads(rendered()["renovate.json"].data)
    assert set(found) - {"$schema", "description", "extends", "packageRules"} == {
        *("minimumReleaseAge", "minimumReleaseAgeBehaviour"),
        *("docker-compose", "pep621", "pip_requirements", "pip-compile"),
    }
    matches = {"matchFileNames", "matchUpdateTypes", "matchDatasources", "matchManagers"}
    assert {word for rule in found["packageRules"] for word in rule} == {*matches, "groupName"}
    (pattern,) = found["pip-compile"]["managerFilePatterns"]
    locks = [path for path in rendered() if PurePosixPath(path).match("requirements*.txt")]
    assert [path for path in locks if not PurePosixPath(path).match(pattern)] == ["infra/requirements.txt"]
