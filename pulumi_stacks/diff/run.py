"""What changed between two specs for the running system. `python -m pulumi_stacks.diff A B` prints it.

A and B are files or revisions of git; the file of a revision is the cn.yaml one folder above this one's.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ..errors import ExpectedError
from ..plan.planner import PlanError
from ..spec import loader
from ..system import compare, load, make_plan, resolve
from .git_revisions import RevisionError, Source, parted, read
from .markdown import markdown
from .model import Diff, schema
from .text import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..context.model import Context
    from ..plan.model import DeploymentPlan

__all__ = ["DiffError", "Format", "changes", "main", "render", "schema", "sources"]

Format = Literal["text", "markdown", "json"]
FORMATS: tuple[Format, ...] = ("text", "markdown", "json")
FAILED, BAD_INPUT = 1, 2


class DiffError(ExpectedError):
    """Specs that cannot be compared; each line of the message is one fault."""


def sources(folder: Path, name: str, words: str | None) -> tuple[Source, Source]:
    """Read both sides of `REV..REV`, `REV...REV`, `REV` or nothing (HEAD) from a folder.

    One revision alone is compared with the file that is there. Raises DiffError or SpecError.
    """
    words = "HEAD" if words is None else words
    try:
        if "..." in words:
            one, _, other = words.partition("...")
            one, other = one or "HEAD", other or "HEAD"
            base = read(folder, name, parted(folder, one, other))
            return Source(f"{one}...{other}", base.data), read(folder, name, other)
        if ".." in words:
            one, _, other = words.partition("..")
            return read(folder, name, one or "HEAD"), read(folder, name, other or "HEAD")
        return read(folder, name, words), read(folder, name, None)
    except RevisionError as error:
        raise DiffError(str(error)) from None


def changes(before: Source, after: Source, environment: str | None = None) -> Diff:
    """Compare two specs in every environment, or in one. Raises DiffError or SpecError."""
    old, new = (_resolved(source) for source in (before, after))
    names = list(dict.fromkeys(entry.name for system in (new, old) for entry in system.environments))
    if environment is not None:
        if environment not in names:
            raise DiffError(f"--env {environment}: not in either cn.yaml (they have {', '.join(names)})")
        names = [environment]
    found = tuple(compare(_plan(old, name, before), _plan(new, name, after)) for name in names)
    return Diff(
        before=before.name,
        after=after.name,
        name=new.name,
        changed=any(
            each.findings or each.containers or any(each.networks.model_dump().values()) for each in found
        ),
        environments=found,
    )


def render(diff: Diff, form: Format) -> str:
    """Return a diff as text, Markdown or JSON, without a last line break."""
    if form == "json":
        return diff.model_dump_json(indent=2)
    return markdown(diff) if form == "markdown" else text(diff)


def _resolved(source: Source) -> Context:
    return resolve(load(source.data, source.name))


def _plan(system: Context, name: str, source: Source) -> DeploymentPlan | None:
    if all(entry.name != name for entry in system.environments):
        return None
    try:
        return make_plan(system, name)
    except PlanError as error:
        raise DiffError("\n".join(f"{source.name}: {problem}" for problem in error.problems)) from None


def main(argv: Sequence[str] | None = None) -> int:
    """Run `python -m pulumi_stacks.diff` and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m pulumi_stacks.diff", description=__doc__)
    parser.add_argument("before", metavar="A", help="a file, or a revision of git")
    parser.add_argument("after", metavar="B", help="a file, or a revision of git")
    parser.add_argument("--env", metavar="NAME", help="this environment alone")
    parser.add_argument("--format", choices=FORMATS, default="text")
    arguments = parser.parse_args(argv)
    try:
        before, after = (_file_or_revision(word) for word in (arguments.before, arguments.after))
        printed = render(changes(before, after, arguments.env), arguments.format)
    except (DiffError, RevisionError, loader.SpecError) as error:
        sys.stderr.write(f"{error}\n")
        return BAD_INPUT
    return _print(printed)


def _print(printed: str) -> int:
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        sys.stdout.write(f"{printed}\n")
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has closed the pipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return FAILED
    return 0


def _file_or_revision(word: str) -> Source:
    path = Path(word)
    if path.is_file():
        return Source(word, loader.read_file(path))
    if "/" in word and word.endswith((".yaml", ".yml")):
        raise DiffError(f"{word}: no such file")
    return read(Path("..") if not Path("cn.yaml").is_file() else Path(), "cn.yaml", word)
