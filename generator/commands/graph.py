"""`cn graph`: the system as text, Mermaid, SVG or a page."""

from __future__ import annotations

import argparse
import os
import shutil
import sys

from generator.outcome import Outcome
from generator.source import read_spec
from generator.template import open_template
from pulumi_stacks.context import Context, resolve
from pulumi_stacks.load import load


def run(arguments: argparse.Namespace) -> Outcome:
    """Return the graph in the format that was asked for."""
    data, source = read_spec(arguments.spec)
    context = resolve(load(data, source, open_template().runtimes))
    return Outcome(_draw(context, arguments.format).rstrip("\n"))


def _draw(context: Context, form: str) -> str:
    if form == "mermaid":
        from generator.mermaid import mermaid

        return mermaid(context)
    if form == "svg":
        from generator.svg import svg

        return svg(context)
    if form == "html":
        from generator.page import page

        return page(context)
    from generator.graph import text_graph

    return text_graph(context, shutil.get_terminal_size().columns, _unicode())


def _unicode() -> bool:
    """Say whether standard output takes more than ASCII."""
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    try:
        "├─►│└".encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return os.environ.get("TERM") != "dumb"
