"""The import rule: a package imports only from those before it in the order."""

import ast
import re
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from pulumi_stacks import targets
from scripts import package_graph
from scripts.package_graph import ORDER, imports, module_name, named, sources

ROOT = Path(__file__).resolve().parents[2]
SHARED = {"documents", "errors", "git_environment", "messages", "quantities"}
INTERFACE = {
    "documents",
    "errors",
    "git_environment",
    "messages",
    "quantities",
    "network",
    "spec",
    "context",
    "targets",
    "system",
}
PRINTS_OR_EXITS = {"print", "exit", "quit"}


def ids(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def inside(path: Path, package: str) -> set[str]:
    """Return the packages, or modules at the top, of one of our trees that a file imports."""
    found = {package_graph.package_of(name) for name in imports(path) if name.startswith(f"{package}.")}
    return found & set(ORDER[package])


@pytest.mark.parametrize("package", ORDER)
def test_every_package_has_its_place_in_the_order(package: str) -> None:
    assert set(package_graph.packages(package)) == set(ORDER[package])


@pytest.mark.parametrize("path", [*sources("pulumi_stacks"), *sources("generator")], ids=ids)
def test_a_package_imports_only_from_those_before_it(path: Path) -> None:
    package, order = path.relative_to(ROOT).parts[0], ORDER[path.relative_to(ROOT).parts[0]]
    if own := package_graph.package_of(module_name(path)):
        assert inside(path, package) - set(order[: order.index(own) + 1]) == set()


@pytest.mark.parametrize("package", ORDER)
def test_imports_have_no_cycle(package: str) -> None:
    known = {module_name(path): path for path in sources(package)}
    graph = {name: set(imports(path)) & known.keys() - {name} for name, path in known.items()}
    # A package that names one of its own modules imports no circle.
    for name, path in known.items():
        if path.stem == "__init__":
            graph[name] = set()
    assert len(list(TopologicalSorter(graph).static_order())) == len(graph)


@pytest.mark.parametrize("path", sources("generator"), ids=ids)
def test_only_the_screen_of_the_wizard_knows_its_library(path: Path) -> None:
    prompting = {name for name in imports(path) if name.split(".")[0] in {"prompt_toolkit", "questionary"}}
    screens = {f"generator/wizard/{name}.py" for name in ("frame", "list_control", "screen_prompter")}
    assert not prompting or ids(path) in screens


@pytest.mark.parametrize("path", sources("generator"), ids=ids)
def test_the_generator_knows_only_the_interface_of_the_model(path: Path) -> None:
    allowed = INTERFACE | ({"commands", "diff"} if path.parent.name == "commands" else set())
    assert inside(path, "pulumi_stacks") - allowed == set()


@pytest.mark.parametrize("path", sources("pulumi_stacks"), ids=ids)
def test_the_stacks_never_import_the_generator_and_a_target_no_other_target(path: Path) -> None:
    names = set(imports(path))
    assert not [name for name in names if name.split(".")[0] == "generator"]
    of_targets = {name.split(".")[2] for name in names if name.startswith("pulumi_stacks.targets.")}
    _, *parts = path.relative_to(ROOT).parts
    own = {parts[1]} if parts[0] == "targets" else set()
    assert of_targets & set(targets.names()) <= own


@pytest.mark.parametrize("path", sources("pulumi_stacks"), ids=ids)
def test_only_targets_and_the_program_import_pulumi(path: Path) -> None:
    of_pulumi = [name for name in imports(path) if re.match(r"pulumi(_(?!stacks))?", name)]
    pulumi = [name for name in of_pulumi if name.split(".")[0] != "pulumi_stacks"]
    place = ids(path).removeprefix("pulumi_stacks/")
    in_target = re.match(r"targets/[a-z]+/.*(?<!__init__)\.py$", place)
    assert not pulumi or in_target or place in {"program.py", "error_report.py"}


def test_a_target_is_known_without_pulumi() -> None:
    program = (
        "import sys; from pulumi_stacks import targets; targets.known(); "
        "print('pulumi' in sys.modules, *targets.names())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "docker", "kubernetes"]


@pytest.mark.parametrize(
    "path", [*sources("pulumi_stacks"), *sources("generator"), *sources("scripts")], ids=ids
)
def test_modules_functions_and_folders_are_taken_in_at_a_look(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= 300
    long = [
        node.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= 40
    ]
    assert long == []
    assert len(list(path.parent.glob("*.py"))) <= 16


@pytest.mark.parametrize("path", [*sources("pulumi_stacks"), *sources("generator")], ids=ids)
def test_only_a_target_asks_for_a_target_by_name(path: Path) -> None:
    """What the spec writes where nothing is set is the one exception."""
    if ids(path).startswith("pulumi_stacks/targets/"):
        return
    asked = [
        node.value
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.Constant) and node.value in targets.all_names()
    ]
    assert asked == (["docker"] if ids(path) == "pulumi_stacks/spec/model.py" else [])


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
        and any(name.split(".")[0] == "pulumi_stacks" for name in named(path, [node]))
    ]
    assert absolute == []


@pytest.mark.parametrize("path", sources("generator"), ids=ids)
def test_only_main_prints_and_exits(path: Path) -> None:
    if ids(path) == "generator/main.py":
        return
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
    assert set(done.stdout.split()) - sys.stdlib_module_names == {"generator", "pulumi_stacks"}


def test_nothing_imports_what_copier_brings_under_another_licence() -> None:
    for path in (*sources("generator"), *sources("pulumi_stacks")):
        assert not [name for name in imports(path) if name.startswith(("jinja2_ansible", "copier"))], path
