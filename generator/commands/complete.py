"""`cn __complete`: called by the completion scripts of the shells at each TAB.

It imports as little as possible, and ignores all errors, because output would disturb the command line.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from pathlib import Path

from generator.cli import completer, parsers
from generator.result import CommandResult

_PROGRAMS = {"cn": parsers.cn_parser, "cn-new": parsers.new_parser}
_PROJECT_COMMANDS = ("plan", "diff")
_MOST_BYTES = 2 * 2**20
# A copy of the values in the spec's model, which takes too long to import at each TAB.
GATEWAYS = ("loadbalancer", "ingress", "gateway-api")
_NAME = re.compile("[a-z][a-z0-9-]*")


def run(words: Sequence[str]) -> CommandResult:
    """Complete for a shell: bash passes its line and its word breaks, the others pass the words."""
    try:
        return CommandResult("\n".join(_answer(words[0], words[1:])))
    except Exception:  # an error message would disturb the command line  # noqa: BLE001
        return CommandResult("")


def _answer(shell: str, words: Sequence[str]) -> list[str]:
    line = _split(words[0]) if shell == "bash" else list(words)
    start = next(index for index, word in enumerate(line) if Path(word).name in _PROGRAMS)
    parser = _PROGRAMS[Path(line[start]).name]()
    typed = line[start + 1 :]
    answer = completer.complete(parser, typed, _lookups(typed))
    lines = answer.lines()
    if shell == "bash":
        cut = _cut(typed[-1], words[1])
        lines[1:] = [found[cut:] for found in lines[1:]]
    return lines


def _split(line: str) -> list[str]:
    """Split a line as a shell does, with an open quotation too; the last word may be empty."""
    for closing in ("", '"', "'"):
        try:
            words = shlex.split(line + closing)
        except ValueError:
            continue
        return [*words, ""] if not closing and line[-1:].isspace() else words
    return []


def _cut(current: str, dividers: str) -> int:
    """Return the length of the part of the last word that bash treats as separate words (COMP_WORDBREAKS)."""
    return max((current.rfind(char) + 1 for char in dividers if char in ":="), default=0)


def _lookups(typed: Sequence[str]) -> dict[str, completer.Lookup]:
    return {
        "SERVICE": lambda: _names(typed, "services"),
        "ENVIRONMENT": lambda: _names(typed, "environments"),
        "RUNTIME": _runtimes,
        "TARGET": _targets,
        "CONFIGURABLE_TARGET": _configurable_targets,
        "GATEWAY": lambda: GATEWAYS,
    }


def _names(typed: Sequence[str], section: str) -> list[str]:
    """Return names from the cn.yaml of the command line, or of the project for its commands."""
    from generator.cli.project_root import SPEC, find_project
    from generator.rendering.yaml_outline import keys

    file, project = _option_value(typed, "--spec"), _option_value(typed, "--project")
    if file is None and typed[0] in _PROJECT_COMMANDS:
        file = str(find_project(project and str(Path(project).expanduser())) / SPEC)
    path = Path(file or SPEC).expanduser()
    if not path.is_file() or path.stat().st_size > _MOST_BYTES:
        return []
    # Only valid names: a shell could execute other text.
    return [name for name in keys(path.read_bytes(), section) if _NAME.fullmatch(name)]


def _option_value(typed: Sequence[str], option: str) -> str | None:
    """Return the last value of an option in the line."""
    found = None
    for word, following in zip(typed, [*typed[1:], ""], strict=True):
        if word == option:
            found = following
        elif word.startswith(f"{option}="):
            found = word.partition("=")[2]
    return found


def _runtimes() -> list[str]:
    from generator.rendering.template import CONFIG, built_in_root
    from generator.rendering.yaml_outline import keys

    return keys((built_in_root() / CONFIG).read_bytes(), "runtimes", "default")


def _targets() -> list[str]:
    from pulumi_stacks import targets

    return list(targets.all_names())


def _configurable_targets() -> list[str]:
    """Return the targets for which an environment has settings."""
    from pulumi_stacks import targets

    return [name for name, target in targets.known().items() if target.spec.fields]
