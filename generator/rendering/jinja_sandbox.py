"""The Jinja of templates: sandboxed, strict, deterministic, with `yield` in path names. Pure."""

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

# What a template can raise besides Jinja's own errors: it holds expressions over plain values.
_FAULTS = (JinjaError, ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
_COLLECTED = "_yielded"
_METHODS = frozenset(dir(dict))
# Jinja's own objects, whose public attributes are there for templates: `loop.first`, `quote.yaml`.
_OPEN = (LoopContext, TemplateModule)


class Yield(Extension):
    """`{% yield item from items %}{{ item }}{% endyield %}` in a path name: one path per item.

    A first rendering, with a list in the variable `_yielded`, collects names and items and leaves the body
    out; the next ones, one per item, render the body. So a name that the body misspells is an error there.
    """

    tags = {"yield"}  # noqa: RUF012

    def parse(self, parser: Parser) -> nodes.Node:
        """Parse the tag; in the contents of a file it is an error."""
        line = next(parser.stream).lineno
        if parser.name is not None:
            raise TemplateSyntaxError("'yield' belongs in path names; use 'for' here", line, parser.name)
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
    """Jinja's own, with a short way for what templates do most and what cannot do harm."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return what a name after a dot means: of plain data its key, unless dicts have such a method."""
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
        """Call what a template calls; a macro is a part of the template, so there is nothing to check."""
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
        # The same spec gives the same bytes: nothing random, and only what plain Copier has too.
        del self._environment.filters["random"], self._environment.globals["lipsum"]
        self._texts: dict[str, Compiled] = {}

    def _load(self, name: str) -> tuple[str, str, Callable[[], bool]] | None:
        source = self._sources.get(name)
        return None if source is None else (source.data.decode(), name, lambda: True)

    def file(self, path: str, context: Mapping[str, Any]) -> str:
        """Render a file of the template; TemplateError names file and line, in included files too."""
        with self._faults(path):
            return self._environment.get_template(path).render(context)

    def text(self, text: str, context: Mapping[str, Any], where: str) -> str:
        """Render a piece of template text; `where` it stands is named by a TemplateError."""
        if "{" not in text:
            return text
        with self._faults(where):
            return self._compiled(text).render(context)

    def names(
        self, part: str, context: Mapping[str, Any], where: str
    ) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Render one part of a path to each of its names, with the variable that `yield` binds for it."""
        if "{" not in part:
            yield part, {}
            return
        with self._faults(where):
            collected: list[tuple[str, Any]] = []
            plain = self._compiled(part).render(context, **{_COLLECTED: collected})
            if len(collected) > 1:
                raise TemplateError(f"{where}: has two 'yield' in one part of its name; use one per folder")
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
        return f"includes {error.name!r}, which the template does not have below templates/ or pulumi_stacks/"
    if isinstance(error, UnicodeDecodeError):
        return "is not UTF-8; without the template suffix it would be copied as it is"
    return str(error) or type(error).__name__
