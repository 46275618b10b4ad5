"""The errors of commands, told to the user without a traceback."""

from __future__ import annotations

from pulumi_stacks.errors import ExpectedError


class CommandError(ExpectedError):
    """An error of a command; the name of the program stands before each line that is not indented."""


class UsageError(CommandError):
    """Something about the command line; each line of the message is one fault."""
