"""A service's folder: what its Dockerfile, Makefile, README and locks have in common in every language."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.contract.conftest import SERVICES

STORED = {"full", "stored"}


@pytest.mark.promise("dockerfile")
@pytest.mark.parametrize("name", SERVICES)
def test_its_dockerfile_builds_behind_a_mirror_and_from_a_cache(folder: Path, name: str) -> None:
    text = (folder / name / "Dockerfile").read_text(encoding="utf-8")
    assert not re.search(r"^#\s*syntax=", text, re.MULTILINE)
    stages = re.findall(r"^FROM (\S+)(?: AS (\S+))?$", text, re.MULTILINE)
    own = {stage for _, stage in stages}
    foreign = [base for base, _ in stages if base not in own]
    assert foreign
    for base in foreign:
        argument = base.removeprefix("${").removesuffix("}")
        assert base == f"${{{argument}}}"
        assert re.search(rf"^ARG {argument}=\S", text, re.MULTILINE)
    assert "--mount=type=cache" in text


@pytest.mark.promise("make")
@pytest.mark.parametrize("name", SERVICES)
def test_its_makefile_has_the_targets_of_every_service(folder: Path, name: str) -> None:
    listed = subprocess.run(("make", "help"), cwd=folder / name, capture_output=True, text=True, check=True)
    targets = set(re.findall(r"^make ([a-z]+)", listed.stdout, re.MULTILINE))
    assert targets >= {"run", "test", "lint", "image"}
    assert ("migrate" in targets) == (name in STORED)


@pytest.mark.promise("readme")
@pytest.mark.parametrize("name", SERVICES)
def test_its_readme_names_all_that_it_reads_and_serves(folder: Path, name: str) -> None:
    readme = (folder / name / "README.md").read_text(encoding="utf-8")
    variables = {
        "PORT",
        "SERVICE_NAME",
        "SERVICE_VERSION",
        "LOG_LEVEL",
        "DRAIN_SECONDS",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
    }
    if name in STORED:
        variables |= {"DATABASE_URL", "DATABASE_URL_FILE"}
    if name in {"full", "calling"}:
        variables.add("PLAIN_URL")
    assert [one for one in sorted(variables) if f"`{one}`" not in readme] == []
    paths = json.loads((folder / name / "openapi.json").read_text(encoding="utf-8"))["paths"]
    named = {re.sub(r"\{\w+\}", "{}", path) for path in re.findall(r"`[A-Z]+ (/[^`?]*)", readme)}
    assert {re.sub(r"\{\w+\}", "{}", path) for path in paths} - named == set()


@pytest.mark.promise("locked")
def test_its_locks_hold_a_hash_for_every_package(folder: Path) -> None:
    locks = [path for pattern in ("requirements*.txt", "package-lock.json") for path in folder.rglob(pattern)]
    for path in locks:
        text = path.read_text(encoding="utf-8")
        hashed = re.findall(r"^\S+==\S+.*\\\n +--hash=sha256:|\"integrity\": \"sha512-", text, re.MULTILINE)
        packages = re.findall(r"^\S+==|\"node_modules/", text, re.MULTILINE)
        assert len(hashed) == len(packages) > 0, path
