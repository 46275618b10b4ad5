"""What is asked in which order, and what comes of it; without a terminal."""

from tests.wizard.flow import EMPTY, HUB, PREVIEW, WRITE, new_service, run, spec_of
from tests.wizard.script import BACK, Script


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


def test_names_and_routes_are_judged_by_the_rules_of_the_file_and_of_the_disk(elsewhere):
    (elsewhere / "taken").mkdir()
    (elsewhere / "taken" / "file").touch()
    script = Script(
        ("Begin with", "shop"),
        *(("Name of the system", name) for name in ("a--b", "taken", "shop")),
        (HUB, "+ Add"),
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
        "taken: is not empty",
        "is not a name",
        "is not a name",
        "is reserved",
        "there is a service named orders already",
        '"/orders" is already the route of services.orders',
        "is not a path",
    )


def test_calls_replicas_and_owner_are_judged_by_the_rules_of_the_file():
    script = Script(
        ("Begin with", "shop"),
        ("Name of the system", "shop"),
        (HUB, "billing "),
        ("service billing", "Calls"),
        ("it calls", ("orders",)),
        ("service billing", "Replicas"),
        *(("Replicas that", count) for count in ("many", "101", "3-2", "3-6")),
        ("service billing", "Done"),
        (HUB, "Owner"),
        *(("Who answers", owner) for owner in ("me", "me@example.com")),
        PREVIEW,
        WRITE,
    )
    billing = spec_of(run(script)).services["billing"]
    assert (billing.scale.min, billing.scale.max) == (3, 6)
    assert billing.calls == ("orders",), "calls may go in a circle"
    assert_faults(
        script,
        '"many" is not a number, nor two of them (such as 2 or 2-6)',
        "101 is not between 1 and 100",
        "2 is less than the 3 of scale.min",
        "is not an owner",
    )


def assert_faults(script: Script, *parts: str) -> None:
    assert len(script.faults) == len(parts), script.faults
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
