"""Checks the arguments of `cn-new` beyond what argparse checks."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator

from generator.errors import UsageError

_FIELDS = ("service", "env", "description", "owner", "registry", "ci")
_RESERVED = {"", ".", "..", ".git"}
_FORBIDDEN = frozenset('/\\<>:"|?*')


def check(arguments: argparse.Namespace) -> None:
    """Raise UsageError with one line per fault."""
    if faults := list(_faults(arguments)):
        raise UsageError("\n".join(faults))


def no_terminal(name: str, service: str) -> UsageError:
    """Return the error of a start without flags and without a terminal."""
    return UsageError(
        "the wizard needs a terminal; use flags or a file instead, for example:\n"
        f"  cn-new {name} --defaults\n"
        f"  cn-new {name} --service {service}\n"
        f"  cn-new {name} --spec cn.yaml"
    )


def _faults(arguments: argparse.Namespace) -> Iterator[str]:
    if arguments.spec is not None:
        given = [field for field in _FIELDS if getattr(arguments, field) is not None]
        yield from (f"--{field} and --spec cannot be used together; use one of them" for field in given)
    texts = [arguments.description, arguments.owner, arguments.registry]
    texts += [*(arguments.service or ()), *(arguments.env or ())]
    # Python decodes bytes of the command line that are not UTF-8 to lone surrogates (PEP 383).
    if any("\udc80" <= char <= "\udcff" for text in texts if text for char in text):
        yield "an argument is not valid UTF-8"
    for option in ("diff", "json"):
        if getattr(arguments, option) and not arguments.plan:
            yield f"--{option} requires --plan"
    for option in ("into", "spec"):
        if getattr(arguments, option) == "":
            yield f"--{option}: empty path"
    if arguments.name is not None and not _is_folder_name(arguments.name):
        yield f"{json.dumps(arguments.name)[:60]}: invalid folder name; use --into DIR for a path"


def _is_folder_name(name: str) -> bool:
    return name not in _RESERVED and name.isprintable() and not set(name) & _FORBIDDEN
