"""Quitting the wizard on a real terminal writes nothing and restores the terminal."""

import signal

import pytest

from tests.wizard.terminal import CONTROL_C, CONTROL_D, END, ENTER, Terminal


@pytest.mark.parametrize(
    ("question", "key"),
    [("text", CONTROL_C), ("marks", CONTROL_D), ("last look", "SIGINT")],
    ids=["text, ctrl-c", "marks, ctrl-d", "last look, signal"],
)
def test_quitting_writes_nothing_and_restores_the_terminal(tmp_path, key, question):
    terminal = Terminal(tmp_path, *([] if question == "text" else ["shop"]))
    terminal.wait("Start from")
    terminal.choose("shop")
    if question == "text":
        terminal.wait("Name of the system")
        terminal.type("sho")
    elif question == "marks":
        terminal.choose("orders")
        terminal.choose("Calls")
        terminal.wait("Services that it calls")
    else:
        terminal.wait("in the folder")
        terminal.type(END + ENTER)
        terminal.wait("files for")
    if key == "SIGINT":
        terminal.signal(signal.SIGINT)
    else:
        terminal.type(key)
    assert terminal.ends() == 130
    assert terminal.text.endswith("cn-new: interrupted; nothing was written")
    assert list(tmp_path.iterdir()) == []
    assert terminal.is_restored


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda one: one.name)
def test_a_signal_terminates_it_and_restores_the_terminal(tmp_path, number):
    terminal = Terminal(tmp_path)
    terminal.begin()
    terminal.signal(number)
    assert terminal.ends() == -number
    assert b"Traceback" not in terminal.raw
    assert terminal.is_restored
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("key", [CONTROL_C, CONTROL_D], ids=["ctrl-c", "ctrl-d"])
def test_quitting_on_an_unknown_terminal_writes_nothing(tmp_path, key):
    terminal = Terminal(tmp_path, TERM="")
    terminal.wait("Start from", r"\[1\]")
    terminal.type(key)
    assert terminal.ends() == 130
    assert "nothing was written" in terminal.text
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_quits_even_if_the_parent_ignores_it(tmp_path):
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as a shell does for what runs in the background
    try:
        terminal = Terminal(tmp_path, TERM="")
    finally:
        signal.signal(signal.SIGINT, before)
    terminal.wait("Start from", r"\[1\]")
    terminal.type(CONTROL_C)
    assert terminal.ends() == 130
