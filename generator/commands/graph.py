"""`cn graph`: the system as text, Mermaid, SVG or an HTML page."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Iterable, Iterator

from generator.cli.spec_input import read_spec
from generator.errors import UsageError
from generator.rendering.template import open_template
from generator.result import CommandResult
from pulumi_stacks.context.model import Context, Service
from pulumi_stacks.messages import listing, near, show
from pulumi_stacks.system import load, resolve


def run(arguments: argparse.Namespace) -> CommandResult:
    """Return the graph in the requested format."""
    data, source = read_spec(arguments.spec)
    context = resolve(load(data, source, open_template().runtimes))
    if arguments.around is not None:
        context = _around(context, arguments.around)
    text = _draw(context, arguments.format).rstrip("\n")
    return CommandResult(text, document=arguments.format != "text")


def _around(context: Context, name: str) -> Context:
    """Keep one service, its callers and its callees."""
    names = [service.name for service in context.services]
    if name not in names:
        offer = near(name, names) or f"; choose from {listing(names)}"
        raise UsageError(f"--around: no such service: {show(name, 60)}{offer}")
    kept = {name}
    for service in context.services:
        calls = {call.service for call in service.calls}
        kept |= {service.name} if name in calls else calls if service.name == name else set()
    return context.model_copy(update={"services": tuple(_within(kept, context.services, name))})


def _within(kept: set[str], services: Iterable[Service], name: str) -> Iterator[Service]:
    for service in services:
        if service.name in kept:
            calls = tuple(call for call in service.calls if name in {service.name, call.service})
            callers = tuple(caller for caller in service.callers if name in {service.name, caller})
            yield service.model_copy(update={"calls": calls, "callers": callers})


def _draw(context: Context, form: str) -> str:
    if form == "mermaid":
        from generator.graph.mermaid import mermaid

        return mermaid(context)
    if form == "svg":
        from generator.graph.svg import svg

        return svg(context)
    if form == "html":
        from generator.graph.page import page

        return page(context)
    from generator.graph.text import text_graph

    return text_graph(context, shutil.get_terminal_size().columns, _unicode())


def _unicode() -> bool:
    """Return whether standard output can print more than ASCII."""
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    try:
        "├─►│└".encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return os.environ.get("TERM") != "dumb"
