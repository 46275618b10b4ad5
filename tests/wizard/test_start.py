"""The starting points of the wizard: an example, a file, the command line; without a terminal."""

from pathlib import Path

import pytest

from generator.authoring.draft import Draft, EnvironmentDraft
from pulumi_stacks.spec.loader import SpecError
from tests.wizard.flow import FULL, MENU, PREVIEW, WRITE, run, spec_of
from tests.wizard.script import BACK, LEAVE, Script


def test_the_fictional_fields_of_an_example_are_dropped():
    spec = spec_of(run(Script(("Start from", "shop"), ("Name", "mine"), PREVIEW, WRITE)))
    assert (spec.name, spec.owner, spec.registry) == ("mine", None, None)
    assert list(spec.services) == ["orders", "billing", "catalog"]
    assert spec.services["orders"].config == {"LOG_LEVEL": "info"}


def test_values_of_the_command_line_are_not_asked_and_take_precedence():
    given = Draft("mine", owner="@me", ci="none", environments=(EnvironmentDraft("qa", "docker"),))
    spec = spec_of(run(Script(("Start from", "shop"), PREVIEW, WRITE), given))
    assert (spec.name, spec.owner, spec.ci, list(spec.environments)) == ("mine", "@me", "none", ["qa"])


def test_a_fault_of_the_command_line_is_an_error_before_the_first_question():
    script = Script()
    with pytest.raises(SpecError) as caught:
        run(script, Draft("a--b", owner="me", environments=()))
    assert [problem.path for problem in caught.value.problems] == ["name", "owner"]
    assert script.seen == []


def test_a_file_that_is_not_changed_is_written_as_it_is():
    script = Script(
        ("Start from", "a file"), ("Path", "none.yaml"), ("Path", str(FULL)), ("Name", None), PREVIEW, WRITE
    )
    found = run(script)
    assert found.project.tree["cn.yaml"].data == FULL.read_bytes()
    assert script.faults == ["none.yaml: no such file or directory"]
    assert script.shown.rstrip().endswith(f"cn-new full --spec {FULL}")


def test_a_file_that_is_changed_keeps_its_comments():
    script = Script(
        ("Start from", "a file"),
        ("Path", str(FULL)),
        ("Name", None),
        (MENU, "orders "),
        ("service orders", "Replicas"),
        ("Number of replicas", "4-4"),
        ("service orders", "Done"),
        PREVIEW,
        WRITE,
    )
    found = run(script)
    text = FULL.read_text()
    assert found.project.tree["cn.yaml"].data.decode() == text.replace("min: 2 ", "min: 4 ")
    assert "cn-new --spec full/cn.yaml --into full-2" in script.shown


def test_lost_comments_are_reported_before_writing(elsewhere):
    Path("cn.yaml").write_text("# mine\nname: x\nservices:\n  a: &a\n    runtime: python\n  b: *a\n")
    script = Script(
        ("Start from", "a file"),
        ("Path", None),
        ("Name", None),
        (MENU, "a "),
        ("service a", "Database"),
        ("Database", "postgres"),
        ("service a", "Done"),
        PREVIEW,
        WRITE,
    )
    spec = spec_of(run(script))
    assert [service.database for service in spec.services.values()] == ["postgres", None]
    assert "cn.yaml cannot be edited in place: its comments are not kept." in script.shown


def test_an_invalid_file_is_not_a_starting_point(elsewhere):
    Path("cn.yaml").write_text("name: a--b\nservices:\n  api: {runtime: cobol}\n")
    script = Script(("Start from", "a file"), ("Path", "cn.yaml"), ("Path", BACK), ("Start from", LEAVE))
    with pytest.raises(KeyboardInterrupt):
        run(script)
    (fault,) = script.faults
    assert fault.startswith('cn.yaml:1:7: name: "a--b" is not a name')
    assert fault.endswith("(and 1 more)")


def test_a_path_can_have_the_home_of_an_unknown_user():
    script = Script(
        ("Start from", "a file"),
        ("Path of the file", "~unknown-user/cn.yaml"),
        ("Path of the file", LEAVE),
    )
    with pytest.raises(KeyboardInterrupt):
        run(script)
    assert script.faults == ["~unknown-user/cn.yaml: no such file or directory"]
