"""`cn context`: the context of the templates, as YAML."""

from __future__ import annotations

import argparse

from generator.cli.spec_input import read_spec
from generator.rendering.template import open_template
from generator.rendering.yaml_text import dump
from generator.result import CommandResult
from pulumi_stacks.system import load, resolve


def run(arguments: argparse.Namespace) -> CommandResult:
    """Return the resolved spec."""
    data, source = read_spec(arguments.spec)
    spec = load(data, source, open_template().runtimes)
    return CommandResult(dump(resolve(spec).answers()).rstrip("\n"), document=True)
