"""The questions on services, and their results; without a terminal."""

import pytest

from tests.wizard.flow import EMPTY, MENU, PREVIEW, TEMPLATE, WRITE, new_service, run, spec_of
from tests.wizard.script import BACK, LEAVE, Script


def test_back_out_of_a_new_service_adds_none():
    script = Script(
        ("Start from", "hello"),
        ("Name", None),
        (MENU, "+ Add"),
        ("Name of the service", BACK),
        PREVIEW,
        WRITE,
    )
    assert list(spec_of(run(script)).services) == ["hello"]


def test_a_renamed_service_is_called_by_its_new_name():
    script = Script(
        ("Start from", "shop"),
        ("Name", None),
        (MENU, "billing "),
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
    remove = ((MENU, "billing "), ("service billing", "Remove"))
    script = Script(
        ("Start from", "shop"),
        ("Name", None),
        *remove,
        ("It is called by orders.", "Keep"),
        ("service billing", "Remove"),
        ("It is called by orders.", "Remove, with the calls from orders"),
        (MENU, "catalog "),
        ("service catalog", "Remove"),
        ("It has no callers.", "Remove"),
        PREVIEW,
        WRITE,
    )
    spec = spec_of(run(script))
    assert {name: service.calls for name, service in spec.services.items()} == {"orders": ()}


def test_without_services_there_is_nothing_to_write():
    remove = ((MENU, "hello "), ("service hello", "Remove"), ("It has no callers.", "Remove"))
    script = Script(("Start from", "hello"), ("Name", None), *remove, (MENU, LEAVE))
    with pytest.raises(KeyboardInterrupt):
        run(script)
    assert "Preview" not in script.seen[-1]


def test_a_copy_has_a_name_and_a_route_of_its_own():
    script = Script(
        ("Start from", "shop"),
        ("Name", None),
        (MENU, "orders "),
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
        (MENU, "+ Add"),
        ("Name of the service", "site"),
        ("Runtime", "Prebuilt image"),
        ("Image", "caddy:2"),
        ("Port that", "80"),
        ("Readiness path", "none"),
        ("Database", None),
        ("Public path", "/"),
        (MENU, "+ Add"),
        ("Name of the service", "mail"),
        ("Runtime", "Own Dockerfile"),
        ("Port that", None),
        ("Readiness path", "/up"),
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
    assert asked.splitlines()[-len(titles) - 1 :] == [*titles, "Prebuilt image"]
