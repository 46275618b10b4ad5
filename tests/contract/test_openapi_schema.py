"""Requests made up from the service's own description find unexpected errors."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.contract.conftest import Bench
from tests.contract.engine import Container, until

CASES = 500
# Random and stateful cases per operation; with those that follow from the schema's borders more than CASES.
EXAMPLES = 60


def explore(container: Container, folder: Path) -> dict[str, Any]:
    """Let schemathesis ask the service whatever its description allows or forbids, and return its report."""
    report = folder / "report.json"
    done = subprocess.run(
        (
            *(sys.executable, "-m", "schemathesis.cli", "--no-color", "run"),
            *("--seed=1", "--checks=all", "--continue-on-failure", f"--max-examples={EXAMPLES}"),
            # Slow responses on a busy machine are not an error.
            *("--suppress-health-check=all", "--request-timeout=20", "--generation-database=none"),
            *("--report=json", f"--report-json-path={report}"),
            f"http://127.0.0.1:{container.port}/openapi.json",
        ),
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-8000:]
    found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    return found


@pytest.mark.promise("described-truly", "wrong-requests")
def test_made_up_requests_find_no_fault(bench: Bench, tmp_path: Path) -> None:
    address = bench.database()
    bench.migrate(address)
    container = bench.start(DATABASE_URL=address)
    until(30, "it is ready", lambda: container.get("/readyz").status == 200)
    report = explore(container, tmp_path)
    operations = [
        operation for path in container.get("/openapi.json").json()["paths"].values() for operation in path
    ]
    assert report["operations"]["tested"] == len(operations)
    assert report["test_cases"]["generated"] >= CASES
    # Else the cases would be many, but none of them would get past validation.
    phases = {phase: found["status"] for phase, found in report["phases"].items()}
    assert phases == {"examples": "skip", "coverage": "success", "fuzzing": "success", "stateful": "success"}
    assert [line for line in container.lines() if json.loads(line)["level"] == "error"] == []
