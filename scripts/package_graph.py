"""The packages of both trees in the order of the data, and who imports whom, as a Mermaid flowchart."""

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# A package imports only from those before it. A new one has to find its place here.
ORDER: dict[str, tuple[str, ...]] = {
    "pulumi_stacks": (
        "errors",
        "documents",
        "git_environment",
        "messages",
        "quantities",
        "network",
        "spec",
        "context",
        "plan",
        "diff",
        "error_report",
        "stack_state",
        "stack_file",
        "targets",
        "system",
        "stack",
        "program",
        "commands",
    ),
    "generator": (
        "errors",
        "result",
        "progress",
        "columns",
        "cli",
        "rendering",
        "authoring",
        "repository",
        "graph",
        "doctor",
        "wizard",
        "commands",
        "main",
        "entry",
    ),
}


def sources(package: str) -> list[Path]:
    """Return the modules of a tree."""
    return sorted(path for path in (ROOT / package).rglob("*.py") if "_template" not in path.parts)


def module_name(path: Path) -> str:
    """Return the name under which a module is imported."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def package_of(name: str) -> str:
    """Return the package, or the top module, of a module; what only a command line runs is `commands`."""
    tree, *parts = name.split(".")
    if tree == "pulumi_stacks" and (parts[-1:] == ["__main__"] or parts[:2] == ["diff", "run"]):
        return "commands"
    return parts[0] if parts else ""


def packages(tree: str) -> list[str]:
    """Return the packages of a tree, and the modules at its top."""
    return sorted({package_of(module_name(path)) for path in sources(tree)} - {""})


@cache
def imports(path: Path) -> tuple[str, ...]:
    """Return each imported module by its full name; for `from a import b` both `a` and `a.b`."""
    return tuple(named(path, ast.walk(ast.parse(path.read_bytes()))))


def named(path: Path, nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Yield what those of the nodes import that do, in the module of this path."""
    package = path.parent.relative_to(ROOT).parts
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            origin = ".".join([*base, *(node.module.split(".") if node.module else [])])
            yield origin
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def flowchart(tree: str) -> str:
    """Return who imports whom in a tree, as a flowchart; what follows from other arrows is left out."""
    order = ORDER[tree]
    users: dict[str, set[str]] = {name: set() for name in order}
    for path in sources(tree):
        own = package_of(module_name(path))
        named = {package_of(name) for name in imports(path) if name.startswith(f"{tree}.")}
        users.setdefault(own, set()).update(named & set(order) - {own})
    reached: dict[str, set[str]] = {}
    lines = []
    for name in order:
        direct = users[name]
        reached[name] = direct.union(*(reached[used] for used in direct))
        implied = set().union(*(reached[used] for used in direct))
        lines += [f"  {used} --> {name}" for used in order if used in direct - implied]
        if not direct:
            lines.append(f"  {name}")
    return "\n".join(["```mermaid", "flowchart LR", *lines, "```"])
