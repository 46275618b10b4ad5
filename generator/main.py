"""The commands: argv to one function call each. The only module that prints results and exits."""

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

# What the completion scripts of the shells say.
COMPLETE = "__complete"


class OutputError(Exception):
    """Standard output cannot be written; `reason` is empty when its reader has left."""

    def __init__(self, error: OSError) -> None:
        super().__init__(str(error))
        self.reason = "" if isinstance(error, BrokenPipeError) else error.strerror


def main_new(argv: Sequence[str] | None = None) -> int:
    """Run `cn-new` and return its exit code."""
    return _main(parsers.new_parser(), argv)


def main_cn(argv: Sequence[str] | None = None) -> int:
    """Run `cn` and return its exit code."""
    words = sys.argv[1:] if argv is None else argv
    if words[:1] == [COMPLETE]:  # no command of a user's, so no parser shows it
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
    """Turn expected errors into messages and exit codes; anything else is a bug and says so."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    outcome = None
    try:
        with _signals_as_interrupts():
            outcome = run()
        if outcome.document and isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
        _print(outcome.text)
    except KeyboardInterrupt as interrupt:
        left = interrupt.args[0] if interrupt.args else "nothing was written"
        return _interrupted(interrupt, program, "all was done" if outcome else left)
    except OutputError as error:
        if error.reason:
            print(f"{program}: standard output cannot be written: {error.reason}", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # or the interpreter would complain on its way out
        return FAILED
    except Exception as error:  # the one place that decides what is expected  # noqa: BLE001
        return _report(error, program)
    return outcome.code


def _interrupted(interrupt: KeyboardInterrupt, program: str, left: str) -> int:
    code = code_of(interrupt)
    how = (
        f"ended by {signal.Signals(code - 128).name}" if isinstance(interrupt, Terminated) else "interrupted"
    )
    with suppress(OSError):  # the terminal may be what has gone
        print(f"{program}: {how}; {left}", file=sys.stderr)
    return code


@contextmanager
def _signals_as_interrupts() -> Iterator[None]:
    """Let whoever ends the program, or closes its terminal, end it as Ctrl-C does."""

    def terminate(number: int, _: object) -> None:
        raise Terminated(number)

    # One that is ignored, as nohup has it, stays so.
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
    print(f"{program}: this is a bug; please report it with the lines above", file=sys.stderr)
    return FAILED
