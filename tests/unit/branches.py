"""A sandbox that notes of every condition in a template whether it was true, and whether it was false.

It is the renderer's own Sandbox with another code generator, which wraps each condition of a syntax tree in a
call that notes its value and passes it on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jinja2 import nodes
from jinja2.compiler import CodeGenerator

from generator.rendering.jinja_sandbox import Sandbox
from generator.rendering.template import Source

_OPERATORS = {
    "eq": "==",
    "ne": "!=",
    "gt": ">",
    "gteq": ">=",
    "lt": "<",
    "lteq": "<=",
    "in": "in",
    "notin": "not in",
}


@dataclass
class Condition:
    """One condition: the text that it stands in, where, and the truth values that were seen."""

    text: str
    line: int
    kind: str
    source: str
    seen: set[bool] = field(default_factory=set)

    @property
    def lacks(self) -> str:
        """Say what was not seen; empty when both values were."""
        return {(): "true nor false", (True,): "false", (False,): "true"}.get(tuple(self.seen), "")


class Record:
    """All conditions of the templates that were compiled."""

    def __init__(self) -> None:
        self.conditions: list[Condition] = []

    def note(self, number: int, value: Any) -> Any:
        """Note the truth of a condition and return its value."""
        self.conditions[number].seen.add(bool(value))
        return value

    def watch(self, template: nodes.Template, text: str) -> None:
        """Wrap every condition of a parsed template."""
        _Watch(self, text).all_below(template)

    def add(self, text: str, kind: str, node: nodes.Node) -> int:
        self.conditions.append(Condition(text, node.lineno, kind, write(node)))
        return len(self.conditions) - 1


class RecordingSandbox(Sandbox):
    """A Sandbox that notes, in `record`, how each condition turned out."""

    def __init__(self, sources: Mapping[str, Source]) -> None:
        super().__init__(sources)
        self.record = record = Record()

        class Recorder(CodeGenerator):
            def visit_Template(self, node: nodes.Template, frame: Any = None) -> None:  # noqa: N802
                record.watch(node, self.name or recording.compiling)
                super().visit_Template(node, frame)

        recording = self
        self.compiling = ""
        self._environment.code_generator_class = Recorder
        vars(self._environment)["note"] = record.note

    def _compiled(self, text: str) -> Any:
        self.compiling = text
        return super()._compiled(text)

    def compile(self, path: str) -> None:
        """Compile a file, so that its conditions are known even if it is never rendered."""
        self._environment.get_template(path)

    def compile_text(self, text: str) -> None:
        """Compile a part of a path or a question."""
        if "{" in text:
            self._compiled(text)


class _Watch:
    def __init__(self, record: Record, text: str) -> None:
        self._record, self._text = record, text

    def all_below(self, node: nodes.Node, deciding: bool = False) -> None:
        """Watch what decides in a tree; `deciding` says that the value of `node` itself does."""
        if isinstance(node, nodes.If):
            self._test(node, "if")
        elif isinstance(node, nodes.CondExpr):
            self._test(node, "inline if")
        elif isinstance(node, nodes.For):
            self._loop(node)
        elif isinstance(node, nodes.And | nodes.Or):
            self._operands(node, deciding)
        elif isinstance(node, nodes.Not):
            self.all_below(node.node, deciding)
        else:
            self._children(node)

    def _children(self, node: nodes.Node, without: str = "") -> None:
        for child in node.iter_child_nodes(exclude=(without,)):
            self.all_below(child)

    def _test(self, node: nodes.If | nodes.CondExpr | nodes.For, kind: str) -> None:
        if node.test is None:
            return
        number = self._record.add(self._text, kind, node.test)
        self._children(node, without="test")
        self.all_below(node.test, deciding=True)
        node.test = self._noted(number, node.test)

    def _loop(self, node: nodes.For) -> None:
        """Watch the filter of a loop, and whether a loop with an `else` had anything to do."""
        if node.else_:
            number = self._record.add(self._text, "for … else", node.iter)
            for body, value in ((node.body, True), (node.else_, False)):
                body.insert(0, nodes.ExprStmt(self._noted(number, nodes.Const(value)), lineno=node.lineno))
        if node.test is None:
            self._children(node)
        else:
            self._test(node, "for … if")

    def _operands(self, node: nodes.And | nodes.Or, deciding: bool) -> None:
        """Watch the left operand, which chooses, and the right one where only its truth counts."""
        word = "and" if isinstance(node, nodes.And) else "or"
        for side, decides in (("left", True), ("right", deciding)):
            operand = getattr(node, side)
            if decides and not isinstance(operand, nodes.And | nodes.Or):
                number = self._record.add(self._text, f"operand of {word}", operand)
                self.all_below(operand, deciding=True)
                setattr(node, side, self._noted(number, operand))
            else:
                self.all_below(operand, deciding=decides)

    @staticmethod
    def _noted(number: int, value: Any) -> nodes.Expr:
        note = nodes.EnvironmentAttribute("note", lineno=value.lineno)
        return nodes.Call(note, [nodes.Const(number), value], [], None, None, lineno=value.lineno)


def write(node: nodes.Node) -> str:
    """Write an expression about as its author did; for messages only."""
    match node:
        case nodes.Name():
            return node.name
        case nodes.Const():
            return repr(node.value)
        case nodes.Getattr():
            return f"{write(node.node)}.{node.attr}"
        case nodes.Getitem():
            return f"{write(node.node)}[{write(node.arg)}]"
        case nodes.Call():
            return f"{write(node.node)}{_arguments(node.args) or '()'}"
        case nodes.Filter():
            return f"{write(node.node) if node.node else ''} | {node.name}{_arguments(node.args)}"
        case _:
            return _write_truth(node)


def _write_truth(node: nodes.Node) -> str:
    match node:
        case nodes.Not():
            return f"not {write(node.node)}"
        case nodes.And() | nodes.Or():
            return f"{write(node.left)} {'and' if isinstance(node, nodes.And) else 'or'} {write(node.right)}"
        case nodes.Compare():
            return " ".join([write(node.expr), *(f"{_OPERATORS[o.op]} {write(o.expr)}" for o in node.ops)])
        case nodes.Test():
            return f"{write(node.node)} is {node.name}{_arguments(node.args)}"
        case nodes.List() | nodes.Tuple():
            return f"[{', '.join(map(write, node.items))}]"
        case _:
            return type(node).__name__


def _arguments(values: list[nodes.Expr]) -> str:
    return f"({', '.join(map(write, values))})" if values else ""
