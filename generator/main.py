"""Runs a command: argv to one function call. The only module that prints results and sets exit codes."""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import TYPE_CHECKING

from generator.cli import parsers
from generator.errors import CommandError
from generator.result import FAILED, CommandResult, Terminated, code_of, printable
from pulumi_stacks.errors import ExpectedError

if TYPE_CHECKING:
    from argparse import ArgumentParser

# The hidden command that the completion scripts of the shells call.
COMPLETE = "__complete"


class OutputError(Exception):
    """Standard output cannot be written; `reason` is empty for a broken pipe."""

    def __init__(self, error: OSError) -> None:
        super().__init__(str(error))
        self.reason = "" if isinstance(error, BrokenPipeError) else error.strerror


def main_new(argv: Sequence[str] | None = None) -> int:
    """Run `cn-new` and return its exit code."""
    return _main(parsers.new_parser(), argv)


def main_cn(argv: Sequence[str] | None = None) -> int:
    """Run `cn` and return its exit code."""
    words = sys.argv[1:] if argv is None else argv
    if words[:1] == [COMPLETE]:  # internal, so it is not in the parser and its help
        return _run_command(lambda: _command("complete")(words[1:]), "cn")
    return _main(parsers.cn_parser(), argv)


def _main(parser: ArgumentParser, argv: Sequence[str] | None) -> int:
    def run() -> CommandResult:
        arguments = parser.parse_args(argv)
        return _command(arguments.command)(arguments)

    return _run_command(run, parser.prog)


def _command(name: str) -> Callable[..., CommandResult]:
    command: Callable[..., CommandResult] = import_module(f"{__package__}.commands.{name}").run
    return command


def _run_command(run: Callable[[], CommandResult], program: str) -> int:
    """Turn expected errors into messages and exit codes, and report any other as a bug."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    result = None
    try:
        with _signals_as_interrupts():
            result = run()
        if result.document and isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
        _print(result.text)
    except KeyboardInterrupt as interrupt:
        left = interrupt.args[0] if interrupt.args else "nothing was written"
        return _interrupted(interrupt, program, "the command had finished" if result else left)
    except OutputError as error:
        if error.reason:
            print(f"{program}: cannot write to standard output: {error.reason}", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # so that the interpreter's flush at exit does not fail
        return FAILED
    except Exception as error:  # the only place that tells expected errors from bugs  # noqa: BLE001
        return _report(error, program)
    return result.code


def _interrupted(interrupt: KeyboardInterrupt, program: str, left: str) -> int:
    code = code_of(interrupt)
    how = (
        f"terminated by {signal.Signals(code - 128).name}"
        if isinstance(interrupt, Terminated)
        else "interrupted"
    )
    with suppress(OSError):  # the terminal may be closed
        print(f"{program}: {how}; {left}", file=sys.stderr)
    return code


@contextmanager
def _signals_as_interrupts() -> Iterator[None]:
    """Handle SIGTERM and SIGHUP (a closed terminal) like Ctrl-C."""

    def terminate(number: int, _: object) -> None:
        raise Terminated(number)

    # Keep an ignored signal ignored, for nohup.
    numbers = [n for n in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(n) == signal.SIG_DFL]
    for number in numbers:
        signal.signal(number, terminate)
    try:
        yield
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)


def _print(text: str) -> None:
    if not text:
        return
    try:
        print(text, flush=True)
    except OSError as error:
        raise OutputError(error) from None


def _print_error(message: str) -> None:
    print(printable(message), file=sys.stderr)


def _report(error: Exception, program: str) -> int:
    if isinstance(error, CommandError):
        lines = str(error).splitlines()
        _print_error("\n".join(line if line[:1] == " " else f"{program}: {line}" for line in lines))
        return error.code
    if isinstance(error, ExpectedError):
        _print_error(str(error))
        return error.code
    import traceback

    traceback.print_exception(error)
    print(f"{program}: this is a bug; please report it with the traceback above", file=sys.stderr)
    return FAILED
