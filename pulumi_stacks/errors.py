"""Errors that a user can fix: a command prints their text, without a traceback."""

from __future__ import annotations


class ExpectedError(Exception):
    """An error to print, one fault per line; `code` is the exit code of the command."""

    code = 2


class UsageError(ExpectedError):
    """A command was used wrongly; each line of the message is one fault."""
