"""What was seen of each runtime, for docs/runtimes.md: tests passed by promise, and figures."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

RECORD = Path(__file__).resolve().parents[2] / "docs" / "runtimes.json"
Record = dict[str, dict[str, Any]]


def read() -> Record:
    """Return what is recorded, by runtime: `promises`, and figures under the name of what they are."""
    found: Record = json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {}
    return found


def write(runtime: str, part: str, values: Mapping[str, Any]) -> None:
    """Replace one part of what is recorded of a runtime."""
    record = read()
    record[runtime] = {**record.get(runtime, {}), part: dict(values)}
    RECORD.write_text(json.dumps(record, indent=2, sort_keys=True) + "\n", encoding="utf-8")


class Recorder:
    """Counts the tests that passed, by runtime and promise; keeps nothing of a run with a fault."""

    def __init__(self) -> None:
        self._passed: dict[str, Counter[str]] = defaultdict(Counter)
        self._faults: dict[str, int] = defaultdict(int)
        self._figures: dict[str, dict[str, Any]] = defaultdict(dict)
        self._names: dict[str, tuple[str, tuple[str, ...]]] = {}

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        if config.option.keyword or config.option.markexpr:
            raise pytest.UsageError("--record: records whole runs only; leave out -k and -m")
        for item in items:
            runtime = _runtime(item)
            if runtime:
                rows = tuple(row for mark in item.iter_markers("promise") for row in mark.args)
                self._names[item.nodeid] = (runtime, rows)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.nodeid not in self._names:
            return
        runtime, rows = self._names[report.nodeid]
        if not report.passed:
            self._faults[runtime] += 1
        elif report.when == "call":
            self._passed[runtime].update(rows)
            self._figures[runtime].update(report.user_properties)

    def pytest_sessionfinish(self) -> None:
        for runtime, passed in self._passed.items():
            if not self._faults[runtime]:
                write(runtime, "promises", passed)
                write(runtime, "image", self._figures[runtime])

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for line in _summary(self._passed, self._faults):
            terminalreporter.write_line(line)


def _runtime(item: pytest.Item) -> str:
    call = getattr(item, "callspec", None)
    return str(call.params.get("runtime", "")) if call else ""


def _summary(passed: Mapping[str, Counter[str]], faults: Mapping[str, int]) -> Iterable[str]:
    for runtime, rows in passed.items():
        bad = faults[runtime]
        yield f"{runtime}: {len(rows)} promises " + (f"NOT recorded, {bad} faults" if bad else "recorded")
