"""`cn doctor`: what is installed, what is missing for this system, and how to get it."""

from __future__ import annotations

import argparse
from pathlib import Path

from generator import doctor
from generator.outcome import DONE, FAILED, Outcome
from generator.source import read_spec
from generator.template import open_template
from pulumi_stacks.context import Context, resolve
from pulumi_stacks.load import load

_HERE = "cn.yaml"


def run(arguments: argparse.Namespace) -> Outcome:
    """Examine this machine for a system, or without one for any."""
    runtimes = open_template().runtimes
    context = _context(arguments.spec, set(runtimes))
    findings = doctor.examine(doctor.wanted(runtimes, context))
    write = doctor.as_json if arguments.json else doctor.as_text
    code = DONE if doctor.healthy(findings) else FAILED
    return Outcome(write(findings, context.name if context else ""), code)


def _context(file: str | None, runtimes: set[str]) -> Context | None:
    if file is None and not Path(_HERE).exists():
        return None
    data, source = read_spec(_HERE if file is None else file)
    return resolve(load(data, source, runtimes))
