"""`cn completion`: the completion script of a shell for `cn` and `cn-new`."""

from __future__ import annotations

import argparse
from pathlib import Path

from generator import cli, result

_SCRIPTS = Path(cli.__file__).parent / "shell"


def run(arguments: argparse.Namespace) -> result.CommandResult:
    """Return the script for a shell."""
    script = _SCRIPTS / f"cn.{arguments.shell}"
    return result.CommandResult(script.read_text(encoding="utf-8").rstrip("\n"), document=True)
