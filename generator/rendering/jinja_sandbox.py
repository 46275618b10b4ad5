"""The Jinja environment of templates: sandboxed, strict, deterministic, with `yield` in path names. Pure."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from jinja2 import FunctionLoader, StrictUndefined, TemplateNotFound, TemplateSyntaxError, nodes
from jinja2 import Template as Compiled
from jinja2.environment import TemplateModule
from jinja2.exceptions import TemplateError as JinjaError
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.runtime import Context, LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment

from .template import Source, TemplateError

# The errors that the expressions of a template can raise, besides Jinja's.
_FAULTS = (JinjaError, ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
_COLLECTED = "_yielded"
_METHODS = frozenset(dir(dict))
# Objects of Jinja with public attributes for templates: `loop.first`, `quote.yaml`.
_OPEN = (LoopContext, TemplateModule)


class Yield(Extension):
    """`{% yield item from items %}{{ item }}{% endyield %}` in a path name: one path per item.

    A first rendering, with a list in the variable `_yielded`, collects names and items and skips the body;
    one more per item renders the body, so that an undefined name in the body is an error.
    """

    tags = {"yield"}  # noqa: RUF012

    def parse(self, parser: Parser) -> nodes.Node:
        """Parse the tag; it is an error in the contents of a file."""
        line = next(parser.stream).lineno
        if parser.name is not None:
            raise TemplateSyntaxError("'yield' is only valid in path names; use 'for'", line, parser.name)
        name = parser.parse_assign_target(name_only=True)
        parser.stream.expect("name:from")
        items = parser.parse_expression()
        body = parser.parse_statements(("name:endyield",), drop_needle=True)
        arguments = [nodes.ContextReference(), nodes.Const(name.name), items]
        return nodes.CallBlock(self.call_method("_each", arguments), [], [], body, lineno=line)

    def _each(self, context: Context, name: str, items: object, caller: Callable[[], str]) -> str:
        collected = context.get(_COLLECTED)
        if collected is None:
            return caller()
        collected.append((name, items))
        return ""


class _Environment(ImmutableSandboxedEnvironment):
    """Jinja's sandbox with fast paths for frequent, safe operations."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return an attribute: the key of a dict, unless dict has a method of that name."""
        if type(obj) is dict and attribute in obj and attribute not in _METHODS:
            return obj[attribute]
        if (
            type(obj) in _OPEN
            and attribute[:1] != "_"
            and (found := getattr(obj, attribute, None)) is not None
        ):
            return found
        return super().getattr(obj, attribute)

    def call(self, context: Context, called: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call a function; a macro is a part of the template, so it needs no check."""
        if type(called) is not Macro:
            return super().call(context, called, *args, **kwargs)
        kwargs.pop("_loop_vars", None)
        kwargs.pop("_block_vars", None)
        return called(*args, **kwargs)


class Sandbox:
    """Compiles and renders the files and path names of one template."""

    def __init__(self, sources: Mapping[str, Source]) -> None:
        """Take the files that can be rendered and included, by their path in the template."""
        self._sources = sources
        self._environment = _Environment(
            loader=FunctionLoader(self._load),
            undefined=StrictUndefined,
            keep_trailing_newline=True,
            extensions=[Yield],
            auto_reload=False,
            cache_size=-1,
        )
        # Deterministic output: nothing random, and only what Copier has too.
        del self._environment.filters["random"], self._environment.globals["lipsum"]
        self._texts: dict[str, Compiled] = {}

    def _load(self, name: str) -> tuple[str, str, Callable[[], bool]] | None:
        source = self._sources.get(name)
        return None if source is None else (source.data.decode(), name, lambda: True)

    def file(self, path: str, context: Mapping[str, Any]) -> str:
        """Render a file of the template; TemplateError has file and line, also of included files."""
        with self._faults(path):
            return self._environment.get_template(path).render(context)

    def text(self, text: str, context: Mapping[str, Any], where: str) -> str:
        """Render a template text; `where` is its place in a TemplateError."""
        if "{" not in text:
            return text
        with self._faults(where):
            return self._compiled(text).render(context)

    def names(
        self, part: str, context: Mapping[str, Any], where: str
    ) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Render one part of a path to its names, each with the variable that `yield` binds for it."""
        if "{" not in part:
            yield part, {}
            return
        with self._faults(where):
            collected: list[tuple[str, Any]] = []
            plain = self._compiled(part).render(context, **{_COLLECTED: collected})
            if len(collected) > 1:
                raise TemplateError(f"{where}: two 'yield' in one part of the path; use one per folder")
            names = [(plain, {})] if not collected else list(self._yielded(part, context, *collected[0]))
        yield from ((name, bound) for name, bound in names if name)

    def _yielded(
        self, part: str, context: Mapping[str, Any], variable: str, items: Any
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        for item in items:
            yield self._compiled(part).render(context, **{variable: item}), {variable: item}

    def _compiled(self, text: str) -> Compiled:
        if text not in self._texts:
            self._texts[text] = self._environment.from_string(text)
        return self._texts[text]

    @contextmanager
    def _faults(self, where: str) -> Iterator[None]:
        try:
            yield
        except _FAULTS as error:
            raise TemplateError(f"{self._place(error, where)}: {_fault(error)}") from error

    def _place(self, error: BaseException, where: str) -> str:
        if isinstance(error, TemplateSyntaxError):
            return f"{error.name}:{error.lineno}" if error.name else where
        frames = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
        inside = [f"{name}:{line}" for name, line in frames if name in self._sources]
        return inside[-1] if inside else where


def _fault(error: BaseException) -> str:
    if isinstance(error, TemplateNotFound):
        return f"included file {error.name!r} not found below templates/ or pulumi_stacks/"
    if isinstance(error, UnicodeDecodeError):
        return "not valid UTF-8; remove the template suffix to copy the file unchanged"
    return str(error) or type(error).__name__
