"""The import rule: a module imports only from its left, and the edges stay where they are."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# A new module has to find its place here; from spec to disk, the commands last.
GENERATOR = [
    "outcome",
    "arguments",
    "outline",
    "completion",
    "progress",
    "columns",
    "yamltext",
    "source",
    "specfile",
    "place",
    "draft",
    "flags",
    "tree",
    "template",
    "sandbox",
    "render",
    "merge",
    "changes",
    "worktree",
    "baseline",
    "project",
    "repository",
    "writing",
    "disk",
    "overlap",
    "git",
    "nested",
    "edit",
    "patch",
    "planned",
    "plantext",
    "report",
    "probe",
    "doctor",
    "scaling",
    "graph",
    "mermaid",
    "ordering",
    "layout",
    "svg",
    "page",
    "wizard",
    "cli",
    "start",
]
# The wizard in the same way: from the words of a question to all questions.
WIZARD = [
    "asking",
    "plain",
    "frame",
    "rows",
    "screen",
    "terminal",
    "rules",
    "desk",
    "start",
    "services",
    "system",
    "environments",
    "preview",
    "hub",
    "whole",
]
STACKS = [
    "advice",
    "text",
    "credentials",
    "document",
    "egress",
    "words",
    "clusterwords",
    "sizes",
    "spec",
    "extensions",
    "clusterchecks",
    "secretchecks",
    "crosscheck",
    "load",
    "gateway",
    "networks",
    "proxies",
    "circles",
    "contextmodel",
    "context",
    "machine",
    "deployment",
    "postgres",
    "outside",
    "entrance",
    "parts",
    "plan",
    "consequences",
    "changed",
    "risks",
    "clusterfindings",
    "findings",
    "environments",
    "difftext",
    "diffmarkdown",
    "revisions",
    "diff",
    "refusal",
    "state",
    "stackfile",
    "program",
]
INTERFACE = {"spec", "load", "context"}
ONLY_FOR_COMMANDS = {"diff", "machine"}
PRINTS_OR_EXITS = {"print", "exit", "quit"}


def sources(package: str) -> list[Path]:
    return sorted(path for path in (ROOT / package).rglob("*.py") if "_template" not in path.parts)


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


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


def imported_modules(path: Path, package: str) -> set[str]:
    """Return the modules of a package that a file imports, by their first part inside it."""
    folder = ROOT / package.replace(".", "/")
    known = {found.stem for found in folder.glob("*.py")} | {
        found.name for found in folder.iterdir() if found.is_dir()
    }
    names = (name.removeprefix(f"{package}.") for name in imports(path) if name.startswith(f"{package}."))
    return {name.split(".")[0] for name in names} & known


def ids(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize(("package", "order"), [("generator", GENERATOR), ("pulumi_stacks", STACKS)])
def test_every_module_has_its_place_in_the_order(package: str, order: list[str]) -> None:
    found = {path.stem for path in (ROOT / package).glob("*.py")} - {"__init__", "__main__"}
    assert found - set(order) == set()


@pytest.mark.parametrize("path", sources("generator"), ids=ids)
def test_a_generator_module_imports_only_from_its_left(path: Path) -> None:
    if path.parent.name == "commands":  # between what they use and the command line, and blind to each other
        allowed = set(GENERATOR[: GENERATOR.index("cli")])
    elif path.parent.name == "wizard":
        allowed = set(GENERATOR[: GENERATOR.index("wizard") + 1])
    elif path.stem == "cli":
        allowed = {*GENERATOR[: GENERATOR.index("cli")], "commands"}
    else:
        allowed = set(GENERATOR[: GENERATOR.index(path.stem)]) if path.stem in GENERATOR else {"cli"}
    assert imported_modules(path, "generator") - {"__init__"} - allowed == set()


@pytest.mark.parametrize("name", WIZARD)
def test_a_module_of_the_wizard_imports_only_from_its_left(name: str) -> None:
    inside = imported_modules(ROOT / "generator" / "wizard" / f"{name}.py", "generator.wizard")
    assert inside - set(WIZARD[: WIZARD.index(name)]) == set()


def test_every_module_of_the_wizard_has_its_place() -> None:
    found = {path.stem for path in (ROOT / "generator" / "wizard").glob("*.py")} - {"__init__"}
    assert found == set(WIZARD)


@pytest.mark.parametrize("path", sources("generator"), ids=ids)
def test_only_the_screen_of_the_wizard_knows_its_library(path: Path) -> None:
    prompting = {name for name in imports(path) if name.split(".")[0] in {"prompt_toolkit", "questionary"}}
    rooms = {f"generator/wizard/{name}.py" for name in ("frame", "rows", "screen")}
    assert not prompting or ids(path) in rooms


@pytest.mark.parametrize("path", sources("generator"), ids=ids)
def test_the_generator_knows_only_the_interface_of_the_model(path: Path) -> None:
    allowed = INTERFACE | (ONLY_FOR_COMMANDS if path.parent.name == "commands" else set())
    assert imported_modules(path, "pulumi_stacks") - allowed == set()


@pytest.mark.parametrize("path", sources("pulumi_stacks"), ids=ids)
def test_the_stacks_import_from_their_left_and_never_the_generator(path: Path) -> None:
    names = set(imports(path))
    assert not [name for name in names if name.split(".")[0] == "generator"]
    inside = imported_modules(path, "pulumi_stacks")
    if path.parent.name == "pulumi_stacks" and path.stem in STACKS:
        assert inside - set(STACKS[: STACKS.index(path.stem)]) == set()
    elif path.parent.name != "pulumi_stacks":
        assert inside - {path.relative_to(ROOT / "pulumi_stacks").parts[0]} - set(STACKS) == set()


@pytest.mark.parametrize("path", sources("pulumi_stacks"), ids=ids)
def test_only_targets_and_the_program_import_pulumi(path: Path) -> None:
    pulumi = [
        name
        for name in imports(path)
        if name.split(".")[0].startswith("pulumi") and name.split(".")[0] != "pulumi_stacks"
    ]
    assert not pulumi or path.parent.name != "pulumi_stacks" or path.stem in {"program", "refusal"}


def is_pure(path: Path) -> bool:
    """Say whether a module calls itself so, in the first lines of its docstring."""
    return "Pure" in (ast.get_docstring(ast.parse(path.read_bytes())) or "").partition("\n\n")[0]


@pytest.mark.parametrize("path", [path for path in sources("pulumi_stacks") if is_pure(path)], ids=ids)
def test_what_calls_itself_pure_imports_neither_pulumi_nor_a_module_that_does(path: Path) -> None:
    """A target keeps what it decides apart from what makes it, so that files and tests have it alone."""
    beside = {found.stem: found for found in path.parent.glob("*.py")}
    near = {name.rpartition(".")[2] for name in imports(path) if name.startswith(module_name(path.parent))}
    for module in (path, *(beside[name] for name in sorted(near & beside.keys()))):
        outside = {name.split(".")[0] for name in imports(module)}
        assert not [name for name in outside if name.startswith("pulumi") and name != "pulumi_stacks"], module


@pytest.mark.parametrize("path", sources("pulumi_stacks"), ids=ids)
def test_carried_sources_import_each_other_relatively(path: Path) -> None:
    absolute = [
        node
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.Import | ast.ImportFrom)
        and not getattr(node, "level", 0)
        and any(name.split(".")[0] == "pulumi_stacks" for name in imports(path, [node]))
    ]
    assert absolute == []


@pytest.mark.parametrize("path", [path for path in sources("generator") if path.stem != "cli"], ids=ids)
def test_only_the_commands_print_and_exit(path: Path) -> None:
    calls = (node.func for node in ast.walk(ast.parse(path.read_bytes())) if isinstance(node, ast.Call))
    assert not [call.id for call in calls if isinstance(call, ast.Name) and call.id in PRINTS_OR_EXITS]


def test_the_commands_need_no_third_party_package_to_start() -> None:
    program = (
        "import sys; before = set(sys.modules); import generator.main; "
        "print(*sorted({name.partition('.')[0] for name in set(sys.modules) - before}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split()) - sys.stdlib_module_names == {"generator"}


def test_nothing_imports_what_copier_brings_under_another_licence() -> None:
    for path in (*sources("generator"), *sources("pulumi_stacks")):
        assert not [name for name in imports(path) if name.startswith(("jinja2_ansible", "copier"))], path
