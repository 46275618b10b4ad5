"""The parsers of all commands. Standard library only, so that --help is fast.

Shell completion reads these parsers: it completes a value by its choices or its metavar (see `completer`).
"""

from __future__ import annotations

import argparse
from typing import NoReturn

from generator import __version__
from generator.result import printable


class _Parser(argparse.ArgumentParser):
    """A parser that escapes control characters in its errors."""

    def error(self, message: str) -> NoReturn:
        """Print the usage and the error, and exit."""
        super().error(printable(message))


def new_parser() -> argparse.ArgumentParser:
    """Return the parser of `cn-new`."""
    parser = _Parser(
        prog="cn-new",
        description="Start a cloud-native system: services, images and infrastructure from one cn.yaml.",
        epilog="Without --spec, --defaults or --service, a wizard asks for the system; it needs a terminal.",
    )
    add = parser.add_argument
    add(
        "name",
        nargs="?",
        metavar="NAME",
        help="folder to create; without --spec also the name of the system",
    )
    add("--spec", metavar="FILE", help="create the system of this cn.yaml; - reads standard input")
    add("--defaults", action="store_true", help="ask no questions; use defaults for unspecified values")
    _add_fields(parser)
    add("--into", metavar="DIR", help="create the project in this folder instead of ./NAME")
    add("--merge", action="store_true", help="allow a folder with files; existing files are not changed")
    add("--no-git", action="store_true", help="do not create a git repository")
    add("--plan", action="store_true", help="show what would be written; write nothing")
    _add_plan_forms(parser)
    add("--quiet", action="store_true", help="print only errors")
    _add_version(parser)
    parser.set_defaults(command="new")
    return parser


def _add_fields(parser: argparse.ArgumentParser) -> None:
    """Add the options that correspond to fields of cn.yaml."""
    add = parser.add_argument
    add(
        "--service",
        action="append",
        metavar="NAME:RUNTIME[,database=postgres][,route=/x][,calls=a+b]",
        help="add a service; repeatable; replicas=2-6 sets the minimum and maximum of replicas",
    )
    add(
        "--env",
        action="append",
        metavar="NAME=TARGET[,gateway=ingress][,domain=HOST][,state=URL]",
        help="add an environment, such as dev=docker or prod=kubernetes (requires --registry); repeatable "
        "(default: dev=docker)",
    )
    add("--description", metavar="TEXT", help="one-line description of the system")
    add("--owner", metavar="OWNER", help="code owner: @user, @organisation/team or e-mail address")
    add("--registry", metavar="REGISTRY", help="registry for the images, such as ghcr.io/acme")
    add("--ci", choices=("github", "gitlab", "none"), help="CI service for the pipelines (default: none)")


def cn_parser() -> argparse.ArgumentParser:
    """Return the parser of `cn` and its commands; each sets `command`, the name of its module."""
    parser = _Parser(prog="cn", description="Inspect, plan and compare the system of a cn.yaml.")
    _add_version(parser)
    add = parser.add_subparsers(required=True, metavar="COMMAND").add_parser
    _schema(add("schema", help="print the JSON schema of cn.yaml, of the context, of a plan or of a diff"))
    _context(add("context", help="print the context of the templates as YAML"))
    _graph(add("graph", help="show services, routes, calls and databases as a graph"))
    _doctor(add("doctor", help="check that the required tools are installed"))
    _completion(add("completion", help="print the completion script for a shell"))
    _plan(add("plan", help="show the changes of cn.yaml to this repository; write nothing"))
    _diff(add("diff", help="compare two revisions of cn.yaml and show the impact on the running system"))
    return parser


def _schema(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("of", nargs="?", choices=("spec", "context", "plan", "diff"), default="spec")
    parser.set_defaults(command="schema")


def _context(parser: argparse.ArgumentParser) -> None:
    _add_spec(parser)
    parser.set_defaults(command="context")


def _graph(parser: argparse.ArgumentParser) -> None:
    _add_spec(parser)
    parser.add_argument(
        "--format",
        choices=("text", "mermaid", "svg", "html"),
        default="text",
        help="text (default), a Mermaid flowchart, an SVG image, or an interactive HTML page",
    )
    parser.add_argument("--around", metavar="SERVICE", help="show only this service, its callers and callees")
    parser.set_defaults(command="graph")


def _doctor(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--spec", metavar="FILE", help="default: cn.yaml; without it, check for all tools of a new system"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(command="doctor")


def _completion(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=("bash", "zsh", "fish"), help="the shell")
    parser.set_defaults(command="completion")


def _plan(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Show the changes of cn.yaml to the repository: a three-way comparison of the files rendered last, "
        "your files, and the files rendered now. Your edits are kept. Exit code: 0 no changes, 3 changes, 2 "
        "bad input."
    )
    parser.epilog = (
        "There is no command yet that applies a plan. `cn plan --diff | git apply`, in the project's folder, "
        "applies all changes except conflicts."
    )
    parser.add_argument(
        "--project", metavar="DIR", help="folder of the project (default: the current folder or a parent)"
    )
    parser.add_argument(
        "--spec", metavar="FILE", help="use this cn.yaml instead of the project's; - reads standard input"
    )
    _add_plan_forms(parser)
    parser.add_argument("--quiet", action="store_true", help="print nothing; only set the exit code")
    parser.set_defaults(command="plan")


def _add_plan_forms(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--diff", action="store_true", help="show the plan with a patch of the changed lines")
    parser.add_argument(
        "--json", action="store_true", help="print the plan as JSON (schema: `cn schema plan`)"
    )


def _diff(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Compare cn.yaml at two git revisions: services, calls, routes, databases, and the containers that "
        "are replaced or updated. Works offline and does not compare the code of the services."
    )
    parser.add_argument(
        "revisions",
        nargs="?",
        metavar="REV..REV",
        help="two revisions; a single REV is compared with the working tree (default: HEAD); "
        "REV...REV starts at the merge base",
    )
    parser.add_argument("--env", metavar="ENVIRONMENT", help="show only this environment")
    parser.add_argument("--format", choices=("text", "markdown", "json"), default="text")
    parser.add_argument(
        "--project", metavar="DIR", help="folder of the project (default: the current folder or a parent)"
    )
    parser.set_defaults(command="diff")


def _add_spec(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--spec", metavar="FILE", default="cn.yaml", help="default: cn.yaml; - reads standard input"
    )


def _add_version(parser: argparse.ArgumentParser) -> None:
    version = f"{parser.prog} {__version__}"
    parser.add_argument("--version", action="version", version=version, help="print the version")
