"""docs/contract.md and tests/contract say the same: no row without a test, no test without a row."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from generator.rendering.template import open_template
from pulumi_stacks.spec import model as spec
from pulumi_stacks.system import load
from tests.contract.promises import DOCUMENT, amount, promises, word

SUITE = Path(__file__).resolve().parents[1] / "contract"


def suite() -> Iterator[tuple[str, set[str]]]:
    """Every test of the suite, and the rows that it names."""
    for path in sorted(SUITE.glob("test_*.py")):
        for node in ast.parse(path.read_bytes()).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield (
                    f"{path.name}: {node.name}",
                    {
                        ast.literal_eval(argument)
                        for mark in node.decorator_list
                        if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.promise"
                        for argument in mark.args
                    },
                )


def figures_read() -> set[tuple[str, str]]:
    """The figures that the suite asks for; a name that is computed stands for all of its row."""
    found: set[tuple[str, str]] = set()
    for path in set(SUITE.glob("*.py")) - {SUITE / "promises.py"}:
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"word", "amount"}:
                row, name = ast.literal_eval(node.args[0]), node.args[1]
                names = [name.value] if isinstance(name, ast.Constant) else promises()[row].figures
                found |= {(row, str(one)) for one in names}
    return found


def test_every_promise_has_a_test() -> None:
    proven = set().union(*(rows for _, rows in suite()))
    assert sorted(promises().keys() - proven) == []


def test_every_test_names_the_promises_that_it_proves() -> None:
    assert [test for test, rows in suite() if not rows] == []
    assert [(test, row) for test, rows in suite() for row in sorted(rows - promises().keys())] == []


def test_the_suite_reads_every_figure_and_no_other() -> None:
    written = {(row.id, name) for row in promises().values() for name in row.figures}
    assert sorted(written ^ figures_read()) == []


def test_every_runtime_that_keeps_the_contract_has_a_budget() -> None:
    runtimes = {name for name, entry in open_template().runtimes.items() if entry["contract"]}
    assert promises()["image-size"].figures.keys() == runtimes


def test_what_an_own_image_may_change_is_what_the_model_says() -> None:
    text = DOCUMENT.read_text()
    rows = re.findall(r"^\| `(\w+)` \| (\S*) ?\| `([a-z-]+)`", text, re.MULTILINE)
    fields = spec.Service.model_fields
    defaults = [(name, str(fields[name].default)) for name in spec.OWN_FIELDS]
    assert [(name, default.strip("`") or "()") for name, default, _ in rows] == defaults
    assert {promise for _, _, promise in rows} <= promises().keys()
    assert fields["port"].default == amount("port", "default")
    assert fields["user"].default == word("hardened", "user")


def test_the_spec_in_the_contract_loads() -> None:
    (block,) = re.findall(r"^```yaml\n(.*?)^```$", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)
    assert len(load(block.encode(), "contract.md", set(open_template().runtimes)).services) == 2
