"""The preview; without a terminal."""

import shlex
from pathlib import Path

import pytest

from generator.commands import new
from generator.wizard.run import ask_with
from tests.wizard.flow import EMPTY, EXAMPLES, PREVIEW, WRITE, new_service, run
from tests.wizard.script import Script


def test_the_preview_shows_graph_files_text_and_command():
    script = Script(("Start from", "shop"), ("Name", None), PREVIEW, WRITE)
    found = run(script)
    text = found.project.tree["cn.yaml"].data.decode()
    assert "gateway" in script.shown
    assert all(f"  {line}\n" in script.shown for line in text.splitlines())
    files = [path for path in found.project.tree if path.startswith("services/orders/")]
    assert f"services/orders/   {len(files)}" in script.shown.replace("    ", "   ")
    assert f"{len(found.project.tree)} files for shop" in script.seen[-1]
    # What `cn plan` does not count has a line of its own.
    uncounted = [path for path in found.project.tree if path == "cn.yaml" or path.startswith(".cn-new/")]
    assert f"cn.yaml, .cn-new/{len(uncounted):5}\n" in script.shown


def test_the_help_below_the_services_has_their_callers():
    script = Script(
        *EMPTY, *new_service("orders", "/o"), *new_service("bills", "", ("orders",)), PREVIEW, WRITE
    )
    run(script)
    ending = "Select it to edit, duplicate or remove it."
    assert script.help["orders"] == f"Called by bills. {ending}"
    assert script.help["bills"] == f"It has no route and no callers: it is not reachable yet. {ending}"


def test_with_plan_nothing_is_promised_to_be_written():
    script = Script(("Start from", "shop"), ("Name", None), PREVIEW, ("files for", "Show the plan"))
    run(script, options=("--plan",))
    assert "with cn.yaml as above\n  cn-new shop --spec cn.yaml --plan" in script.shown


def test_with_merge_existing_files_are_kept_and_listed(elsewhere):
    (elsewhere / "shop").mkdir()
    (elsewhere / "shop/README.md").write_text("mine")
    script = Script(("Start from", "shop"), ("Name", "shop"), PREVIEW, WRITE)
    found = run(script, options=("--merge",))
    assert "existing files kept; the generated versions are only in" in script.shown
    assert "README.md" in script.shown
    assert f"{len(found.project.tree) - 1} files for shop" in script.seen[-1]
    assert script.shown.rstrip().endswith("--merge")


@pytest.mark.parametrize("begin", ["hello", "shop", "empty"])
def test_the_command_of_the_preview_makes_the_same_repository(begin, elsewhere, monkeypatch):
    steps = new_service("orders", "/o") if begin == "empty" else []
    script = Script(("Start from", begin), ("Name", "it"), *steps, PREVIEW, WRITE)
    monkeypatch.setattr(
        "generator.wizard.run.ask", lambda *words: ask_with(script, words[0], words[1], EXAMPLES)
    )
    monkeypatch.setattr(new, "_is_interactive", lambda: True)
    assert cli_new("--no-git") == 0
    command = shlex.split(script.shown.rstrip().splitlines()[-1])
    made = {path.relative_to("it"): path.read_bytes() for path in Path("it").rglob("*") if path.is_file()}
    if "--spec" not in command:
        Path("it").rename("first")
    assert cli_new(*command[1:]) == 0
    again = Path(command[command.index("--into") + 1]) if "--into" in command else Path("it")
    assert {path.relative_to(again): path.read_bytes() for path in again.rglob("*") if path.is_file()} == made


def cli_new(*words: str) -> int:
    from generator.main import main_new

    return main_new(words)
