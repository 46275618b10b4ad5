"""The command line of every command. Standard library only, so that help is instant."""

from __future__ import annotations

import argparse
from typing import NoReturn

from . import __version__
from .outcome import printable


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
    add(
        "--service",
        action="append",
        metavar="NAME:RUNTIME[,database=postgres][,route=/x][,calls=a+b]",
        help="a service; may be repeated",
    )
    add(
        "--env",
        action="append",
        metavar="NAME=TARGET",
        help="an environment; may be repeated (default: dev=docker)",
    )
    add("--description", metavar="TEXT", help="one line on what the system does")
    add("--owner", metavar="OWNER", help="who answers for it: @user, @organisation/team or an e-mail address")
    add("--registry", metavar="REGISTRY", help="first part of the images' names, such as ghcr.io/acme")
    add("--ci", choices=("github", "gitlab", "none"), help="where pipelines will run (default: none)")
    add("--into", metavar="DIR", help="the project's folder itself, instead of ./NAME")
    add("--no-git", action="store_true", help="make no git repository")
    add("--plan", action="store_true", help="list what would be written and write nothing")
    add("--quiet", action="store_true", help="print nothing but errors")
    _add_version(parser)
    parser.set_defaults(command="new")
    return parser


def cn_parser() -> argparse.ArgumentParser:
    """Return the parser of `cn` and of its commands; each sets `command`, the name of its module."""
    parser = _Parser(prog="cn", description="Work with the cn.yaml of a system.")
    _add_version(parser)
    add = parser.add_subparsers(required=True, metavar="COMMAND").add_parser
    _schema(add("schema", help="print the JSON schema of cn.yaml, or of the context"))
    _context(add("context", help="print what templates see of a system, as YAML"))
    return parser


def _schema(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("of", nargs="?", choices=("spec", "context"), default="spec")
    parser.set_defaults(command="schema")


def _context(parser: argparse.ArgumentParser) -> None:
    _add_spec(parser)
    parser.set_defaults(command="context")


def _add_spec(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--spec", metavar="FILE", default="cn.yaml", help="default: cn.yaml; - is standard input"
    )


def _add_version(parser: argparse.ArgumentParser) -> None:
    version = f"{parser.prog} {__version__}"
    parser.add_argument("--version", action="version", version=version, help="print the version")
