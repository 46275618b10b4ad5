"""The version of a program, whatever the program prints or does."""

import stat
import time
from pathlib import Path

import pytest

from generator.doctor import version_probe
from tests.unit.programs import install


def ask(folder: Path, script: str) -> version_probe.Found:
    install(folder, tool=script)
    return version_probe.ask(["tool", "--version"], {"PATH": str(folder)})


def test_a_program_that_crashes_is_broken(programs):
    found = ask(programs, "kill -SEGV $$")
    assert (found.there, found.problem) == (True, "`tool --version` was terminated by signal 11")


def test_a_program_without_a_version_is_broken(programs):
    assert ask(programs, "echo hello").problem == "`tool --version` printed no version: hello"
    assert ask(programs, "exit 0").problem == "`tool --version` printed no version"


def test_a_program_that_prints_without_end_is_ended(programs):
    began = time.monotonic()
    problem = ask(programs, "while :; do echo 1.2; done").problem
    assert problem == "`tool --version` did not finish within the limits of time and output"
    assert time.monotonic() - began < 9


def test_what_a_program_leaves_running_neither_hides_its_version_nor_stays(programs, monkeypatch, tmp_path):
    monkeypatch.setattr(version_probe, "SECONDS", 2.0)
    left = tmp_path / "pid"
    found = ask(programs, f"sleep 300 & echo $! > {left}; echo 1.2.3")
    assert found == version_probe.Found(there=True, version="1.2.3")
    state = Path(f"/proc/{left.read_text().strip()}/stat")
    for _ in range(50):
        if not state.exists() or ") Z " in state.read_text():
            return
        time.sleep(0.1)
    raise AssertionError("it still runs")


def test_a_program_that_is_invalid_is_broken(programs):
    program = programs / "tool"
    program.write_bytes(b"\x00\x01\x02")
    program.chmod(0o755)
    found = version_probe.ask(["tool"], {"PATH": str(programs)})
    assert found.there
    assert found.problem.startswith(f"cannot run {program}: ")


def test_a_program_that_may_not_run_is_missing(programs):
    install(programs, tool="echo 1.2")
    (programs / "tool").chmod(stat.S_IRUSR)
    assert not version_probe.ask(["tool"], {"PATH": str(programs)}).there


def test_a_message_keeps_to_one_printable_line(programs):
    problem = ask(programs, "printf 'a\\033[31mred\\033[0m\\n'; exit 3").problem
    assert problem == "`tool --version` failed with exit code 3: a?[31mred?[0m"


def test_no_program_reads_what_the_user_types(programs):
    assert ask(programs, "read line; echo got $line 1.2").version == "1.2"


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("git version 2.39.5 (Apple Git-154)", "2.39.5"),
        ("v3.259.0", "3.259.0"),
        ("1.99999999999999999999", "1.999999999"),
        ("go version go1.26.8 linux/amd64", "1.26.8"),
        ("26.1.5+dfsg1", "26.1.5"),
        ("GNU Make 4.3\nBuilt for x86_64", "4.3"),
    ],
)
def test_the_version_is_found_in_what_a_program_prints(text, version, programs):
    assert ask(programs, f"printf '%s\\n' '{text}'").version == version
