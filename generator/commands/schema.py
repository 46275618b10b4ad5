"""`cn schema`: the JSON schema of cn.yaml, of the context, of a plan or of a diff."""

from __future__ import annotations

import argparse
import json

from generator.repository import plan_document
from generator.result import CommandResult
from pulumi_stacks.context import resolve as context
from pulumi_stacks.diff import run as diff
from pulumi_stacks.system import spec_schema

_SCHEMAS = {"spec": spec_schema, "context": context.schema, "plan": plan_document.schema, "diff": diff.schema}


def run(arguments: argparse.Namespace) -> CommandResult:
    """Return the requested schema."""
    return CommandResult(json.dumps(_SCHEMAS[arguments.of](), indent=2))
