"""`cn diff`: the changes of cn.yaml between two revisions, and their impact on the running system."""

from __future__ import annotations

import argparse

from generator.cli.project_root import SPEC, find_project
from generator.errors import UsageError
from generator.result import CommandResult
from pulumi_stacks.diff import run as diff


def run(arguments: argparse.Namespace) -> CommandResult:
    """Return the difference."""
    folder = find_project(arguments.project)
    try:
        before, after = diff.sources(folder, SPEC, arguments.revisions)
        found = diff.changes(before, after, arguments.env)
    except diff.DiffError as error:
        raise UsageError(str(error)) from None
    return CommandResult(diff.render(found, arguments.format), document=arguments.format != "text")
