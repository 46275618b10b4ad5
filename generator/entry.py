"""The entry points of `cn` and `cn-new`: imports happen only after Ctrl-C is handled."""

import sys
from importlib import import_module


def main_new() -> int:
    """Run `cn-new` and return its exit code."""
    return _run("cn-new", "main_new")


def main_cn() -> int:
    """Run `cn` and return its exit code."""
    return _run("cn", "main_cn")


def _run(program: str, name: str) -> int:
    try:
        code: int = getattr(import_module("generator.main"), name)()
    except KeyboardInterrupt:
        sys.stderr.write(f"{program}: interrupted; nothing was written\n")
        return 130
    return code
