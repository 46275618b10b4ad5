"""The errors of commands, printed without a traceback."""

from __future__ import annotations

from pulumi_stacks.errors import ExpectedError


class CommandError(ExpectedError):
    """An error of a command; each line that is not indented is printed after the name of the program."""


class UsageError(CommandError):
    """An invalid command line; each line of the message is one fault."""
