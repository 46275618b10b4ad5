"""Figures that a run notes, and shows at its end."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

FIGURES: dict[str, str] = {}


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Note wall and CPU seconds of what runs inside, children included, for the report at the end."""
    began, before = time.monotonic(), os.times()
    yield
    wall, after = time.monotonic() - began, os.times()
    cpu = sum(after[:4]) - sum(before[:4])
    FIGURES[what] = f"{wall:6.1f} s wall {cpu:6.1f} s CPU"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show them; a folder's conftest.py imports this."""
    if FIGURES:
        terminalreporter.section("figures")
        for what, figure in FIGURES.items():
            terminalreporter.write_line(f"{what:<40} {figure}")
