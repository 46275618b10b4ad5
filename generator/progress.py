"""A progress line on a terminal; it appears after a second and is erased at the end."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

# Takes the number of finished items, and the total if it is known.
Count = Callable[[int, int | None], None]

_DELAY = 1.0
_INTERVAL = 0.1


def no_count(_done: int, _total: int | None) -> None:
    """Count nothing."""


class Progress:
    """The progress of work. Counting only assigns; a separate thread prints the line."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream
        self._lock = threading.Lock()
        self._printed = False
        self._work, self._began = "", 0.0
        self._done = 0
        self._total: int | None = None

    def counter(self, work: str) -> Count:
        """Begin a step and return its counter. The delay counts from the first step."""
        if not self._work:
            self._began = time.monotonic()
        self._work, self._done, self._total = work, 0, None
        return self._count

    def _count(self, done: int, total: int | None) -> None:
        self._done, self._total = done, total

    def hide(self) -> None:
        """Erase the line, and print no more until the next step."""
        with self._lock:
            self._work = ""
            if self._printed:
                self._write("\r\x1b[K")
            self._printed = False

    def refresh(self) -> None:
        """Print the line if the work has taken longer than the delay."""
        with self._lock:
            if self._work and time.monotonic() - self._began >= _DELAY:
                self._write(f"\r{self.line(shutil.get_terminal_size().columns)}\x1b[K")
                self._printed = True

    def line(self, columns: int) -> str:
        """Return the line for so many columns, with a bar if the total is known and there is room."""
        work, done, total = self._work, self._done, self._total
        if not done:
            return work[: columns - 1]
        if not total:
            return f"{work}: {done}"[: columns - 1]
        text = f"{work}: {done} of {total}"
        room = min(30, columns - len(text) - 4)
        filled = done * room // total
        bar = f"  {'#' * filled}{'.' * (room - filled)}" if room >= 10 else ""
        return (text + bar)[: columns - 1]

    def _write(self, text: str) -> None:
        if self._stream is not None:
            with suppress(OSError):  # the terminal may be closed
                self._stream.write(text)
                self._stream.flush()


@contextmanager
def progress_line(stream: TextIO | None) -> Iterator[Progress]:
    """Yield a Progress; it is printed only if the stream is a terminal."""
    if stream is None or not stream.isatty() or os.environ.get("TERM", "dumb") == "dumb":
        yield Progress()
        return
    progress = Progress(stream)
    ended = threading.Event()
    thread = threading.Thread(target=_watch, args=(progress, ended), daemon=True)
    thread.start()
    try:
        yield progress
    finally:
        ended.set()
        thread.join()
        progress.hide()


def _watch(progress: Progress, ended: threading.Event) -> None:
    while not ended.wait(_INTERVAL):
        progress.refresh()
