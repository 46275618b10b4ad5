"""Reads a template into memory: copier.yml and its files, validated against our subset of Copier."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any

import yaml

from generator.errors import CommandError

from . import yaml_outline

BUILT_IN = "cn-new"
CONFIG = "copier.yml"
# The folders that a template is read from; its files can include files from here.
INCLUDED_FOLDERS = ("templates", "pulumi_stacks")
SETTINGS = {
    "_envops",
    "_exclude",
    "_min_copier_version",
    "_skip_if_exists",
    "_subdirectory",
    "_templates_suffix",
}
QUESTION_KEYS = {"default", "help", "type", "when"}
TYPES = {"bool", "float", "int", "json", "str", "yaml"}
_UNPORTABLE = re.compile(r'[\x00-\x1f<>:"|?*\\]')
_DEPTH = 100
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CLUTTER = re.compile(r"(__pycache__|\.DS_Store|.*\.py[co])\Z")


class TemplateError(CommandError):
    """A template that is invalid or outside the subset; the message has file, fault and remedy."""

    code = 1


@dataclass(frozen=True)
class Source:
    """One file of a template."""

    executable: bool
    data: bytes


@dataclass(frozen=True)
class Question:
    """One question of copier.yml; a hidden one is computed from those before it."""

    name: str
    type: str
    default: Any
    hidden: bool


@dataclass(frozen=True, eq=False)
class Template:
    """A template as a value; no file is read after `open_template`."""

    name: str
    sources: Mapping[str, Source]
    folder: str
    suffix: str
    exclude: tuple[str, ...]
    questions: tuple[Question, ...]

    @cached_property
    def runtimes(self) -> Mapping[str, Mapping[str, Any]]:
        """Return the runtimes by name, in the order of copier.yml, those without the contract last."""
        found = next((question.default for question in self.questions if question.name == "runtimes"), None)
        if not isinstance(found, dict) or not found:
            raise TemplateError(f"{CONFIG}: runtimes: no default; add one with an entry per runtime")
        first = sorted(found, key=lambda name: not found[name].get("contract", True))
        return MappingProxyType({name: found[name] for name in first})

    @cached_property
    def digest(self) -> str:
        """Return `sha256:…` over all files of the template."""
        total = hashlib.sha256()
        for path, source in sorted(self.sources.items()):
            content = hashlib.sha256(source.data).hexdigest()
            total.update(f"{source.executable:d} {content} {path}\0".encode())
        return f"sha256:{total.hexdigest()}"


def open_template(root: Path | None = None) -> Template:
    """Read the template in a folder, by default the built-in one; TemplateError if it is invalid.

    The built-in one is read once: a template is a value, and what is compiled of one is kept with it.
    """
    return _built_in() if root is None else _open(root.resolve(), root.resolve().name)


@cache
def _built_in() -> Template:
    return _open(built_in_root().resolve(), BUILT_IN)


def _open(folder: Path, name: str) -> Template:
    if not (folder / CONFIG).is_file():
        raise TemplateError(f"{folder}: no {CONFIG}; a template is a folder with {CONFIG} and templates/")
    sources = dict(_read(folder))
    config = _parse(sources[CONFIG].data)
    return Template(
        name=name,
        sources=MappingProxyType(sources),
        folder=_subdirectory(config, sources),
        suffix=_suffix(config),
        exclude=_exclude(config),
        questions=_questions(config),
    )


def open_examples(root: Path | None = None) -> Mapping[str, bytes]:
    """Read the examples of a template: the cn.yaml of each by name, without the number."""
    folder = (built_in_root() if root is None else root) / "examples"
    files = sorted(folder.glob("*/cn.yaml"))
    return MappingProxyType({file.parent.name.partition("-")[2]: file.read_bytes() for file in files})


def built_in_root() -> Path:
    """Return the copy inside an installed package, or the checkout of this module."""
    here = Path(__file__).resolve().parents[1]
    packaged = here / "_template"
    return packaged if packaged.is_dir() else here.parent


def _read(root: Path) -> Iterator[tuple[str, Source]]:
    yield CONFIG, _source(root / CONFIG, CONFIG)
    for name in INCLUDED_FOLDERS:
        yield from _read_folder(root / name, name)


def _read_folder(folder: Path, name: str) -> Iterator[tuple[str, Source]]:
    if folder.is_symlink():
        raise TemplateError(f"{name}: symbolic link; replace it with the folder")
    for entry in sorted(folder.iterdir()) if folder.is_dir() else ():
        if _CLUTTER.match(entry.name):
            continue
        path = f"{name}/{entry.name}"
        if entry.is_dir() and not entry.is_symlink():
            yield from _read_folder(entry, path)
        else:
            yield path, _source(entry, path)


def _source(path: Path, name: str) -> Source:
    if found := _UNPORTABLE.search(name):
        raise TemplateError(f"{name}: character {found[0]!a} in the name is invalid on Windows; rename it")
    if path.is_symlink():
        raise TemplateError(f"{name}: symbolic link, not supported on Windows; replace it with the file")
    if not path.is_file():
        raise TemplateError(f"{name}: not a regular file; a template contains only files and folders")
    return Source(executable=bool(path.stat().st_mode & 0o100), data=path.read_bytes())


def _parse(data: bytes) -> dict[str, Any]:
    try:
        if yaml_outline.depth(data) > _DEPTH:
            raise TemplateError(f"{CONFIG}: nested deeper than {_DEPTH} levels")
        config = yaml.load(data, Loader=_LOADER)  # noqa: S506 (a safe one)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or str(error)
        raise TemplateError(f"{CONFIG}{line}: invalid YAML: {problem}") from None
    if not isinstance(config, dict) or not all(isinstance(key, str) for key in config):
        raise TemplateError(f"{CONFIG}: not a mapping of settings (_name) and questions (name)")
    unknown = sorted(key for key in config if key.startswith("_") and key not in SETTINGS)
    if unknown:
        allowed = ", ".join(sorted(SETTINGS))
        raise TemplateError(f"{CONFIG}: {unknown[0]}: unsupported setting; choose from {allowed}")
    if config.get("_envops") != {"undefined": "jinja2.StrictUndefined"}:
        raise TemplateError(f"{CONFIG}: _envops: must be exactly {{undefined: jinja2.StrictUndefined}}")
    if config.get("_skip_if_exists", []) not in ([], ["cn.yaml"]):
        raise TemplateError(
            f"{CONFIG}: _skip_if_exists: must be [cn.yaml]; Copier recreates other deleted files"
        )
    return config


def _subdirectory(config: Mapping[str, Any], sources: Mapping[str, Source]) -> str:
    folder = config.get("_subdirectory")
    if not isinstance(folder, str) or PurePosixPath(folder).as_posix() != folder or "{" in folder:
        raise TemplateError(f"{CONFIG}: _subdirectory: must be a literal path such as templates/project")
    if not folder.startswith("templates/") or not any(path.startswith(f"{folder}/") for path in sources):
        raise TemplateError(f"{CONFIG}: _subdirectory: no such folder with files below templates/")
    return folder


def _suffix(config: Mapping[str, Any]) -> str:
    suffix = config.get("_templates_suffix", ".jinja")
    if not isinstance(suffix, str) or not re.fullmatch(r"\.[a-z0-9]+", suffix):
        raise TemplateError(f"{CONFIG}: _templates_suffix: must be one suffix such as .jinja")
    return suffix


def _exclude(config: Mapping[str, Any]) -> tuple[str, ...]:
    patterns = config.get("_exclude", [])
    plain = isinstance(patterns, list) and all(isinstance(item, str) and "{" not in item for item in patterns)
    if not plain:
        raise TemplateError(f"{CONFIG}: _exclude: must be a list of literal patterns, as in .gitignore")
    return tuple(patterns)


def _questions(config: Mapping[str, Any]) -> tuple[Question, ...]:
    return tuple(_question(name, entry) for name, entry in config.items() if not name.startswith("_"))


def _question(name: str, entry: object) -> Question:
    where = f"{CONFIG}: {name}"
    if not isinstance(entry, dict) or "default" not in entry:
        raise TemplateError(f"{where}: must be a mapping with a default (and type, help, when)")
    if "validator" in entry:
        raise TemplateError(f"{where}: validator not supported; Copier's update drops answers that fail it")
    unknown = sorted(map(str, entry.keys() - QUESTION_KEYS))
    if unknown:
        allowed = ", ".join(sorted(QUESTION_KEYS))
        raise TemplateError(f"{where}: {unknown[0]}: unsupported key; choose from {allowed}")
    kind = entry.get("type")
    if kind not in TYPES:
        raise TemplateError(f"{where}: type: must be one of {', '.join(sorted(TYPES))}")
    when = entry.get("when", True)
    if not isinstance(when, bool):
        raise TemplateError(f"{where}: when: must be true or false; put conditions into the default")
    return Question(name=name, type=kind, default=entry["default"], hidden=not when)
