"""The packages of both trees in the order of the data, and who imports whom, as a picture."""

import ast
from collections.abc import Iterator
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
        "stack",
        "diff",
        "error_report",
        "stack_state",
        "stack_file",
        "targets",
        "program",
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


def packages(tree: str) -> list[str]:
    """Return the packages of a tree, and the modules at its top."""
    found = {path.relative_to(ROOT / tree).with_suffix("").parts[0] for path in sources(tree)}
    return sorted(found - {"__init__"})


def imports(path: Path, nodes: list[ast.stmt] | None = None) -> Iterator[str]:
    """Yield each imported module by its full name; for `from a import b` both `a` and `a.b`."""
    tree = ast.parse(path.read_bytes())
    package = path.parent.relative_to(ROOT).parts
    for node in ast.walk(tree) if nodes is None else nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            origin = ".".join([*base, *(node.module.split(".") if node.module else [])])
            yield origin
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def picture(tree: str) -> str:
    """Return who imports whom in a tree, as a flowchart; what follows from other arrows is left out."""
    order = ORDER[tree]
    users: dict[str, set[str]] = {name: set() for name in order}
    for path in sources(tree):
        own = path.relative_to(ROOT / tree).with_suffix("").parts[0]
        named = {name.split(".")[1] for name in imports(path) if name.startswith(f"{tree}.")}
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
