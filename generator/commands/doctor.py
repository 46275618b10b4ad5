"""`cn doctor`: what is installed, what is missing for this system, and how to get it."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from generator import doctor
from generator.outcome import DONE, FAILED, Outcome
from generator.probe import printed
from generator.source import read_spec
from generator.template import open_template
from pulumi_stacks import machine
from pulumi_stacks.context import Context, resolve
from pulumi_stacks.load import load

_HERE = "cn.yaml"


def run(arguments: argparse.Namespace) -> Outcome:
    """Examine this machine for a system, or without one for any."""
    runtimes = open_template().runtimes
    context = _context(arguments.spec, set(runtimes))
    findings = doctor.examine(doctor.wanted(runtimes, context))
    limits = _limits(context) if context else doctor.Limits()
    write = doctor.as_json if arguments.json else doctor.as_text
    code = DONE if doctor.healthy(findings) and not limits.faults else FAILED
    return Outcome(write(findings, context.name if context else "", limits), code)


def _limits(context: Context) -> doctor.Limits:
    """Compare what services may use with what the engine's machine has, if there is one."""
    found = machine.read(printed(("docker", *machine.QUESTION), os.environ))
    if found is None or "docker" not in context.targets:
        return doctor.Limits()
    wishes, name = machine.wishes(context), context.local.name
    return doctor.Limits(
        tuple(machine.faults(wishes, name, found)), tuple(machine.warnings(wishes, name, found))
    )


def _context(file: str | None, runtimes: set[str]) -> Context | None:
    if file is None and not Path(_HERE).exists():
        return None
    data, source = read_spec(_HERE if file is None else file)
    return resolve(load(data, source, runtimes))
