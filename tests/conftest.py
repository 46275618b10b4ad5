"""What all tests share: `require`, the options, and which folders need more than Python.

With CN_REQUIRE_ALL=1 a missing tool, and any other skip, is a failure.
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Generator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.examples import examples

ROOT = Path(__file__).resolve().parent.parent
QUICK = "not engine and not slow"
ENGINE_FOLDERS = {"browser", "cluster", "contract", "generated", "e2e"}
# Asked whether they answer; of any other tool it is enough that it is there.
PROBES = {
    "docker": ("docker", "version", "--format", "{{.Server.Version}}"),
    "pulumi": ("pulumi", "version"),
    "kubectl": ("kubectl", "get", "--raw=/readyz", "--request-timeout=10s"),
}

# A script in the background ignores Ctrl-C, one under nohup the end of its terminal; so would all tests.
signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP"):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

# `make test` tells each make below it its depth and its variables; a reader's make has none above it.
for variable in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS"):
    os.environ.pop(variable, None)

# A crowded machine is slow at times; that is not an error of the tested code.
settings.register_profile(
    "steady", max_examples=examples(100), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("steady")


def _strict() -> bool:
    return os.environ.get("CN_REQUIRE_ALL") == "1"


@cache
def missing(tool: str) -> str:
    """Say why `tool` cannot be used, or return an empty string."""
    if shutil.which(tool) is None:
        return f"{tool} is not installed"
    if tool not in PROBES:
        return ""
    try:
        done = subprocess.run(PROBES[tool], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{tool} does not answer: {error}"
    return "" if done.returncode == 0 else f"{tool} does not answer: {done.stderr.strip()[-200:]}"


def require(*tools: str) -> None:
    """Skip the test unless every tool is usable; with CN_REQUIRE_ALL=1, fail it."""
    __tracebackhide__ = True
    reasons = [reason for reason in map(missing, tools) if reason]
    if not reasons:
        return
    if _strict():
        pytest.fail("; ".join(reasons), pytrace=False)
    pytest.skip("; ".join(reasons))


@pytest.fixture(name="require", scope="session")
def _require() -> Callable[..., None]:
    return require


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="update the expected trees")
    parser.addoption("--record", action="store_true", help="write docs/runtimes.json (tests/contract)")


@pytest.fixture(scope="session")
def update_golden(pytestconfig: pytest.Config) -> bool:
    return bool(pytestconfig.getoption("--update-golden"))


def pytest_configure(config: pytest.Config) -> None:
    """Keep a bare `pytest` quick; naming a folder, a file or `-m` runs what it names."""
    if config.args_source is not pytest.Config.ArgsSource.ARGS and not config.option.markexpr:
        config.option.markexpr = QUICK


def pytest_itemcollected(item: pytest.Item) -> None:
    if item.path.is_relative_to(ROOT / "tests"):
        folder = item.path.relative_to(ROOT / "tests").parts[0]
        if folder in ENGINE_FOLDERS:
            item.add_marker("engine")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let all workers of one run agree on the order, also where parameters come from a concurrent program."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: item.nodeid)


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if _strict() and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"CN_REQUIRE_ALL=1 allows no skip: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _refuse_skip(report)
    return report
