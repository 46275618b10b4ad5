"""Nothing is deployed whose state is nowhere in particular, and what is deployed holds against a destroy."""

from pathlib import Path

import pytest

from tests.stacks.clustered import before, environment, every, of, refusal, registered
from tests.stacks.graph import Registration

pytestmark = pytest.mark.usefixtures("alone")
NEVER = {"pulumi:pulumi:Stack"}


@pytest.fixture(autouse=True)
def _shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PULUMI_BACKEND_URL", raising=False)


def whoami(url: str) -> None:
    """Put a pulumi on the path that has no state, and this backend."""
    program = Path.cwd() / "pulumi"
    program.write_text(f"#!/bin/sh\n[ $1 = whoami ] && echo '{{\"url\": \"{url}\"}}' || echo '{{}}'\n")
    program.chmod(0o755)


@pytest.mark.parametrize("preview", [True, False])
def test_without_a_place_for_the_state_nothing_is_registered(preview: bool) -> None:
    for place in (environment(state=None), environment(state=None, protected=False)):
        [said] = refusal(place, preview=preview)
        assert said.startswith("environments.dev.state: is required before a deployment")
        assert "`state: s3://BUCKET`" in said
        assert "`state: local`" in said


def test_a_stack_in_another_backend_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    whoami("file://./.pulumi-state")
    [said] = refusal(environment(state="s3://acme"))
    assert said.startswith(
        "environments.dev.state: is s3://acme, but the backend in use is file://./.pulumi-state; "
    )
    assert registered(environment(state="local"))
    whoami("s3://acme/")
    assert registered(environment(state="s3://acme"))
    [said] = refusal(environment(state="local"))
    assert "is local, but the backend in use is s3://acme/" in said
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://other")
    assert "the backend in use is s3://other" in refusal(environment(state="s3://acme"))[0]


def test_a_pulumi_that_does_not_tell_its_backend_stops_the_deployment() -> None:
    program = Path.cwd() / "pulumi"
    program.write_text("#!/bin/sh\necho no access >&2; exit 1\n")
    program.chmod(0o755)
    assert refusal() == ["cannot read the backend: no access"]


def test_what_pulumi_would_delete_first_is_protected_and_waits_for_all_others(
    made: list[Registration],
) -> None:
    """Else `pulumi destroy --skip-preview` deletes what nothing depends on before it is stopped."""
    guard = of(made, "RandomId", "guard")
    others = {one.urn for one in made if one.request.custom and one.type not in NEVER} - {guard.urn}
    providers = {one.urn for one in made if one.type.startswith("pulumi:providers:")}
    assert others - before(made, guard) <= providers
    assert not [one for one in made if guard.urn in before(made, one)]


def test_only_what_holds_a_system_is_protected_so_that_the_rest_can_change(made: list[Registration]) -> None:
    assert {one.name for one in made if one.request.protect} == {"owner", "guard"}
    assert {one.name for one in every(made, "RandomId")} == {"owner", "guard"}


def test_what_is_not_protected_by_the_spec_is_not_in_the_state() -> None:
    assert not [one for one in registered(environment(protected=False)) if one.request.protect]
    assert len([one for one in registered(environment(protected=True)) if one.request.protect]) == 2
