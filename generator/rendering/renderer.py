"""Template and answers to a tree in memory, with the same bytes as Copier. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import yaml
from pathspec import GitIgnoreSpec

from generator.progress import Count, no_count

from . import file_tree
from .file_tree import File, Tree
from .jinja_sandbox import Sandbox
from .template import CONFIG, Question, Template, TemplateError

ANSWERS_FILE = ".copier-answers.yml"
_PYTHON_TYPES: dict[str, type | tuple[type, ...]] = {
    "bool": bool,
    "float": (int, float),
    "int": int,
    "str": str,
    "json": object,
    "yaml": object,
}

_PARSERS: dict[str, Callable[[str], Any]] = {"float": float, "int": int, "json": json.loads, "str": str}

_Places = list[tuple[str, Mapping[str, Any]]]


def render(template: Template, answers: Mapping[str, Any], count: Count = no_count) -> Tree:
    """Return the repository that a template renders from the answers; TemplateError has file and line.

    Calls `count` with the number of files so far.
    """
    sandbox = _sandbox(template)
    context = _context(template, sandbox, answers)
    excluded = GitIgnoreSpec.from_lines(template.exclude)
    files: dict[str, File] = {}
    for source, path, file in _files(template, sandbox, context):
        if excluded.match_file(path):
            continue
        if fault := file_tree.path_fault(path):
            raise TemplateError(f"{source}: rendered path {path!a} {fault}")
        if path in files:
            first = next(origin for origin, known, _ in _files(template, sandbox, context) if known == path)
            raise TemplateError(f"{source}: same rendered path {path} as {first}; rename one of them")
        files[path] = file
        count(len(files), None)
    try:
        return file_tree.build(files.items())
    except file_tree.TreeError as error:
        raise TemplateError(f"{template.folder}: {error}") from None


@lru_cache(maxsize=8)
def _sandbox(template: Template) -> Sandbox:
    """Cache compiled templates between renderings."""
    return Sandbox(template.sources)


def _context(template: Template, sandbox: Sandbox, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables of template files: the answers, then the hidden questions in order."""
    visible = [question for question in template.questions if not question.hidden]
    if unknown := sorted(answers.keys() - {question.name for question in visible}):
        names = ", ".join(question.name for question in visible)
        raise TemplateError(f"{CONFIG}: no question for the answer {unknown[0]!r}; questions are {names}")
    context: dict[str, Any] = {}
    for question in template.questions:
        if not question.hidden and question.name in answers:
            context[question.name] = _typed(question, answers[question.name])
        else:
            context[question.name] = _default(question, sandbox, context)
    return {
        **context,
        "_copier_answers": {question.name: context[question.name] for question in visible},
        "_copier_conf": {"answers_file": ANSWERS_FILE},
    }


def _default(question: Question, sandbox: Sandbox, context: Mapping[str, Any]) -> Any:
    where = f"{CONFIG}: {question.name}"
    value = question.default
    if isinstance(value, list):
        value = [sandbox.text(item, context, where) if isinstance(item, str) else item for item in value]
    if not isinstance(value, str):
        return _typed(question, value)
    text = sandbox.text(value, context, where)
    try:
        return _typed(question, _PARSERS.get(question.type, yaml.safe_load)(text))
    except (ValueError, yaml.YAMLError) as error:
        raise TemplateError(f"{where}: rendered default is not of type {question.type}: {error}") from None


def _typed(question: Question, value: Any) -> Any:
    expected = _PYTHON_TYPES[question.type]
    if not isinstance(value, expected) or (isinstance(value, bool) and question.type in ("int", "float")):
        raise TemplateError(
            f"{CONFIG}: {question.name}: expected {question.type}, got {type(value).__name__}"
        )
    return value


def _files(
    template: Template, sandbox: Sandbox, context: Mapping[str, Any]
) -> Iterator[tuple[str, str, File]]:
    """Yield template file, path and content of each file to be; a folder's name is rendered once."""
    folders: dict[tuple[str, ...], _Places] = {(): [("", {})]}
    for source_path, source in sorted(template.sources.items()):
        if not source_path.startswith(f"{template.folder}/"):
            continue
        is_template = source_path.endswith(template.suffix)
        name = source_path.removeprefix(f"{template.folder}/").removesuffix(template.suffix)
        mode = file_tree.EXECUTABLE if source.executable else file_tree.REGULAR
        copied = File(mode, source.data)
        parts = tuple(name.split("/"))
        for path, bound in _places(parts, sandbox, context, folders, source_path):
            if is_template:
                text = sandbox.file(source_path, {**context, **bound})
                yield source_path, path, File(mode, text.encode())
            else:
                yield source_path, path, copied


def _places(
    parts: tuple[str, ...],
    sandbox: Sandbox,
    context: Mapping[str, Any],
    folders: dict[tuple[str, ...], _Places],
    where: str,
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each path that these parts render to, with the variables that `yield` has bound on the way.

    Folders are kept, for each holds many files; a path below them is not asked for again.
    """
    above = parts[:-1]
    if above not in folders:
        folders[above] = list(_places(above, sandbox, context, folders, where))
    for folder, bound in folders[above]:
        for name, more in sandbox.names(parts[-1], {**context, **bound}, where):
            yield f"{folder}/{name}" if folder else name, {**bound, **more} if more else bound
