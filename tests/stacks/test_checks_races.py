"""A container that ends between looking and ordering: its reason is reported, not that the command failed."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from pulumi_stacks.targets.docker.readiness import Checks, NotReady
from tests.stacks.fake_engine import HEALTHY, FakeContainer, FakeEngine
from tests.stacks.test_checks import CALL, MIGRATION, NETWORKS, ROUTE, WEB, checks, own

NOW = datetime.now(UTC).isoformat()
STARTING = {"Status": "running", "StartedAt": NOW, "Health": {"Status": "starting"}}
UP = {"Status": "running", "StartedAt": NOW}
ENDED = {"Status": "exited", "ExitCode": 3, "StartedAt": NOW}
CRASHING = {"Status": "restarting", "ExitCode": 3, "StartedAt": NOW}
STOPPED = "cannot update a stopped container: unknown"
REASON = "exited with code 3\n  last lines of its log:\n    no licence"


def crashing(*states: dict[str, Any]) -> FakeEngine:
    return FakeEngine(new=FakeContainer([*states, CRASHING], restarts=5, lines=("no licence",)))


def reason(engine: FakeEngine, of: str = "web") -> str:
    waiting = {
        "web": lambda asked: asked.healthy(WEB, "new"),
        "own": lambda asked: asked.healthy(own("/up"), "new"),
        "migration": lambda asked: asked.done(MIGRATION, "new"),
        "connect": lambda asked: asked.connect(WEB, "new", NETWORKS),
    }
    with pytest.raises(NotReady) as refused:
        asyncio.run(waiting[of](Checks(engine=engine, timeout=60, settle=0, poll=0.001)))
    return str(refused.value)


@pytest.mark.parametrize("times", range(1, 5))
def test_a_limit_that_comes_too_late_does_not_hide_why_the_container_ended(times: int):
    # The engine may take a while to notice, and says meanwhile that the container runs.
    engine = crashing(*[STARTING] * times)
    engine.refusals["limit_processes"] = [STOPPED] * times
    assert reason(engine) == f"services.web: restarts again and again; {REASON}"
    assert len(engine.named("limit_processes")) == times


def test_a_question_that_comes_too_late_does_not_hide_it_either():
    engine = crashing(UP, UP)
    engine.refusals["probe"] = ["failed to create network namespace: no such file"] * 2
    assert reason(engine, "own") == f"services.web: restarts again and again; {REASON}"


def test_a_migration_that_ends_before_it_has_its_limit_is_reported_with_its_reason():
    engine = FakeEngine(new=FakeContainer([{"Status": "created"}, UP, ENDED], lines=("no licence",)))
    engine.refusals["limit_processes"] = ["", STOPPED]
    assert reason(engine, "migration") == f"services.web: migration: {REASON}"


def test_a_network_that_is_joined_too_late_does_not_hide_it():
    engine = FakeEngine(new=FakeContainer([HEALTHY, ENDED], lines=("no licence",)))
    engine.refusals["connect"] = ["container is not running"]
    said = "Docker: container is not running\n  last lines of its log:\n    no licence"
    assert reason(engine, "connect") == f"services.web: exited with code 3; {said}"


def test_a_container_that_is_missing_by_then_is_reported():
    engine = crashing(STARTING)
    engine.refusals["limit_processes"] = ["No such container: new"]
    inspect = engine.inspect

    async def vanishing(container: str) -> Any:
        if engine.orders:
            engine.gone.add("new")
        return await inspect(container)

    engine.inspect = vanishing  # type: ignore[method-assign]
    assert "container not found on the Docker engine" in reason(engine)


@pytest.mark.parametrize(
    ("of", "order", "state"), [("web", "limit_processes", STARTING), ("own", "probe", UP)]
)
def test_an_order_that_is_always_refused_is_the_reason(of: str, order: str, state: dict[str, Any]):
    engine = FakeEngine(new=FakeContainer([state], lines=("at work",)))
    engine.refusals[order] = ["pull access denied"] * 50
    said = "services.web: Docker: pull access denied\n  last lines of its log:\n    at work"
    assert reason(engine, of) == said
    assert len(engine.named(order)) == 5


def test_a_start_that_is_refused_is_reported_with_what_the_container_wrote_before():
    engine = FakeEngine(new=FakeContainer([ENDED], lines=("no licence",)))
    engine.refusals["start"] = ["exec: no such file"]
    assert reason(engine) == (
        "services.web: exited with code 3; Docker: exec: no such file\n"
        "  last lines of its log:\n    no licence"
    )


def test_lines_that_cannot_be_read_do_not_hide_the_reason():
    engine = crashing()
    engine.refusals["logs"] = ["configured logging driver does not support reading"]
    assert reason(engine) == (
        "services.web: restarts again and again; exited with code 3\n"
        "  cannot read its log: configured logging driver does not support reading"
    )


def test_a_predecessor_that_ends_by_itself_is_in_no_ones_way():
    networks = {CALL: ["web"], ROUTE: ["web.1.a"]}
    engine = FakeEngine(
        new=FakeContainer([HEALTHY], networks={CALL: ["web"], ROUTE: ["web.1.b"]}),
        old=FakeContainer([HEALTHY, ENDED], networks=networks),
    )
    engine.refusals["remove_aliases"] = ["is not connected to the network"]
    asyncio.run(checks(engine).disconnect_former(WEB, ["new"], NETWORKS))
    assert engine.named("remove_aliases") == [(CALL, "old", "10.0.0.9")]


def test_a_predecessor_that_cannot_be_taken_from_its_name_is_reported():
    networks = {CALL: ["web"], ROUTE: ["web.1.a"]}
    engine = FakeEngine(new=FakeContainer([HEALTHY]), old=FakeContainer([HEALTHY], networks=networks))
    engine.refusals["remove_aliases"] = ["no rights"]
    with pytest.raises(NotReady, match=r"services\.web: Docker: no rights"):
        asyncio.run(checks(engine).disconnect_former(WEB, ["new"], NETWORKS))
