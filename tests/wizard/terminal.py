"""A user at a terminal: reads the screen of a terminal emulator and types keys."""

import os
import re
import signal
import sys
import termios
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pexpect
import pyte

ROOT = Path(__file__).resolve().parents[2]
CODE = "import sys; from generator.main import main_new; sys.exit(main_new())"
ENTER, SPACE, ESCAPE, CONTROL_C, CONTROL_D = "\r", " ", "\x1b", "\x03", "\x04"
UP, DOWN, LEFT, END = "\x1b[A", "\x1b[B", "\x1b[D", "\x1b[F"
BACKSPACE, PASTE = "\x7f", "\x1b[200~{}\x1b[201~"
PATIENCE = 30  # seconds; a busy machine is slow, a broken wizard waits forever
KEPT = Path(os.environ["CN_SCREENS"]) if "CN_SCREENS" in os.environ else None


class Terminal:
    """`cn-new` on a terminal of its own. Each question is a state of the screen that is waited for."""

    def __init__(
        self, folder: Path, *words: str, columns: int = 80, rows: int = 40, **environment: str
    ) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG"))}
        usual = {"TERM": "xterm-256color", "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)}
        found = {**kept, **usual, **environment}
        self.screen = pyte.HistoryScreen(columns, rows, history=10_000, ratio=0.5)
        self.stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self._seen = -1, ""
        self.child: pexpect.spawn[bytes] = pexpect.spawn(
            sys.executable,
            ["-c", CODE, *words],
            cwd=folder,
            env={name: value for name, value in found.items() if value},
            dimensions=(rows, columns),
            timeout=PATIENCE,
        )
        self.child.delaybeforesend = None  # a screen is waited for before each key
        self.steps = 0
        self._found = self._left = self._settings()

    def read(self, seconds: float = 0.05) -> bool:
        """Take what has been printed; say whether the program is still there."""
        try:
            data = self.child.read_nonblocking(65536, timeout=seconds)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.raw += data
        self.stream.feed(data)
        return True

    @property
    def text(self) -> str:
        """Return what stands on the screen, without the blanks at line ends."""
        if self._seen[0] != len(self.raw):  # looking at a screen costs more than to draw on it
            shown = "\n".join(line.rstrip() for line in self.screen.display).strip("\n")
            self._seen = len(self.raw), shown
        return self._seen[1]

    @property
    def above(self) -> str:
        """Return what has left the screen at its top, and the screen."""
        lines = (
            "".join(line[column].data for column in range(self.screen.columns)).rstrip()
            for line in self.screen.history.top
        )
        return "\n".join([*lines, self.text])

    def wait(self, *parts: str, until: Callable[[str], bool] = lambda _text: True) -> str:
        """Wait until the screen shows all parts (patterns), and return it."""
        ends = time.monotonic() + PATIENCE
        while not (all(re.search(part, self.text, re.MULTILINE) for part in parts) and until(self.text)):
            assert self.read() or parts == (), f"it ended; wanted {parts}\n{self.above}"
            assert time.monotonic() < ends, f"{parts} did not appear\n{self.text}"
        self._keep()
        return self.text

    def type(self, keys: str) -> None:
        self.child.send(keys)

    @property
    def pointed(self) -> str | None:
        """Return the row that is pointed at; None while a list is drawn, and there is none or two."""
        rows = re.findall(r"^[\u276f>] (.*)$", self.text, re.MULTILINE)
        return rows[0] if len(rows) == 1 else None

    def point(self, row: str) -> None:
        """Move the pointer to a row, one arrow after the other."""
        self.wait(rf"^. {row}", until=lambda _text: self.pointed is not None)
        for _ in range(100):
            before = self.pointed
            if re.match(row, before or ""):
                return
            self.type(DOWN)
            self.wait(until=partial(self._has_moved, before))
        raise AssertionError(f"no row {row}\n{self.text}")

    def _has_moved(self, before: str | None, _text: str) -> bool:
        # Anything may be drawn meanwhile: only another row shows that the arrow was read.
        return self.pointed not in {None, before}

    def choose(self, row: str) -> None:
        self.point(row)
        self.type(ENTER)

    def answer(self, question: str, keys: str = "") -> None:
        """Wait for a question, replace the text, and continue."""
        self.wait(question)
        self.type(keys + ENTER)

    def begin(self, start: str = "shop", name: str = "") -> None:
        """Answer what is asked before the menu, and wait for that."""
        self.wait("Start from")
        self.choose(start)
        self.answer("Name of the system", name)
        self.wait("in the folder")

    def ends(self) -> int:
        """Wait for the end, and return the exit code, or minus the signal."""
        latest = time.monotonic() + PATIENCE
        while self.read():
            assert time.monotonic() < latest, f"it does not end\n{self.text}"
        self._keep()
        self._left = self._settings()
        self.child.close()
        return self.child.exitstatus if self.child.exitstatus is not None else -(self.child.signalstatus or 0)

    @property
    def is_restored(self) -> bool:
        """Say whether the terminal was left as it was found: its settings, its cursor, and how it pastes."""
        pasting = self.raw.rfind(b"\x1b[?2004h") > self.raw.rfind(b"\x1b[?2004l")
        return self._left == self._found and not self.screen.cursor.hidden and not pasting

    def _settings(self) -> list[int]:
        return termios.tcgetattr(self.child.child_fd)[:4]

    def signal(self, number: signal.Signals) -> None:
        assert self.child.pid
        os.kill(self.child.pid, number)

    def _keep(self) -> None:
        """Write the screen to CN_SCREENS, for people to look at."""
        if KEPT is not None:
            self.steps += 1
            name = os.environ.get("PYTEST_CURRENT_TEST", "by hand").split("::")[-1].split(" ")[0]
            KEPT.mkdir(parents=True, exist_ok=True)
            edge = "-" * self.screen.columns
            (KEPT / f"{name}.{self.steps:02}.txt").write_text(f"{edge}\n{self.text}\n{edge}\n")
