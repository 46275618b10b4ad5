"""What is asked in which order, and what comes of it; without a terminal."""

import shlex
from pathlib import Path

import pytest

from generator.commands import new
from generator.draft import Draft, EnvironmentDraft
from generator.project import build
from generator.template import open_examples, open_template
from generator.wizard.preview import Preview
from generator.wizard.whole import Wanted, ask_with
from pulumi_stacks.load import SpecError, load
from pulumi_stacks.spec import Spec
from tests.wizard.script import BACK, LEAVE, Script

ROOT = Path(__file__).resolve().parents[2]
FULL = ROOT / "examples" / "03-full" / "cn.yaml"
TEMPLATE = open_template()
EXAMPLES = open_examples()
HUB, PREVIEW, WRITE = "in the folder", ("in the folder", "Preview"), ("files for", "Write")
EMPTY = (("Begin with", "empty"), ("Name of the system", "shop"))


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(script: Script, said: Draft | None = None, options: tuple[str, ...] = ()) -> Preview:
    wanted = Wanted(
        said or Draft("", environments=()),
        "command line",
        place=Path,
        build=lambda data, source: build(data, source, TEMPLATE),
        options=options,
        writes="--plan" not in options,
    )
    found = ask_with(script, wanted, TEMPLATE, EXAMPLES)
    assert script.steps == []
    return found


def spec_of(found: Preview) -> Spec:
    return load(found.project.tree["cn.yaml"].data)


def new_service(name: str, route: str | None = None, calls: tuple[str, ...] | None = None) -> list:
    """Add a service of the first runtime with a database, and go on to the hub."""
    asked = [
        (HUB, "+ Add"),
        ("Name of the service", name),
        ("Runtime", None),
        ("Database", None),
        ("Public path", route),
    ]
    return [*asked, *([("it calls", calls)] if calls is not None else [])]


def menu(name: str, *steps: tuple[str, object]) -> list:
    """Go from the hub to the menu of a service, take steps there, and come back."""
    return [
        (HUB, f"{name} "),
        *steps,
        (f"service {steps[-1][1] if steps[-1][0].startswith('Name') else ''}", "Done"),
    ]


def test_a_system_is_said_from_nothing():
    script = Script(
        *EMPTY, *new_service("orders", "/orders"), *new_service("billing", "", ("orders",)), PREVIEW, WRITE
    )
    spec = spec_of(run(script))
    orders, billing = spec.services["orders"], spec.services["billing"]
    assert (spec.name, list(spec.environments), spec.ci) == ("shop", ["dev"], "none")
    assert (orders.route, orders.database, orders.calls) == ("/orders", "postgres", ())
    assert (billing.route, billing.database, billing.calls) == (None, "postgres", ("orders",))


def test_every_question_has_a_default():
    steps = [("", None)] * 3 + [("Preview", "Preview"), ("files for", None)]
    found = run(
        Script(("Begin with", None), ("Name of the system", None), ("Preview", "Preview"), *steps[-1:])
    )
    assert list(spec_of(found).services) == ["hello"]
    added = Script(*EMPTY, (HUB, None), *[("a new service", None)] * 4, (HUB, None), ("files for", None))
    assert list(spec_of(run(added)).services) == ["api"]


def test_what_an_example_makes_up_is_no_beginning():
    spec = spec_of(run(Script(("Begin with", "shop"), ("Name", "mine"), PREVIEW, WRITE)))
    assert (spec.name, spec.owner, spec.registry) == ("mine", None, None)
    assert list(spec.services) == ["orders", "billing", "catalog"]
    assert spec.services["orders"].config == {"LOG_LEVEL": "info"}


def test_what_the_command_line_says_is_not_asked_and_wins():
    said = Draft("mine", owner="@me", ci="none", environments=(EnvironmentDraft("qa", "docker"),))
    spec = spec_of(run(Script(("Begin with", "shop"), PREVIEW, WRITE), said))
    assert (spec.name, spec.owner, spec.ci, list(spec.environments)) == ("mine", "@me", "none", ["qa"])


def test_a_fault_of_the_command_line_is_said_before_anything_is_asked():
    script = Script()
    with pytest.raises(SpecError) as caught:
        run(script, Draft("a--b", owner="me", environments=()))
    assert [problem.path for problem in caught.value.problems] == ["name", "owner"]
    assert script.seen == []


def test_answers_are_judged_by_the_rules_of_the_file_and_of_the_disk(elsewhere):
    (elsewhere / "taken").mkdir()
    (elsewhere / "taken" / "file").touch()
    script = Script(
        ("Begin with", "shop"),
        *(("Name of the system", name) for name in ("a--b", "taken", "shop")),
        (HUB, "+ Add"),
        *(("Name of the service", name) for name in ("", "My_Orders", "con", "orders", "mail")),
        ("Runtime", None),
        ("Database", None),
        ("Public path", "/orders/x"),
        ("Public path", "orders"),
        ("Public path", None),
        ("it calls", ()),
        (HUB, "billing "),
        ("service billing", "Calls"),
        ("it calls", ("orders",)),
        ("it calls", ()),
        ("service billing", "Replicas"),
        ("Replicas that", "many"),
        ("Replicas that", "101"),
        ("Replicas that", "3-2"),
        ("Replicas that", "3-6"),
        ("service billing", "Done"),
        (HUB, "Owner"),
        ("Who answers", "me"),
        ("Who answers", "me@example.com"),
        PREVIEW,
        WRITE,
    )
    scale = spec_of(run(script)).services["billing"].scale
    assert (scale.min, scale.max) == (3, 6)
    parts = (
        "is not a name",
        "taken: is not empty",
        "is not a name",
        "is not a name",
        "is reserved",
        "there is a service named orders already",
        '"/orders/x" overlaps "/orders" of services.orders',
        "is not a path",
        "calls go in a circle: orders -> billing -> orders",
        '"many" is not a number, nor two of them (such as 2 or 2-6)',
        "101 is not between 1 and 100",
        "2 is less than the 3 of scale.min",
        "is not an owner",
    )
    assert len(script.faults) == len(parts)
    assert all(part in fault for part, fault in zip(parts, script.faults, strict=True)), script.faults


def test_back_returns_to_each_question_with_what_was_answered():
    script = Script(
        ("Begin with", "empty"),
        ("Name of the system", BACK),
        ("Begin with", "empty"),
        ("Name of the system", "shop"),
        (HUB, "+ Add"),
        ("Name of the service", "orders"),
        ("Runtime", "Ready image"),
        ("Image", BACK),
        ("Runtime", BACK),
        ("Name of the service", None),
        ("Runtime", "Python"),
        ("Database", "none"),
        ("Public path", BACK),
        ("Database", None),
        ("Public path", None),
        PREVIEW,
        ("files for", "Back"),
        (HUB, BACK),
        ("Name of the system", BACK),
        ("Begin with", "as it is"),
        ("Name of the system", "store"),
        PREVIEW,
        ("files for", BACK),
        PREVIEW,
        WRITE,
    )
    spec = spec_of(run(script))
    assert (spec.name, list(spec.services)) == ("store", ["orders"])
    assert (spec.services["orders"].database, spec.services["orders"].route) == (None, "/orders")


def test_back_out_of_a_new_service_adds_none():
    script = Script(
        ("Begin with", "hello"), ("Name", None), (HUB, "+ Add"), ("Name of the service", BACK), PREVIEW, WRITE
    )
    assert list(spec_of(run(script)).services) == ["hello"]


def test_a_renamed_service_is_called_by_its_new_name():
    script = Script(
        ("Begin with", "shop"),
        ("Name", None),
        (HUB, "billing "),
        ("service billing", "Name"),
        ("Name of the service", "money"),
        ("service money", BACK),
        PREVIEW,
        WRITE,
    )
    spec = spec_of(run(script))
    assert spec.services["orders"].calls == ("money",)
    assert list(spec.services) == ["orders", "money", "catalog"]


def test_removing_a_service_asks_about_its_callers():
    remove = ((HUB, "billing "), ("service billing", "Remove"))
    script = Script(
        ("Begin with", "shop"),
        ("Name", None),
        *remove,
        ("It is called by orders.", "Keep"),
        ("service billing", "Remove"),
        ("It is called by orders.", "Remove it, and the calls of orders"),
        (HUB, "catalog "),
        ("service catalog", "Remove"),
        ("No service calls it.", "Remove it"),
        PREVIEW,
        WRITE,
    )
    spec = spec_of(run(script))
    assert {name: service.calls for name, service in spec.services.items()} == {"orders": ()}


def test_without_services_there_is_nothing_to_write():
    remove = ((HUB, "hello "), ("service hello", "Remove"), ("No service calls it.", "Remove it"))
    script = Script(("Begin with", "hello"), ("Name", None), *remove, (HUB, LEAVE))
    with pytest.raises(KeyboardInterrupt):
        run(script)
    assert "Preview" not in script.seen[-1]


def test_a_copy_has_a_name_and_a_route_of_its_own():
    script = Script(
        ("Begin with", "shop"),
        ("Name", None),
        (HUB, "orders "),
        ("service orders", "Duplicate"),
        ("Name of the service", None),
        ("Public path", "/orders"),
        ("Public path", None),
        PREVIEW,
        WRITE,
    )
    services = spec_of(run(script)).services
    copy = services["orders-2"]
    assert (copy.route, copy.calls, copy.config) == ("/orders-2", ("billing",), {"LOG_LEVEL": "info"})


def test_a_ready_image_and_an_own_dockerfile_are_asked_where_they_listen():
    script = Script(
        *EMPTY,
        (HUB, "+ Add"),
        ("Name of the service", "site"),
        ("Runtime", "Ready image"),
        ("Image", "caddy:2"),
        ("Port that", "80"),
        ("Path that", "none"),
        ("Database", None),
        ("Public path", "/"),
        (HUB, "+ Add"),
        ("Name of the service", "mail"),
        ("Runtime", "Own Dockerfile"),
        ("Port that", None),
        ("Path that", "/up"),
        ("Database", None),
        ("Public path", ""),
        ("it calls", ("site",)),
        PREVIEW,
        WRITE,
    )
    services = spec_of(run(script)).services
    assert (services["site"].image, services["site"].port, services["site"].ready) == ("caddy:2", 80, "none")
    assert (services["mail"].runtime, services["mail"].port, services["mail"].database) == (
        "dockerfile",
        8080,
        None,
    )


def test_every_runtime_of_the_template_is_offered_by_its_title():
    script = Script(*EMPTY, *new_service("a"), PREVIEW, WRITE)
    run(script)
    (asked,) = [seen for seen in script.seen if "Runtime" in seen]
    titles = [runtime["title"] for runtime in TEMPLATE.runtimes.values()]
    assert asked.splitlines()[-len(titles) - 1 :] == [*titles, "Ready image"]


def test_settings_and_environments_are_changed():
    script = Script(
        ("Begin with", "hello"),
        ("Name", None),
        (HUB, "Name"),
        ("Name of the system", "greeter"),
        (HUB, "Description"),
        ("One line", "Says: hello"),
        (HUB, "Registry"),
        ("First part", "ghcr.io/acme"),
        (HUB, "CI"),
        ("pipelines", "GitHub"),
        (HUB, "Environments"),
        ("environments", "+ Add"),
        ("Name of the environment", "dev"),
        ("Name of the environment", None),
        ("What it runs on", None),
        ("environments", "dev "),
        ("environment dev", "Name"),
        ("Name of the environment", "local"),
        ("environments", "+ Add"),
        ("Name of the environment", "qa"),
        ("What it runs on", "Docker"),
        ("environments", "qa"),
        ("environment qa", "Remove"),
        ("environments", BACK),
        PREVIEW,
        WRITE,
    )
    spec = spec_of(run(script))
    assert (spec.name, spec.description, spec.registry) == ("greeter", "Says: hello", "ghcr.io/acme")
    assert (spec.ci, list(spec.environments)) == ("github", ["local", "staging"])


def test_the_last_environment_cannot_be_removed():
    script = Script(
        ("Begin with", "hello"),
        ("Name", None),
        (HUB, "Environments"),
        ("environments", "dev "),
        ("environment dev", "Done"),
        ("environments", "Done"),
        PREVIEW,
        WRITE,
    )
    run(script)
    (seen,) = [seen for seen in script.seen if "environment dev" in seen]
    assert "Remove" not in seen


def test_a_file_that_is_not_changed_is_written_as_it_is():
    script = Script(
        ("Begin with", "a file"), ("Path", "none.yaml"), ("Path", str(FULL)), ("Name", None), PREVIEW, WRITE
    )
    found = run(script)
    assert found.project.tree["cn.yaml"].data == FULL.read_bytes()
    assert script.faults == ["none.yaml: no such file or directory"]
    assert script.shown.rstrip().endswith(f"cn-new full --spec {FULL}")


def test_a_file_that_is_changed_keeps_its_comments():
    script = Script(
        ("Begin with", "a file"),
        ("Path", str(FULL)),
        ("Name", None),
        (HUB, "orders "),
        ("service orders", "Replicas"),
        ("Replicas that", "4-4"),
        ("service orders", "Done"),
        PREVIEW,
        WRITE,
    )
    found = run(script)
    text = FULL.read_text()
    assert found.project.tree["cn.yaml"].data.decode() == text.replace("min: 2 ", "min: 4 ")
    assert "cn-new --spec full/cn.yaml --into full-2" in script.shown


def test_that_comments_cannot_be_kept_is_said_before_writing(elsewhere):
    Path("cn.yaml").write_text("# mine\nname: x\nservices:\n  a: &a\n    runtime: python\n  b: *a\n")
    script = Script(
        ("Begin with", "a file"),
        ("Path", None),
        ("Name", None),
        (HUB, "a "),
        ("service a", "Database"),
        ("Database", "postgres"),
        ("service a", "Done"),
        PREVIEW,
        WRITE,
    )
    spec = spec_of(run(script))
    assert [service.database for service in spec.services.values()] == ["postgres", None]
    assert "cn.yaml has a form that cannot be changed in place: its comments are not kept." in script.shown


def test_a_faulty_file_is_no_beginning(elsewhere):
    Path("cn.yaml").write_text("name: a--b\nservices:\n  api: {runtime: cobol}\n")
    script = Script(("Begin with", "a file"), ("Path", "cn.yaml"), ("Path", BACK), ("Begin with", LEAVE))
    with pytest.raises(KeyboardInterrupt):
        run(script)
    (fault,) = script.faults
    assert fault.startswith('cn.yaml:1:7: name: "a--b" is not a name')
    assert fault.endswith("(and 1 more)")


def test_a_path_may_name_the_home_of_nobody():
    script = Script(
        ("Begin with", "a file"),
        ("Path of the file", "~nobody-here/cn.yaml"),
        ("Path of the file", LEAVE),
    )
    with pytest.raises(KeyboardInterrupt):
        run(script)
    assert script.faults == ["~nobody-here/cn.yaml: no such file or directory"]


def test_the_preview_shows_graph_files_text_and_command():
    script = Script(("Begin with", "shop"), ("Name", None), PREVIEW, WRITE)
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


def test_the_line_below_the_services_tells_what_their_rows_do_not():
    script = Script(
        *EMPTY, *new_service("orders", "/o"), *new_service("bills", "", ("orders",)), PREVIEW, WRITE
    )
    run(script)
    ending = "Choose it to change, duplicate or remove it."
    assert script.help["orders"] == f"Called by bills. {ending}"
    assert script.help["bills"] == f"It has no route and no caller: nothing can reach it yet. {ending}"


def test_with_plan_nothing_is_promised_to_be_written():
    script = Script(("Begin with", "shop"), ("Name", None), PREVIEW, ("files for", "List them"))
    run(script, options=("--plan",))
    assert "with the above as cn.yaml\n  cn-new shop --spec cn.yaml --plan" in script.shown


@pytest.mark.parametrize("begin", ["hello", "shop", "empty"])
def test_the_command_of_the_preview_makes_the_same_repository(begin, elsewhere, monkeypatch):
    steps = new_service("orders", "/o") if begin == "empty" else []
    script = Script(("Begin with", begin), ("Name", "it"), *steps, PREVIEW, WRITE)
    monkeypatch.setattr("generator.wizard.whole.ask", lambda *words: ask_with(script, *words))
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
    from generator.cli import main_new

    return main_new(words)
