"""The preview before anything is written: graph, files, cn.yaml, and the equivalent command."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from generator import columns
from generator.authoring import flags, spec_editor, spec_writer
from generator.authoring.draft import previous_names, to_document
from generator.cli.project_root import MARKERS
from generator.graph.text import text_graph
from generator.repository import existing_files, summary
from generator.repository.build import Project
from generator.repository.git import nested_repository
from generator.repository.writer import DestinationError

from . import terminal
from .prompts import Back, Choice, Question, group
from .session import Session, State
from .validation import free

_WRITE, _BACK, _QUIT = "write", "back", "quit"


@dataclass(frozen=True)
class Preview:
    """A system as it will be written."""

    project: Project
    destination: Path


def confirm(session: Session, state: State) -> Preview:
    """Show the preview and ask for confirmation; Back if it is not given."""
    data, notes = _data(state)
    project = session.build(data, str(state.origin.path) if state.origin else "cn.yaml")
    destination = session.destination_of(state.draft.name)
    count, more = _file_count(session, project, destination)
    notes += summary.notes(project.context) + more
    graph = text_graph(project.context, terminal.width(), session.unicode)
    how, line = command(session, state, data)
    parts = {
        "": graph,
        "Files": _indented(files(project)),
        "cn.yaml": _indented(data.decode("utf-8-sig").splitlines()),
        "Notes": _indented(line for note in notes for line in _wrapped(note, 2)),
        "\n".join(_wrapped(how)): _indented([line]),
    }
    blocks = (f"{heading}\n{text}" if heading else text for heading, text in parts.items() if text)
    session.prompter.show("\n" + "\n\n".join(blocks) + "\n")
    session.prompter.discard_typeahead()
    question = Question("", f"{count} files for {destination}")
    write = "Write the files" if session.writes else "Show the plan; --plan writes nothing"
    choices = (Choice(_WRITE, (write,)), Choice(_BACK, ("Back",)), Choice(_QUIT, ("Quit",)))
    found = session.prompter.select(question, [group(*choices)], _WRITE)
    if found == _QUIT:
        raise KeyboardInterrupt
    if found == _BACK:
        raise Back
    return Preview(project, destination)


def _file_count(session: Session, project: Project, destination: Path) -> tuple[int, list[str]]:
    """Return the number of files to write, and notes on the folder."""
    notes = nested_repository.notes(destination, project.tree)
    if not session.merges:
        return len(project.tree), notes
    try:
        found = existing_files.find(destination, project.tree)
    except DestinationError as error:
        return 0, [*notes, *str(error).splitlines()]
    return len(found.tree), notes + existing_files.notes(found)


def _data(state: State) -> tuple[bytes, list[str]]:
    """Return the cn.yaml to write, and notes on it."""
    document = to_document(state.draft)
    if state.origin is None:
        return spec_writer.write(document), []
    edited = spec_editor.edit(state.origin.data, document, previous_names(state.draft))
    lost = f"{state.origin.path} cannot be edited in place: its comments are not kept."
    return edited.data, [] if edited.in_place else [lost]


def files(project: Project) -> list[str]:
    """Return the number of files of each service, and of other folders."""
    places = Counter(_place(path) for path in project.tree)
    names = [f"services/{service.name}/" for service in project.context.services]
    order = [name for name in names if name in places] + sorted(places.keys() - set(names))
    widest = max(map(len, [*order, "total"]))
    digits = len(str(len(project.tree)))
    rows = [*((name, places[name]) for name in order), ("total", len(project.tree))]
    return [f"{name:{widest}}  {count:{digits}}" for name, count in rows]


def _place(path: str) -> str:
    parts = path.split("/")
    if parts[0] in MARKERS:  # `cn plan` does not count them
        return "cn.yaml, .cn-new/"
    if parts[0] == "services":
        return f"services/{parts[1]}/"
    return "infra/" if parts[0] == "infra" else "other"


def command(session: Session, state: State, data: bytes) -> tuple[str, str]:
    """Return the equivalent command without questions, after its heading."""
    draft, options = state.draft, list(session.options)
    plain = "Command without questions"
    words = flags.words(draft)
    if words and state.origin is None:
        return plain, shlex.join(["cn-new", *words, *options])
    named = [] if "--into" in options else [draft.name]
    if state.origin and state.origin.data == data:
        path = str(state.origin.path)
        option = [f"--spec={path}"] if path.startswith("-") else ["--spec", path]
        return plain, shlex.join(["cn-new", *named, *option, *options])
    if not session.writes:
        line = shlex.join(["cn-new", *named, "--spec", "cn.yaml", *options])
        return f"{plain}, with cn.yaml as above", line
    written = session.destination_of(draft.name)
    beside = [path.name for path in written.absolute().parent.glob(f"{written.name}-*")]
    another = written.with_name(free(f"{written.name}-2", beside))
    rest = [word for word in options if word not in {"--into", str(written)}]
    line = shlex.join(["cn-new", "--spec", str(written / "cn.yaml"), "--into", str(another), *rest])
    return "Command for another copy, from the written cn.yaml", line


def _wrapped(text: str, indent: int = 0) -> list[str]:
    return columns.wrapped(text, max(20, terminal.width() - indent))


def _indented(lines: Iterable[str]) -> str:
    return "\n".join(f"  {line}".rstrip() for line in lines)
