"""Errors that a user can mend: their text is printed, and no traceback."""

from __future__ import annotations


class ExpectedError(Exception):
    """An error that is told to the user, one fault in each line; `code` is the exit code of the command."""

    code = 2


class UsageError(ExpectedError):
    """Something that a command was told wrong; each line of the message is one fault."""
