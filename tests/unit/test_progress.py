"""The progress line on a terminal."""

import io
import time

import pytest

from generator import progress
from generator.progress import Progress, progress_line


class TerminalText(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def terminal(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(progress, "_INTERVAL", 0.001)


def work(stream: io.StringIO | None, until: str = "") -> None:
    with progress_line(stream) as found:
        count = found.counter("writing files")
        ends = time.monotonic() + 20
        count(300, 400)
        while until and stream and until not in stream.getvalue() and time.monotonic() < ends:
            time.sleep(0.001)


def test_long_work_is_shown_on_a_terminal_and_erased(monkeypatch):
    monkeypatch.setattr(progress, "_DELAY", 0)
    stream = TerminalText()
    work(stream, until="300 of 400")
    assert "\rwriting files: 300 of 400  ######################........\x1b[K" in stream.getvalue()
    assert stream.getvalue().endswith("\r\x1b[K")


def test_short_work_is_not_shown():
    stream = TerminalText()
    work(stream)
    assert stream.getvalue() == ""


@pytest.mark.parametrize("place", ["no terminal", "dumb", "quiet"])
def test_where_a_line_cannot_go_away_again_there_is_invalid(monkeypatch, place):
    monkeypatch.setattr(progress, "_DELAY", 0)
    monkeypatch.setenv("TERM", "dumb" if place == "dumb" else "xterm")
    stream = io.StringIO() if place == "no terminal" else TerminalText()
    with progress_line(None if place == "quiet" else stream) as found:
        found.counter("writing files")(1, 2)
        found.refresh()
    assert stream.getvalue() == ""


def test_a_hidden_line_is_erased_at_once_and_its_delay_restarts(monkeypatch):
    monkeypatch.setattr(progress, "_DELAY", 0)
    stream = TerminalText()
    found = Progress(stream)
    found.counter("rendering files")(7, None)
    found.refresh()
    found.hide()
    assert stream.getvalue() == "\rrendering files: 7\x1b[K\r\x1b[K"
    found.refresh()
    monkeypatch.setattr(progress, "_DELAY", 60)
    found.counter("writing files")(1, 2)
    found.refresh()
    assert stream.getvalue().endswith("\r\x1b[K")
    assert "writing" not in stream.getvalue()


@pytest.mark.parametrize("columns", [1, 10, 20, 30, 45, 80, 200])
def test_the_line_fits_into_the_terminal(columns):
    found = Progress()
    found.counter("writing files")(70_000, 70_001)
    assert len(found.line(columns)) < columns


def test_a_terminal_that_goes_away_ends_no_work(monkeypatch):
    monkeypatch.setattr(progress, "_DELAY", 0)
    stream = TerminalText()
    monkeypatch.setattr(stream, "flush", lambda: (_ for _ in ()).throw(OSError))
    work(stream, until="300")
