"""The commands: argv to one function call each. The only module that prints results and exits."""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from . import __version__

if TYPE_CHECKING:
    from .draft import Draft
    from .template import Template

DONE, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
_FLAGS = ("service", "env", "description", "owner", "registry", "ci")
_COMMAND_LINE = "command line"


class UsageError(Exception):
    """Something about the command line; each line of the message is one fault."""


class OutputError(Exception):
    """Standard output cannot be written; `reason` is empty when its reader has left."""

    def __init__(self, error: OSError) -> None:
        super().__init__(str(error))
        self.reason = "" if isinstance(error, BrokenPipeError) else error.strerror


def main_new(argv: Sequence[str] | None = None) -> int:
    """Run `cn-new` and return its exit code."""
    return _guarded(lambda: _new(_new_parser().parse_args(argv)), "cn-new")


def main_cn(argv: Sequence[str] | None = None) -> int:
    """Run `cn` and return its exit code."""

    def run() -> int:
        arguments = _cn_parser().parse_args(argv)
        command: Callable[[argparse.Namespace], int] = arguments.command
        return command(arguments)

    return _guarded(run, "cn")


def _guarded(run: Callable[[], int], program: str) -> int:
    """Turn expected errors into messages and exit codes; anything else is a bug and says so."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = run()
    except KeyboardInterrupt:
        print(f"{program}: interrupted; nothing was written", file=sys.stderr)
        return INTERRUPTED
    except OutputError as error:
        if error.reason:
            print(f"{program}: standard output cannot be written: {error.reason}", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # or the interpreter would complain on its way out
        return FAILED
    except Exception as error:  # the one place that decides what is expected  # noqa: BLE001
        return _explain(error, program)
    return code


def _explain(error: Exception, program: str) -> int:
    from pulumi_stacks.load import SpecError

    from .disk import DestinationError, DiskError
    from .draft import DraftError
    from .template import TemplateError

    if isinstance(error, SpecError):
        problems = [replace(p, line=0) if p.source == _COMMAND_LINE else p for p in error.problems]
        print("\n".join(map(str, problems)), file=sys.stderr)
        return BAD_INPUT
    if isinstance(error, UsageError | DraftError | DestinationError):
        lines = str(error).splitlines()
        print("\n".join(line if line[:1] == " " else f"{program}: {line}" for line in lines), file=sys.stderr)
        return BAD_INPUT
    if isinstance(error, DiskError | TemplateError):
        print(f"{program}: {error}", file=sys.stderr)
        return FAILED
    traceback.print_exception(error)
    print(f"{program}: this is a bug; please report it with the lines above", file=sys.stderr)
    return FAILED


def _new_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
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
    return parser


def _cn_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="cn", description="Work with the cn.yaml of a system.")
    _add_version(parser)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    schema = commands.add_parser("schema", help="print the JSON schema of cn.yaml, or of the context")
    schema.add_argument("of", nargs="?", choices=("spec", "context"), default="spec")
    schema.set_defaults(command=_schema)
    context = commands.add_parser("context", help="print what templates see of a system, as YAML")
    context.add_argument(
        "--spec", metavar="FILE", default="cn.yaml", help="default: cn.yaml; - is standard input"
    )
    context.set_defaults(command=_context)
    return parser


def _add_version(parser: argparse.ArgumentParser) -> None:
    class Version(argparse.Action):
        def __call__(self, *_: object, **__: object) -> NoReturn:
            print(f"{parser.prog} {__version__}")
            parser.exit(DONE)

    parser.add_argument("--version", action=Version, nargs=0, help="print the version")


def _schema(arguments: argparse.Namespace) -> int:
    from pulumi_stacks import context, spec

    document = spec.schema() if arguments.of == "spec" else context.schema()
    _print(json.dumps(document, indent=2))
    return DONE


def _context(arguments: argparse.Namespace) -> int:
    from pulumi_stacks.context import resolve
    from pulumi_stacks.load import load

    from .template import open_template
    from .yamltext import dump

    data, source = _read_spec(arguments.spec)
    spec = load(data, source, open_template().runtimes)
    _print(dump(resolve(spec).answers()).rstrip("\n"))
    return DONE


def _new(arguments: argparse.Namespace) -> int:
    from . import disk, git, report
    from .project import build
    from .template import open_template

    template = open_template()
    _check_usage(arguments)
    if arguments.into or arguments.name:
        disk.check(_destination(arguments))  # before anything is asked
    data, source = _wanted_spec(arguments, template)
    project = build(data, source, template)
    destination = _destination(arguments, project.context.name)
    disk.check(destination)
    if arguments.plan:
        if not arguments.quiet:
            _print(report.plan(project.tree, destination))
        return DONE
    disk.create(destination, project.tree)
    notes, code = report.notes(project.context), DONE
    try:
        note = (
            None
            if arguments.no_git
            else git.first_commit(destination, f"Start {project.context.name} with cn-new")
        )
    except KeyboardInterrupt:
        note, code = "interrupted before the first commit: the files are there", INTERRUPTED
    notes += [note] if note else []
    if not arguments.quiet or code != DONE:
        _print(report.created(project.context, project.tree, destination, notes))
    return code


def _print(text: str) -> None:
    try:
        print(text, flush=True)
    except OSError as error:
        raise OutputError(error) from None


def _wanted_spec(arguments: argparse.Namespace, template: Template) -> tuple[bytes, str]:
    """Return the bytes of the cn.yaml to use, and the name of where they come from."""
    if arguments.spec is not None:
        return _read_spec(arguments.spec)
    from . import draft

    wanted = _draft(arguments)
    if arguments.defaults and not wanted.services:
        first = draft.parse_service(_default_service(template))
        wanted = replace(wanted, services=(first,))
    if not wanted.services:
        wanted = _ask(wanted, template)
    elif not wanted.name:
        raise UsageError("NAME is missing: it names the folder and the system")
    return draft.write(wanted), _COMMAND_LINE


def _default_service(template: Template) -> str:
    return f"api:{next(iter(template.runtimes))},database=postgres,route=/api"


def _check_usage(arguments: argparse.Namespace) -> None:
    faults = []
    given = [flag for flag in _FLAGS if getattr(arguments, flag) is not None]
    if arguments.spec is not None:
        faults += [f"--{flag} says what --spec says already; use one of them" for flag in given]
    texts = [arguments.description, arguments.owner, arguments.registry, *(arguments.service or ())]
    if any("\udc80" <= char <= "\udcff" for text in texts if text for char in text):
        faults.append("a text on the command line is not UTF-8")
    if arguments.name is not None and not _is_folder_name(arguments.name):
        faults.append(f"{json.dumps(arguments.name)[:60]} is not a folder's name; --into DIR takes a path")
    if faults:
        raise UsageError("\n".join(faults))


def _is_folder_name(name: str) -> bool:
    return bool(name) and name.isprintable() and not set(name) & set('/\\<>:"|?*') and name not in {".", ".."}


def _draft(arguments: argparse.Namespace) -> Draft:
    from .draft import Draft, parse

    environments, services = parse(arguments.env or ["dev=docker"], arguments.service or [])
    return Draft(
        name=arguments.name or (Path(arguments.into).resolve().name if arguments.into else ""),
        description=arguments.description or "",
        owner=arguments.owner or "",
        registry=arguments.registry or "",
        ci=arguments.ci or "",
        environments=environments,
        services=services,
    )


def _ask(wanted: Draft, template: Template) -> Draft:
    if not all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout)):
        name = wanted.name or "myproject"
        raise UsageError(
            "there is no terminal to ask on; say what you want, for example:\n"
            f"  cn-new {name} --defaults\n"
            f"  cn-new {name} --service {_default_service(template)}\n"
            f"  cn-new {name} --spec cn.yaml"
        )
    from .ask import ask

    return ask(wanted, template.runtimes)


def _read_spec(file: str) -> tuple[bytes, str]:
    from pulumi_stacks.load import read_file, read_stream

    if file == "-":
        if sys.stdin is None:
            raise UsageError("--spec -: standard input is closed")
        return read_stream(sys.stdin.buffer), "standard input"
    return read_file(Path(file)), file


def _destination(arguments: argparse.Namespace, system: str = "") -> Path:
    return Path(arguments.into or arguments.name or system)
