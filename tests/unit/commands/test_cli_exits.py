"""Exit codes and messages after a signal, a missing input, an unwritable output or a bug."""

import os
import signal
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from generator import main as cli
from generator.result import BAD_INPUT, FAILED, INTERRUPTED

pytestmark = pytest.mark.usefixtures("elsewhere")
ROOT = Path(__file__).parents[3]


def test_an_interrupt_is_its_own_exit_code(monkeypatch, capsys):
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("generator.repository.writer.create", interrupt)
    assert cli.main_new(["shop", "--defaults"]) == INTERRUPTED
    assert "nothing was written" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
@pytest.mark.parametrize("place", ["os.fchmod", "shutil.rmtree", "generator.repository.summary.created"])
def test_after_a_signal_the_state_is_printed(elsewhere, monkeypatch, capsys, name, place):
    """The signal comes when a place is reached for the first time."""
    number, (module, _, function) = signal.Signals[name], place.rpartition(".")
    original = getattr(import_module(module), function)
    sent: list[int] = []

    def struck(*words: Any, **more: Any) -> Any:
        if not sent:
            sent.append(number)
            signal.raise_signal(number)
        return original(*words, **more)

    monkeypatch.setattr(place, struck)
    assert cli.main_new(["shop", "--defaults", "--no-git"]) == 128 + number
    how = "interrupted" if name == "SIGINT" else f"terminated by {name}"
    there = place != "os.fchmod"
    left = "the files are in shop" if there else "nothing was written"
    assert capsys.readouterr().err == f"cn-new: {how}; {left}\n"
    assert [path.name for path in elsewhere.iterdir()] == (["shop"] if there else [])
    assert not there or (elsewhere / "shop" / "cn.yaml").is_file()


def test_an_interrupt_while_printing_reports_a_finished_command(elsewhere, monkeypatch, capsys):
    def interrupt(_: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_print", interrupt)
    assert cli.main_new(["shop", "--defaults", "--no-git"]) == INTERRUPTED
    assert capsys.readouterr().err == "cn-new: interrupted; the command had finished\n"


@pytest.mark.parametrize("program", ["cn", "cn-new"])
def test_an_interrupt_during_imports_prints_no_traceback(program):
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    module, _, function = scripts[program].partition(":")
    code = (
        "import sys\n"
        "class Finder:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'generator.cli.parsers': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Finder())\n"
        f"from {module} import {function}\n"
        f"sys.exit({function}())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (130, f"{program}: interrupted; nothing was written\n")


def test_an_interrupt_of_git_reports_the_written_files(elsewhere, monkeypatch, capsys):
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("generator.repository.create.first_commit", interrupt)
    assert cli.main_new(["shop", "--defaults"]) == INTERRUPTED
    assert "interrupted before the first commit: the files are written" in capsys.readouterr().out
    assert (elsewhere / "shop" / "cn.yaml").is_file()


def shell(words: str) -> subprocess.CompletedProcess[str]:
    code = "import sys; from generator.main import main_new; sys.exit(main_new())"
    command = f"exec {sys.executable} -c '{code}' shop {words}".encode(errors="surrogateescape")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(["sh", "-c", command], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("words", ["--spec - <&-", "<&-", "--defaults --description \udcff"])
def test_what_cannot_be_read_is_bad_input(elsewhere, words):
    done = shell(words)
    assert done.returncode == BAD_INPUT, done.stderr
    assert "Traceback" not in done.stderr
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("where", [">&-", ">/dev/full"])
def test_unwritable_output_is_not_a_bug(elsewhere, where):
    done = shell(f"--defaults --no-git {where}")
    assert "Traceback" not in done.stderr
    assert "bug" not in done.stderr
    assert (elsewhere / "shop" / "cn.yaml").is_file()


def test_a_broken_pipe_is_not_a_bug():
    command = (
        f"{sys.executable} -c 'from generator.main import main_cn; exit(main_cn([\"schema\"]))' | head -c 1"
    )
    done = subprocess.run(["sh", "-c", command], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr == ""


def test_a_bug_shows_its_traceback_and_asks_to_be_reported(monkeypatch, capsys):
    monkeypatch.setattr("generator.repository.writer.create", lambda *_, **__: 1 / 0)
    assert cli.main_new(["shop", "--defaults"]) == FAILED
    message = capsys.readouterr().err
    assert "ZeroDivisionError" in message
    assert "this is a bug; please report it" in message
