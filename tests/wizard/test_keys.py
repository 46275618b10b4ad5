"""The wizard on a real terminal, by real keys, judged by what stands on the screen."""

import os
import re
import signal
import subprocess
import sys
import threading
import time

import pytest

from pulumi_stacks.load import load
from tests.wizard.terminal import (
    CODE,
    CONTROL_C,
    CONTROL_D,
    DOWN,
    END,
    ENTER,
    ESCAPE,
    PATIENCE,
    ROOT,
    SPACE,
    UP,
    Terminal,
)

LEFT, BACKSPACE, PASTE = "\x1b[D", "\x7f", "\x1b[200~{}\x1b[201~"


def begin(terminal: Terminal, start: str = "shop", name: str = "") -> None:
    terminal.wait("Begin with")
    terminal.choose(start)
    terminal.answer("Name of the system", name)
    terminal.wait("in the folder")


def test_a_system_is_said_by_keys_and_written(tmp_path):
    terminal = Terminal(tmp_path)
    begin(terminal, name="mine")
    terminal.choose(r"\+ Add a service")
    terminal.wait("Name of the service", "Names its folder")
    terminal.type("mail-")
    terminal.wait('"mail-" is not a name')
    terminal.type(ENTER)
    terminal.type(BACKSPACE)
    terminal.wait("Names its folder")
    terminal.answer("Name of the service", LEFT)
    terminal.wait("Runtime", "[\u276f] Python")
    terminal.type(ENTER)
    terminal.wait("Database", "[\u276f] postgres")
    terminal.type(UP + ENTER)
    terminal.answer("Public path", "/orders")
    terminal.wait('"/orders" overlaps "/orders" of services.orders')
    terminal.type(ESCAPE)
    terminal.wait("Database", "[\u276f] none")
    terminal.type(ENTER)
    terminal.answer("Public path", BACKSPACE)
    terminal.wait("Services that it calls")
    terminal.type(SPACE)
    terminal.wait(r"\[x\] orders")
    terminal.type(DOWN + SPACE)
    terminal.wait(r"\[x\] billing")
    terminal.type(UP + SPACE)
    terminal.wait(r"\[ \] orders")
    terminal.type(ENTER)
    terminal.wait("in the folder", "mail .*calls billing")
    terminal.type(END + ENTER)
    terminal.wait("179 files for mine|files for mine")
    terminal.type(ENTER)
    assert terminal.ends() == 0
    assert "Created mine: " in terminal.text
    assert "Enter: choose" not in terminal.text
    assert terminal.is_restored
    mail = load((tmp_path / "mine" / "cn.yaml").read_bytes()).services["mail"]
    assert (mail.route, mail.database, mail.calls) == (None, None, ("billing",))


def test_only_keys_that_answer_a_question_count(tmp_path):
    terminal = Terminal(tmp_path)
    terminal.type(DOWN + ENTER * 9)  # before there is a question
    terminal.wait("Begin with", "[\u276f] hello")
    terminal.type(ESCAPE)  # there is nothing before the first one
    terminal.type(DOWN)
    terminal.wait("Begin with", "[\u276f] shop")
    terminal.type(ENTER + "mine" + ENTER + DOWN + ENTER)  # faster than questions come
    terminal.wait("mine: service billing")
    terminal.type(ESCAPE)
    terminal.wait("in the folder", "[\u276f] billing")
    terminal.type(PASTE.format("\r\r\r"))
    terminal.choose("Description")
    terminal.wait("One line")
    terminal.type(PASTE.format("Sells\r\n  things"))
    terminal.wait("[\u276f] Sells things$")
    terminal.type(ENTER)
    terminal.wait("Description +Sells things")
    terminal.choose("Description")
    terminal.wait("One line")
    terminal.child.send(b"caf\xe9!")
    terminal.wait("has a byte that is not UTF-8")
    terminal.type(ESCAPE)
    terminal.wait("Description +Sells things")
    terminal.type(ESCAPE)
    terminal.wait("Name of the system")
    terminal.type(CONTROL_C)
    assert terminal.ends() == 130
    assert b"^[" not in terminal.raw.partition(b"Begin with")[2], "keys are not echoed between questions"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("term", ["xterm-256color", "dumb"])
def test_bytes_that_are_no_text_are_no_name(tmp_path, term):
    terminal = Terminal(tmp_path, TERM=term)
    terminal.wait("Begin with", r"\[1\]|Enter: choose")
    terminal.type(ENTER)
    terminal.wait("Name of the system", r"\[hello\]|Enter: next")
    terminal.child.send(b"shop\xff\r")
    terminal.wait("has a byte that is not UTF-8")
    terminal.type(CONTROL_C)
    assert terminal.ends() == 130
    assert "Traceback" not in terminal.above


@pytest.mark.parametrize("marks", [PASTE, "{}"], ids=["marked", "as keys"])
def test_a_pasted_book_is_refused_at_once(tmp_path, marks):
    terminal = Terminal(tmp_path)
    terminal.wait("Begin with")
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


@pytest.mark.parametrize(
    ("question", "key"),
    [("text", CONTROL_C), ("marks", CONTROL_D), ("last look", "SIGINT")],
    ids=["text, ctrl-c", "marks, ctrl-d", "last look, signal"],
)
def test_leaving_writes_nothing_and_leaves_the_terminal_as_it_was(tmp_path, key, question):
    terminal = Terminal(tmp_path, *([] if question == "text" else ["shop"]))
    terminal.wait("Begin with")
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
def test_a_signal_ends_it_and_leaves_the_terminal_as_it_was(tmp_path, number):
    terminal = Terminal(tmp_path)
    begin(terminal)
    terminal.signal(number)
    assert terminal.ends() == -number
    assert b"Traceback" not in terminal.raw
    assert terminal.is_restored
    assert list(tmp_path.iterdir()) == []


def test_a_terminal_of_another_size_is_drawn_anew(tmp_path):
    terminal = Terminal(tmp_path, columns=100, rows=30)
    begin(terminal)
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
    terminal.wait("Begin with", "> hello")
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
    terminal.wait("> Write them")
    assert terminal.raw.isascii()
    assert not re.search(rb"\x1b\[[0-9;]*(3[0-9]|9[0-7])m", terminal.raw)
    assert all(len(line) <= columns for line in terminal.above.splitlines())
    terminal.type(ENTER)
    assert terminal.ends() == 0
    assert (tmp_path / "shop" / "cn.yaml").is_file()


def test_a_terminal_that_can_only_print_is_asked_by_numbers(tmp_path):
    terminal = Terminal(tmp_path, TERM="dumb")
    for question, line in (
        (r"Begin with[^[]*\[1\]", "9"),
        (r"from 1 to 4[^[]*\[1\]", "2"),
        ("Name of the system", "a_b"),
        ("is not a name", "<"),
        (r"Name of[^[]*\[shop\] <\n[^[]*\[1\]", "2"),
        (r"\[2\] 2[^[]*\[shop\]|\[1\] 2[^[]*\[shop\]$", "store"),
        (r"\+ Add a service[^[]*\[1\]", "1"),
        (r"service orders[^[]*\[1\]", "5"),
        (r"numbers with[^[]*\[1\]", "7"),
        ("type numbers from 1 to 2", "1 2"),
        (r"Calls  billing, catalog[^[]*\[5\]", "<"),
        (r"Preview and write[^[]*\[1\]", "11"),
        (r"Write them[^[]*\[1\]", ""),
    ):
        terminal.answer(question, line)
    assert terminal.ends() == 0
    assert terminal.raw.isascii()
    assert b"\x1b" not in terminal.raw
    assert load((tmp_path / "store" / "cn.yaml").read_bytes()).services["orders"].calls == (
        "billing",
        "catalog",
    )


@pytest.mark.parametrize("key", [CONTROL_C, CONTROL_D], ids=["ctrl-c", "ctrl-d"])
def test_leaving_a_terminal_of_which_nothing_is_known_writes_nothing(tmp_path, key):
    terminal = Terminal(tmp_path, TERM="")
    terminal.wait("Begin with", r"\[1\]")
    terminal.type(key)
    assert terminal.ends() == 130
    assert "nothing was written" in terminal.text
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_leaves_where_whoever_started_it_ignores_it(tmp_path):
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as a shell does for what runs in the background
    try:
        terminal = Terminal(tmp_path, TERM="")
    finally:
        signal.signal(signal.SIGINT, before)
    terminal.wait("Begin with", r"\[1\]")
    terminal.type(CONTROL_C)
    assert terminal.ends() == 130


def test_what_cannot_be_used_is_said_before_anything_is_asked(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").touch()
    for name, words in (("mine", "is not empty"), ("Bad_Name", "is not a name")):
        terminal = Terminal(tmp_path, name)
        assert terminal.ends() == 2
        assert words in terminal.text


def test_with_plan_the_answers_are_only_shown(tmp_path):
    terminal = Terminal(tmp_path, "mine", "--plan", rows=60)
    terminal.wait("Begin with")
    terminal.choose("hello")
    terminal.wait("in the folder")
    terminal.type(END + ENTER)
    terminal.wait("List them; --plan writes nothing")
    terminal.type(ENTER)
    assert terminal.ends() == 0
    assert "services/hello (new)\n  create    .dockerignore" in terminal.above
    assert list(tmp_path.iterdir()) == []


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
    assert "there is no terminal to ask on" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_cluster_is_said_by_keys_and_the_printed_command_says_the_same(tmp_path):
    terminal = Terminal(tmp_path, "--no-git")
    begin(terminal, "hello", "mine")
    terminal.choose("Environments")
    terminal.wait("mine: environments", "[\u276f] dev")
    terminal.choose(r"\+ Add an environment")
    terminal.answer("Name of the environment", "prod")
    terminal.wait("What it runs on", "[\u276f] Docker")
    terminal.choose("Kubernetes")
    terminal.wait("First part of the images' names")
    terminal.type("ACME")
    terminal.wait('"ACME" is not a registry')
    terminal.type(BACKSPACE * 4 + "ghcr.io/acme" + ENTER)
    terminal.wait("How people reach it", "[\u276f] loadbalancer")
    terminal.choose("ingress")
    terminal.wait("Domain", "[\u276f] mine.example.com")
    terminal.type(ESCAPE)
    terminal.wait("How people reach it", "[\u276f] ingress")
    terminal.type(ENTER)
    terminal.wait("Domain")
    terminal.type("shop")
    terminal.wait('"shop" is not a domain')
    terminal.type(".example.com" + ENTER)
    terminal.wait("prod +on Kubernetes, ingress, shop.example.com")
    terminal.type(ESCAPE)
    terminal.wait("in the folder", "Registry +ghcr.io/acme", "[\u276f] Environments")
    terminal.choose("hello ")
    terminal.wait("mine: service hello", "[\u276f] Name")
    terminal.choose("Replicas")
    terminal.wait("Replicas that run")
    terminal.type("6-2")
    terminal.wait("2 is less than the 6 of scale.min")
    terminal.type(BACKSPACE * 3 + "2-6" + ENTER)
    terminal.wait("Replicas +2-6")
    terminal.type(ESCAPE)
    terminal.wait("in the folder", "2-6 replicas")
    terminal.type(END + ENTER)
    terminal.wait("files for mine")
    terminal.type(ENTER)
    assert terminal.ends() == 0
    spec = load((tmp_path / "mine" / "cn.yaml").read_bytes())
    prod, scale = spec.environments["prod"], spec.services["hello"].scale
    assert (prod.target, prod.gateway, prod.domain) == ("kubernetes", "ingress", "shop.example.com")
    assert (spec.registry, scale.min, scale.max) == ("ghcr.io/acme", 2, 6)
    assert "--env prod=kubernetes,domain=shop.example.com,gateway=ingress" in terminal.text.replace("\n", "")
    assert "replicas=2-6" in terminal.text.replace("\n", "")
