"""`cn doctor`: checks the tools that a system requires, and how to install them."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from generator.cli.spec_input import read_spec
from generator.doctor import report as doctor
from generator.doctor.version_probe import printed
from generator.rendering.template import open_template
from generator.result import DONE, FAILED, CommandResult
from pulumi_stacks import targets
from pulumi_stacks.context.model import Context
from pulumi_stacks.system import load, resolve

_HERE = "cn.yaml"


def run(arguments: argparse.Namespace) -> CommandResult:
    """Check this machine for a system, or without a cn.yaml for a new one."""
    runtimes = open_template().runtimes
    context = _context(arguments.spec, set(runtimes))
    findings = doctor.examine(doctor.required_tools(runtimes, context))
    limits = _limits(context) if context else doctor.Limits()
    write = doctor.as_json if arguments.json else doctor.as_text
    code = DONE if doctor.healthy(findings) and not limits.faults else FAILED
    return CommandResult(write(findings, context.name if context else "", limits), code)


def _limits(context: Context) -> doctor.Limits:
    """Compare the limits of services with the resources of this machine, where a target runs on it."""
    hosts = [host for name in context.targets if (host := targets.known()[name].host)]
    found = [host.compare(context, printed(host.command, os.environ)) for host in hosts]
    return doctor.Limits(
        tuple(fault for faults, _ in found for fault in faults),
        tuple(warning for _, warnings in found for warning in warnings),
    )


def _context(file: str | None, runtimes: set[str]) -> Context | None:
    if file is None and not Path(_HERE).exists():
        return None
    data, source = read_spec(_HERE if file is None else file)
    return resolve(load(data, source, runtimes))
