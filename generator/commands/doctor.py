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
from pulumi_stacks.context.model import Context
from pulumi_stacks.system import load, resolve
from pulumi_stacks.targets.docker import capacity

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
    """Compare the limits of services with the resources of the Docker host, if there is one."""
    found = capacity.read(printed(("docker", *capacity.INFO_COMMAND), os.environ))
    if found is None or "docker" not in context.targets:
        return doctor.Limits()
    replica_limits, name = capacity.replica_limits(context), context.local.name
    return doctor.Limits(
        tuple(capacity.faults(replica_limits, name, found)),
        tuple(capacity.warnings(replica_limits, name, found)),
    )


def _context(file: str | None, runtimes: set[str]) -> Context | None:
    if file is None and not Path(_HERE).exists():
        return None
    data, source = read_spec(_HERE if file is None else file)
    return resolve(load(data, source, runtimes))
