"""`cn schema`: the JSON schema of cn.yaml, or of the context."""

from __future__ import annotations

import argparse
import json

from generator.outcome import Outcome
from pulumi_stacks import context, spec


def run(arguments: argparse.Namespace) -> Outcome:
    """Return the schema that was asked for."""
    document = spec.schema() if arguments.of == "spec" else context.schema()
    return Outcome(json.dumps(document, indent=2))
