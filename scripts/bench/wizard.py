"""Time until the wizard shows the next question: from the key to the output, on a terminal."""

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from scripts.bench.table import Row, spread
from tests.wizard.terminal import DOWN, END, ENTER, ESCAPE, PATIENCE, Terminal

GOAL = 50
# What is typed, and what the next screen shows and the one before does not.
STEPS = (
    ("start to name", ENTER, "Name of the system"),
    ("name to menu", ENTER, "in the folder"),
    ("menu to service", ENTER, "Duplicate"),
    ("service to field", ENTER, "Name of the service"),
    ("field: a key is validated", "-", "is not a name"),
    ("Esc: field to service", ESCAPE, "Duplicate"),
    ("Esc: service to menu", ESCAPE, "in the folder"),
    ("menu to new service", DOWN * 3 + ENTER, "Name of the service"),
    ("new service: to runtime", ENTER, "Own Dockerfile"),
    ("new service: to database", ENTER, "other services have no access"),
    ("new service: to route", ENTER, "Public path"),
    ("new service: to calls", ENTER, "Services that it calls"),
    ("new service: to menu", ENTER, "in the folder"),
    ("menu to preview (renders all)", END + ENTER, "Write the files"),
)


def questions(rounds: int) -> list[Row]:
    """Walk through the questions in each round, and say how long each took to come."""
    walks = [_walk() for _ in range(rounds)]
    return [
        (f"wizard, {STEPS[index][0]}", f"{spread(taken, '.0f')} ms", f"{GOAL} ms", "")
        for index, taken in enumerate(zip(*walks, strict=True))
    ]


def _walk() -> list[float]:
    with TemporaryDirectory() as folder:
        terminal = Terminal(Path(folder))
        terminal.wait("Start from")
        terminal.point("shop")
        taken = [_milliseconds(terminal, keys, shown.encode()) for _, keys, shown in STEPS]
        terminal.type("\x03")
        terminal.ends()
    return taken


def _milliseconds(terminal: Terminal, keys: str, shown: bytes) -> float:
    """Type keys and wait for bytes, then for silence; to draw the screen would take longer."""
    printed, began = b"", time.perf_counter()
    terminal.type(keys)
    while shown not in printed:
        printed += terminal.child.read_nonblocking(65536, timeout=PATIENCE)
    took = time.perf_counter() - began
    time.sleep(0.1)
    terminal.read()
    return took * 1000
