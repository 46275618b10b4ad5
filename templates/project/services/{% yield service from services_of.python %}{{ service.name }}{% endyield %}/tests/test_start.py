"""How the process starts and stops."""

import signal

import pytest
import uvicorn
from fastapi import FastAPI

from app.__main__ import main
from app.server import Server
from app.settings import Settings


def test_all_malformed_variables_are_named_in_one_line_without_values(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ["PORT", "DRAIN_SECONDS", "MAX_BODY_BYTES", "LOG_LEVEL", *environment]
    for name in names:
        monkeypatch.setenv(name, "hunter2")
    assert main([]) == 1
    [line] = capsys.readouterr().out.splitlines()
    assert all(name in line for name in names)
    assert "hunter2" not in line


def test_an_empty_variable_counts_as_not_set(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORT", "")
    assert Settings().port == 8080


def test_an_unknown_command_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fly"]) == 2
    assert "usage: python -m app" in capsys.readouterr().out


@pytest.fixture
def server(app: FastAPI) -> Server:
    return Server(uvicorn.Config(app), app, drain_seconds=60)


def test_sigterm_drains_first(server: Server, app: FastAPI) -> None:
    server.handle_exit(signal.SIGTERM, None)
    assert app.state.draining
    assert not server.should_exit


def test_a_second_signal_ends_the_drain_and_a_third_what_is_open(server: Server) -> None:
    server.handle_exit(signal.SIGTERM, None)
    server.handle_exit(signal.SIGTERM, None)
    assert server.should_exit
    assert not server.force_exit
    server.handle_exit(signal.SIGTERM, None)
    assert server.force_exit


def test_ctrl_c_does_not_drain(server: Server) -> None:
    server.handle_exit(signal.SIGINT, None)
    assert server.should_exit
