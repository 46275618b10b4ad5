"""The wizard on terminals of all sizes and features, and with unusual input."""

import os
import re
import subprocess
import sys
import threading
import time

import pytest

from pulumi_stacks.system import load
from tests.wizard.terminal import CODE, CONTROL_C, END, ENTER, ESCAPE, PASTE, PATIENCE, ROOT, Terminal


@pytest.mark.parametrize("term", ["xterm-256color", "dumb"])
def test_bytes_that_are_not_text_are_not_name(tmp_path, term):
    terminal = Terminal(tmp_path, TERM=term)
    terminal.wait("Start from", r"\[1\]|Enter: choose")
    terminal.type(ENTER)
    terminal.wait("Name of the system", r"\[hello\]|Enter: next")
    terminal.child.send(b"shop\xff\r")
    terminal.wait("not valid UTF-8")
    terminal.type(CONTROL_C)
    assert terminal.ends() == 130
    assert "Traceback" not in terminal.above


@pytest.mark.parametrize("marks", [PASTE, "{}"], ids=["marked", "as keys"])
def test_a_huge_pasted_text_is_rejected_at_once(tmp_path, marks):
    terminal = Terminal(tmp_path)
    terminal.wait("Start from")
    terminal.type(ENTER)
    terminal.wait("Name of the system")
    pasted = marks.format("a" * 1_000_000)
    sender = threading.Thread(target=terminal.type, args=(pasted,), daemon=True)
    sender.start()
    sender.join(PATIENCE)
    terminal.wait("is not a name")
    time.sleep(1)  # or it may be dropped with the rest of what was pasted
    terminal.type(CONTROL_C)
    assert terminal.ends() == 130


def test_a_resized_terminal_is_redrawn(tmp_path):
    terminal = Terminal(tmp_path, columns=100, rows=30)
    terminal.begin()
    for columns, rows in ((40, 30), (20, 8), (120, 40)):
        terminal.screen.reset()
        terminal.screen.resize(rows, columns)
        terminal.child.setwinsize(rows, columns)
        terminal.wait("in the folder" if columns == 120 else "[\u276f] orders")
    terminal.type(END + ENTER)
    terminal.wait("files for shop")
    terminal.type(CONTROL_C)
    assert terminal.ends() == 130
    assert b"Traceback" not in terminal.raw


@pytest.mark.parametrize(("columns", "rows"), [(40, 24), (20, 10)])
def test_a_narrow_terminal_without_colour_and_unicode_is_enough(tmp_path, columns, rows):
    terminal = Terminal(tmp_path, "shop", columns=columns, rows=rows, NO_COLOR="1", LANG="C")
    terminal.wait("Start from", "> hello")
    terminal.choose("shop")
    terminal.wait("> orders")
    terminal.type(ENTER)
    terminal.wait("> Name")
    terminal.type(ENTER)
    terminal.answer("Name of the service", "a" * 30 + "-")
    terminal.wait(r"is\s+not")
    terminal.type(ESCAPE)
    terminal.wait("> Name")
    terminal.type(ESCAPE)
    terminal.wait("> orders")
    terminal.type(END + ENTER)
    terminal.wait("> Write the files")
    assert terminal.raw.isascii()
    assert not re.search(rb"\x1b\[[0-9;]*(3[0-9]|9[0-7])m", terminal.raw)
    assert all(len(line) <= columns for line in terminal.above.splitlines())
    terminal.type(ENTER)
    assert terminal.ends() == 0
    assert (tmp_path / "shop" / "cn.yaml").is_file()


def test_a_terminal_that_can_only_print_is_asked_by_numbers(tmp_path):
    terminal = Terminal(tmp_path, TERM="dumb")
    for question, line in (
        (r"Start from[^[]*\[1\]", "9"),
        (r"from 1 to 4[^[]*\[1\]", "2"),
        (r"Name of[^[]*\[shop\]$", "a_b"),
        (r"is not a name[^[]*\[shop\]$", "<"),
        (r"Name of[^[]*\[shop\] <\n[^[]*\[1\]", "2"),
        (r"\[2\] 2[^[]*\[shop\]|\[1\] 2[^[]*\[shop\]$", "store"),
        (r"\+ Add a service[^[]*\[1\]", "1"),
        (r"service orders[^[]*\[1\]", "5"),
        (r"numbers separated[^[]*\[1\]", "7"),
        (r"enter numbers from 1 to 2[^[]*\[[^]]*\]$", "1 2"),
        (r"Calls  billing, catalog[^[]*\[5\]", "<"),
        (r"Preview and write[^[]*\[1\]", "11"),
        (r"Write the files[^[]*\[1\]", ""),
    ):
        terminal.answer(question, line)
    assert terminal.ends() == 0
    assert terminal.raw.isascii()
    assert b"\x1b" not in terminal.raw
    assert load((tmp_path / "store" / "cn.yaml").read_bytes()).services["orders"].calls == (
        "billing",
        "catalog",
    )


def test_piped_bytes_are_not_taken_for_keys(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", CODE, "shop"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        input=ENTER * 9 + "\n" * 9,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "the wizard needs a terminal" in done.stderr
    assert list(tmp_path.iterdir()) == []
