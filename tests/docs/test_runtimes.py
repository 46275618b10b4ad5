"""docs/runtimes.md shows every runtime and every promise, as a whole run without a fault recorded them."""

import pytest

from generator.rendering.template import open_template
from tests.contract.promises import promises
from tests.contract.record import Recorder, read

RUNTIMES = {name for name, entry in open_template().runtimes.items() if entry["contract"]}
FIGURES = {
    "GET /items/1 against bare",
    "GET /items?limit=20 against bare",
    "SIGTERM to end without drain, s",
    "build after one changed line, s",
    "cold build, s",
    "idle, MiB",
    "start to ready, s",
}


def test_every_runtime_is_recorded_with_every_promise() -> None:
    assert {name: sorted(promises().keys() - found["promises"]) for name, found in read().items()} == {
        name: [] for name in RUNTIMES
    }


def test_every_runtime_is_recorded_with_every_figure() -> None:
    for found in read().values():
        assert found["figures"].keys() == FIGURES
        assert found["image"].keys() == {"whole", "over its base"}


def test_the_recorded_image_is_within_its_budget() -> None:
    for name, found in read().items():
        budget = float(promises()["image-size"].figures[name].removesuffix(" MB"))
        assert found["image"]["over its base"] <= budget


def test_a_run_with_a_fault_is_not_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[tuple[object, ...]] = []
    monkeypatch.setattr("tests.contract.record.write", lambda *values: written.append(values))
    recorder = Recorder()
    recorder._passed["good"]["alive"] += 1
    recorder._passed["bad"]["alive"] += 1
    recorder._faults["bad"] += 1
    recorder.pytest_sessionfinish()
    assert {runtime for runtime, *_ in written} == {"good"}
