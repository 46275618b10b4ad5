"""The command line of every command. Standard library only, so that help is instant.

Completion at a shell reads these parsers: a value is known by its choices or its metavar (see `completer`).
"""

from __future__ import annotations

import argparse
from typing import NoReturn

from generator import __version__
from generator.result import printable


class _Parser(argparse.ArgumentParser):
    """A parser whose errors repeat no control character."""

    def error(self, message: str) -> NoReturn:
        """Print how to use the command and what is wrong, and exit."""
        super().error(printable(message))


def new_parser() -> argparse.ArgumentParser:
    """Return the parser of `cn-new`."""
    parser = _Parser(
        prog="cn-new",
        description="Start a cloud-native system: services, images and infrastructure from one cn.yaml.",
        epilog="On a terminal and without --spec, --defaults or --service it asks.",
    )
    add = parser.add_argument
    add(
        "name",
        nargs="?",
        metavar="NAME",
        help="folder to make, and the system's name when there is no --spec",
    )
    add("--spec", metavar="FILE", help="the cn.yaml to start from; - reads it from standard input")
    add("--defaults", action="store_true", help="ask nothing: what is not said takes its default")
    _add_fields(parser)
    add("--into", metavar="DIR", help="the project's folder itself, instead of ./NAME")
    add("--merge", action="store_true", help="into a folder that has files: they stay as they are")
    add("--no-git", action="store_true", help="make no git repository")
    add("--plan", action="store_true", help="list what would be written and write nothing")
    _add_plan_forms(parser)
    add("--quiet", action="store_true", help="print nothing but errors")
    _add_version(parser)
    parser.set_defaults(command="new")
    return parser


def _add_fields(parser: argparse.ArgumentParser) -> None:
    """Add what says the same as a field of cn.yaml."""
    add = parser.add_argument
    add(
        "--service",
        action="append",
        metavar="NAME:RUNTIME[,database=postgres][,route=/x][,calls=a+b]",
        help="a service; may be repeated; replicas=2-6 says how many run, at least and at most",
    )
    add(
        "--env",
        action="append",
        metavar="NAME=TARGET[,gateway=ingress][,domain=HOST][,state=URL]",
        help="an environment on docker or kubernetes, which needs --registry; may be repeated "
        "(default: dev=docker)",
    )
    add("--description", metavar="TEXT", help="one line on what the system does")
    add("--owner", metavar="OWNER", help="who answers for it: @user, @organisation/team or an e-mail address")
    add("--registry", metavar="REGISTRY", help="first part of the images' names, such as ghcr.io/acme")
    add("--ci", choices=("github", "gitlab", "none"), help="where pipelines will run (default: none)")


def cn_parser() -> argparse.ArgumentParser:
    """Return the parser of `cn` and of its commands; each sets `command`, the name of its module."""
    parser = _Parser(prog="cn", description="Work with the cn.yaml of a system.")
    _add_version(parser)
    add = parser.add_subparsers(required=True, metavar="COMMAND").add_parser
    _schema(add("schema", help="print the JSON schema of cn.yaml, the context, a plan or a diff"))
    _context(add("context", help="print what templates see of a system, as YAML"))
    _graph(add("graph", help="draw services, routes, calls and databases"))
    _doctor(add("doctor", help="say what is installed, what a system lacks, and how to get it"))
    _completion(add("completion", help="print the script that completes cn and cn-new in a shell"))
    _plan(add("plan", help="show what cn.yaml would change in this repository; writes nothing"))
    _diff(add("diff", help="show what changed in cn.yaml, and what it does to the running system"))
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
        help="text (default), a Mermaid flowchart, a picture, or one page to explore the system on",
    )
    parser.add_argument("--around", metavar="SERVICE", help="only this service, its callers and callees")
    parser.set_defaults(command="graph")


def _doctor(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--spec", metavar="FILE", help="default: cn.yaml, or without one what any system may need"
    )
    parser.add_argument("--json", action="store_true", help="print it for a program")
    parser.set_defaults(command="doctor")


def _completion(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=("bash", "zsh", "fish"), help="whose script")
    parser.set_defaults(command="completion")


def _plan(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Compare what cn.yaml renders today with what was rendered last and with what is there. Your own "
        "lines stay. Exit code: 0 nothing to do, 3 something to do, 2 bad input."
    )
    parser.epilog = (
        "There is no command yet that does it. `cn plan --diff | git apply`, in the project's folder, takes "
        "over all but conflicts."
    )
    parser.add_argument("--project", metavar="DIR", help="the project's folder (default: here, or above)")
    parser.add_argument(
        "--spec", metavar="FILE", help="another cn.yaml than the project's; - is standard input"
    )
    _add_plan_forms(parser)
    parser.add_argument("--quiet", action="store_true", help="print nothing; the exit code says it")
    parser.set_defaults(command="plan")


def _add_plan_forms(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--diff", action="store_true", help="with a plan, show the changed lines as a patch")
    parser.add_argument("--json", action="store_true", help="print a plan as JSON (`cn schema plan`)")


def _diff(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Compare cn.yaml at two revisions of git: services, edges, routes, data, and which containers are "
        "replaced or updated. Offline; the code of the services is no part of it."
    )
    parser.add_argument(
        "revisions",
        nargs="?",
        metavar="REV..REV",
        help="two revisions; REV alone is compared with the file that is there (default: HEAD); "
        "REV...REV begins where the two parted",
    )
    parser.add_argument("--env", metavar="ENVIRONMENT", help="this environment alone")
    parser.add_argument("--format", choices=("text", "markdown", "json"), default="text")
    parser.add_argument("--project", metavar="DIR", help="the project's folder (default: here, or above)")
    parser.set_defaults(command="diff")


def _add_spec(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--spec", metavar="FILE", default="cn.yaml", help="default: cn.yaml; - is standard input"
    )


def _add_version(parser: argparse.ArgumentParser) -> None:
    version = f"{parser.prog} {__version__}"
    parser.add_argument("--version", action="version", version=version, help="print the version")
