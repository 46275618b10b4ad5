"""The order of the questions and their results; without a terminal."""

from tests.wizard.flow import EMPTY, MENU, PREVIEW, WRITE, new_service, run, spec_of
from tests.wizard.script import BACK, Script


def test_a_system_is_entered_from_scratch():
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
        Script(("Start from", None), ("Name of the system", None), ("Preview", "Preview"), *steps[-1:])
    )
    assert list(spec_of(found).services) == ["hello"]
    added = Script(*EMPTY, (MENU, None), *[("a new service", None)] * 4, (MENU, None), ("files for", None))
    assert list(spec_of(run(added)).services) == ["api"]


def test_names_and_routes_are_validated_by_the_spec_and_the_disk(elsewhere):
    (elsewhere / "taken").mkdir()
    (elsewhere / "taken" / "file").touch()
    script = Script(
        ("Start from", "shop"),
        *(("Name of the system", name) for name in ("a--b", "taken", "shop")),
        (MENU, "+ Add"),
        *(("Name of the service", name) for name in ("", "My_Orders", "con", "orders", "mail")),
        ("Runtime", None),
        ("Database", None),
        ("Public path", "/orders"),
        ("Public path", "orders"),
        ("Public path", None),
        ("it calls", ()),
        PREVIEW,
        WRITE,
    )
    assert "mail" in spec_of(run(script)).services
    assert_faults(
        script,
        "is not a name",
        "taken: not empty",
        "is not a name",
        "is not a name",
        "is reserved",
        "service orders already exists",
        '"/orders" is already the route of services.orders',
        "is not a path",
    )


def test_calls_replicas_and_owner_are_validated_by_the_spec():
    script = Script(
        ("Start from", "shop"),
        ("Name of the system", "shop"),
        (MENU, "billing "),
        ("service billing", "Calls"),
        ("it calls", ("orders",)),
        ("service billing", "Replicas"),
        *(("Number of replicas", count) for count in ("many", "101", "3-2", "3-6")),
        ("service billing", "Done"),
        (MENU, "Owner"),
        *(("Code owner", owner) for owner in ("me", "me@example.com")),
        PREVIEW,
        WRITE,
    )
    billing = spec_of(run(script)).services["billing"]
    assert (billing.scale.min, billing.scale.max) == (3, 6)
    assert billing.calls == ("orders",), "calls may go in a circle"
    assert_faults(
        script,
        '"many" is not a number or a range (use 2 or 2-6)',
        "101 is not between 1 and 100",
        "2 is less than scale.min (3)",
        "is not an owner",
    )


def assert_faults(script: Script, *parts: str) -> None:
    assert len(script.faults) == len(parts), script.faults
    assert all(part in fault for part, fault in zip(parts, script.faults, strict=True)), script.faults


def test_back_returns_to_each_question_with_what_was_answered():
    script = Script(
        ("Start from", "empty"),
        ("Name of the system", BACK),
        ("Start from", "empty"),
        ("Name of the system", "shop"),
        (MENU, "+ Add"),
        ("Name of the service", "orders"),
        ("Runtime", "Prebuilt image"),
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
        (MENU, BACK),
        ("Name of the system", BACK),
        ("Start from", "current"),
        ("Name of the system", "store"),
        PREVIEW,
        ("files for", BACK),
        PREVIEW,
        WRITE,
    )
    spec = spec_of(run(script))
    assert (spec.name, list(spec.services)) == ("store", ["orders"])
    assert (spec.services["orders"].database, spec.services["orders"].route) == (None, "/orders")


def test_settings_and_environments_are_changed():
    script = Script(
        ("Start from", "hello"),
        ("Name", None),
        (MENU, "Name"),
        ("Name of the system", "greeter"),
        (MENU, "Description"),
        ("in one line", "Says: hello"),
        (MENU, "Registry"),
        ("Registry for", "ghcr.io/acme"),
        (MENU, "CI"),
        ("pipelines", "GitHub"),
        (MENU, "Environments"),
        ("environments", "+ Add"),
        ("Name of the environment", "dev"),
        ("Name of the environment", None),
        ("Deployment target", None),
        ("environments", "dev "),
        ("environment dev", "Name"),
        ("Name of the environment", "local"),
        ("environments", "+ Add"),
        ("Name of the environment", "qa"),
        ("Deployment target", "Docker"),
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
        ("Start from", "hello"),
        ("Name", None),
        (MENU, "Environments"),
        ("environments", "dev "),
        ("environment dev", "Done"),
        ("environments", "Done"),
        PREVIEW,
        WRITE,
    )
    run(script)
    (seen,) = [seen for seen in script.seen if "environment dev" in seen]
    assert "Remove" not in seen
