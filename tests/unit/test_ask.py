import os
import re
import sys
import time
from pathlib import Path

import pexpect
import pexpect.popen_spawn
import pytest

from pulumi_stacks.load import load

ROOT = Path(__file__).parents[2]
CLEAR = "\x15"  # Ctrl-U empties the line
ENTER, SPACE, CONTROL_C = "\r", " ", "\x03"


class Terminal:
    """A person at a terminal: waits for a question, then types."""

    def __init__(self, folder: Path, *words: str) -> None:
        code = "import sys; from generator.cli import main_new; sys.exit(main_new())"
        self.child = pexpect.spawn(
            sys.executable,
            ["-c", code, *words],
            cwd=folder,
            env={**os.environ, "TERM": "xterm", "PYTHONPATH": str(ROOT)},
            dimensions=(40, 120),
            encoding="utf-8",
            timeout=20,
        )

    def answer(self, question: str, keys: str) -> None:
        self.child.expect_exact("\x1b[6n")  # where is the cursor? A real terminal answers.
        self.child.send("\x1b[1;1R")
        self.child.expect(re.escape(question))
        self.child.expect_exact("\x1b[?7h")  # lines wrap again: the question is drawn
        self.child.send(keys)

    def ends(self) -> int | None:
        self.child.expect(pexpect.EOF)
        self.child.close()
        return self.child.exitstatus


def test_questions_and_answers_make_a_system(tmp_path):
    terminal = Terminal(tmp_path)
    terminal.answer("Name of the system", CLEAR + "shop" + ENTER)
    terminal.answer("Name of the service", CLEAR + "orders" + ENTER)
    terminal.answer("Runtime", ENTER)
    terminal.answer("Its own Postgres database?", ENTER)
    terminal.answer("Public path", ENTER)
    terminal.answer("Another service?", "y")
    terminal.answer("Name of the service", "billing" + ENTER)
    terminal.answer("Runtime", ENTER)
    terminal.answer("Its own Postgres database?", "n")
    terminal.answer("Public path", CLEAR + ENTER)
    terminal.answer("Another service?", ENTER)
    terminal.answer("Services that orders calls", SPACE + ENTER)
    terminal.answer("Services that billing calls", ENTER)
    terminal.answer("Name of the first environment", ENTER)
    assert terminal.ends() == 0
    spec = load((tmp_path / "shop" / "cn.yaml").read_bytes())
    orders, billing = spec.services["orders"], spec.services["billing"]
    assert (orders.route, orders.database, orders.calls) == ("/orders", "postgres", ("billing",))
    assert (billing.route, billing.database, billing.calls) == (None, None, ())
    assert list(spec.environments) == ["dev"]


def test_what_flags_say_is_not_asked_and_kept(tmp_path):
    terminal = Terminal(tmp_path, "mine", "--owner", "@acme/shop")
    terminal.answer("Name of the service", ENTER)
    terminal.answer("Runtime", ENTER)
    terminal.answer("Its own Postgres database?", ENTER)
    terminal.answer("Public path", ENTER)
    terminal.answer("Another service?", ENTER)
    terminal.answer("Name of the first environment", ENTER)
    assert terminal.ends() == 0
    spec = load((tmp_path / "mine" / "cn.yaml").read_bytes())
    assert (spec.name, spec.owner, list(spec.services)) == ("mine", "@acme/shop", ["api"])


@pytest.mark.parametrize(
    ("typed", "said"), [("a--b", "is not a name"), ("../x", "is not a name"), ("con", "reserved")]
)
def test_a_wrong_answer_is_refused_as_it_is_typed(tmp_path, typed, said):
    terminal = Terminal(tmp_path)
    terminal.answer("Name of the system", CLEAR + typed + ENTER)
    terminal.child.expect(said)
    terminal.child.send(CLEAR + "shop" + ENTER)
    terminal.answer("Name of the service", CONTROL_C)
    assert terminal.ends() == 130


@pytest.mark.parametrize("typed", ["my orders", "", "My_Orders", "a.b"])
def test_a_wrong_name_of_a_service_is_refused_as_it_is_typed(tmp_path, typed):
    terminal = Terminal(tmp_path, "shop")
    terminal.answer("Name of the service", CLEAR + typed + ENTER)
    terminal.child.expect("is not a name")
    terminal.child.send(CONTROL_C)
    assert terminal.ends() == 130


def test_what_cannot_be_used_is_said_before_anything_is_asked(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").touch()
    for name, words in (("mine", "is not empty"), ("Bad_Name", "is not a name")):
        terminal = Terminal(tmp_path, name)
        terminal.child.expect(words)
        assert terminal.ends() == 2


def test_a_circle_of_calls_is_refused(tmp_path):
    terminal = Terminal(tmp_path, "shop")
    for name in ("one", "two"):
        terminal.answer("Name of the service", CLEAR + name + ENTER)
        terminal.answer("Runtime", ENTER)
        terminal.answer("Its own Postgres database?", "n")
        terminal.answer("Public path", ENTER)
        terminal.answer("Another service?", "y" if name == "one" else "n")
    terminal.answer("Services that one calls", SPACE + ENTER)
    terminal.answer("Services that two calls", SPACE + ENTER)
    terminal.child.expect("calls go in a circle")
    terminal.child.send(SPACE + ENTER)
    terminal.answer("Name of the first environment", ENTER)
    assert terminal.ends() == 0


def test_control_c_leaves_with_130_and_nothing_written(tmp_path):
    terminal = Terminal(tmp_path, "shop")
    terminal.answer("Name of the service", ENTER)
    terminal.answer("Runtime", ENTER)
    terminal.answer("Its own Postgres database?", CONTROL_C)
    assert terminal.ends() == 130
    assert list(tmp_path.iterdir()) == []


def test_piped_text_is_not_taken_for_keys(tmp_path):
    began = time.monotonic()
    child = pexpect.popen_spawn.PopenSpawn(
        [
            sys.executable,
            "-c",
            "import sys; from generator.cli import main_new; sys.exit(main_new(['shop']))",
        ],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    child.send("hello\n\n\n\n\n")
    child.expect("there is no terminal to ask on")
    assert child.wait() == 2
    assert time.monotonic() - began < 20
    assert list(tmp_path.iterdir()) == []
