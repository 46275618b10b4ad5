"""The commands: argv to one function call each. The only module that prints results and exits."""

from __future__ import annotations

import io
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING

from . import arguments as parsers
from .outcome import BAD_INPUT, FAILED, INTERRUPTED, Outcome, UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser


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
    return _main(parsers.cn_parser(), argv)


def _main(parser: ArgumentParser, argv: Sequence[str] | None) -> int:
    def run() -> Outcome:
        arguments = parser.parse_args(argv)
        command: Callable[..., Outcome] = import_module(f"{__package__}.commands.{arguments.command}").run
        return command(arguments)

    return _guarded(run, parser.prog)


def _guarded(run: Callable[[], Outcome], program: str) -> int:
    """Turn expected errors into messages and exit codes; anything else is a bug and says so."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        outcome = run()
        _print(outcome.text)
    except KeyboardInterrupt:
        print(f"{program}: interrupted; nothing was written", file=sys.stderr)
        return INTERRUPTED
    except OutputError as error:
        if error.reason:
            print(f"{program}: standard output cannot be written: {error.reason}", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # or the interpreter would complain on its way out
        return FAILED
    except Exception as error:  # the one place that decides what is expected  # noqa: BLE001
        return _explain(error, program)
    return outcome.code


def _print(text: str) -> None:
    if not text:
        return
    try:
        print(text, flush=True)
    except OSError as error:
        raise OutputError(error) from None


def _explain(error: Exception, program: str) -> int:
    from pulumi_stacks.load import SpecError

    from .commands.new import COMMAND_LINE
    from .disk import DestinationError, DiskError
    from .flags import DraftError
    from .template import TemplateError

    if isinstance(error, SpecError):
        problems = [replace(p, line=0) if p.source == COMMAND_LINE else p for p in error.problems]
        print("\n".join(map(str, problems)), file=sys.stderr)
        return BAD_INPUT
    if isinstance(error, UsageError | DraftError | DestinationError):
        lines = str(error).splitlines()
        print("\n".join(line if line[:1] == " " else f"{program}: {line}" for line in lines), file=sys.stderr)
        return BAD_INPUT
    if isinstance(error, DiskError | TemplateError):
        print(f"{program}: {error}", file=sys.stderr)
        return FAILED
    traceback.print_exception(error)
    print(f"{program}: this is a bug; please report it with the lines above", file=sys.stderr)
    return FAILED
