"""The readiness checks of containers, against a Docker engine in memory."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from pulumi_stacks.plan.model import Container
from pulumi_stacks.system import load, make_plan, resolve
from pulumi_stacks.targets.docker.readiness import Checks, NotReady
from tests.stacks.fake_engine import HEALTHY, FakeContainer, FakeEngine, ill

DEPLOYMENT = make_plan(
    resolve(
        load(
            b"name: s\n"
            b"services: {web: {runtime: x, route: /w, database: postgres}, c: {runtime: x, calls: [web]}}"
        )
    ),
    "dev",
)
WEB = DEPLOYMENT.services[0].replicas[0]
MIGRATION = DEPLOYMENT.services[0].migration
NETWORKS = {network.key: network.name for network in DEPLOYMENT.networks}
ROUTE = "s_dev_route-web"
CALL = "s_dev_call-c--web"
STARTING = {"Status": "running", "Health": {"Status": "starting"}}


def checks(engine: FakeEngine, timeout: float = 0.05) -> Checks:
    return Checks(engine=engine, timeout=timeout, settle=0, poll=0.001)


def healthy(container: FakeContainer, timeout: float = 0.05) -> FakeEngine:
    engine = FakeEngine(new=container)
    asyncio.run(checks(engine, timeout).healthy(WEB, "new"))
    return engine


def refusal(container: FakeContainer) -> str:
    with pytest.raises(NotReady) as refused:
        healthy(container)
    return str(refused.value)


def slot(engine: FakeEngine) -> None:
    asyncio.run(checks(engine).connect(WEB, "new", NETWORKS))


def test_a_container_is_awaited_until_it_is_healthy():
    assert healthy(FakeContainer([STARTING, STARTING, HEALTHY])).named("start") == []


def own(ready: str) -> Container:
    data = f"name: s\nservices: {{web: {{image: 'x:1', port: 80, ready: {ready}}}}}\n"
    return make_plan(resolve(load(data.encode())), "dev").services[0].replicas[0]


UP = {"Status": "running"}


def test_an_image_of_ones_own_is_asked_until_it_answers():
    engine = FakeEngine(new=FakeContainer([UP], answers=[False, False, True]))
    asyncio.run(checks(engine, 5).healthy(own("/up"), "new"))
    assert engine.named("probe") == [("new", "/up")] * 3


def test_an_image_of_ones_own_that_never_answers_is_named_with_its_path():
    engine = FakeEngine(new=FakeContainer([UP], answers=[False], lines=("listening on 81",)))
    with pytest.raises(NotReady) as refused:
        asyncio.run(checks(engine).healthy(own("/up"), "new"))
    said = str(refused.value)
    assert "services.web: not ready after 0.05 s (running; GET /up on port 80 did not return 200)" in said
    assert "listening on 81" in said


def test_what_no_one_can_ask_is_ready_once_it_has_run_on():
    engine = FakeEngine(new=FakeContainer([{**UP, "StartedAt": datetime.now(UTC).isoformat()}]))
    patient = Checks(engine=engine, timeout=0.05, settle=0, poll=0.001, running=3600)
    with pytest.raises(NotReady):
        asyncio.run(patient.healthy(own("none"), "new"))
    asyncio.run(Checks(engine=engine, timeout=5, poll=0.001, running=0.01).healthy(own("none"), "new"))
    long_ago = {**UP, "StartedAt": "2026-01-01T00:00:00.123456789Z"}
    asyncio.run(
        Checks(engine=FakeEngine(new=FakeContainer([long_ago])), running=3600).healthy(own("none"), "new")
    )


def test_how_long_it_has_to_run_is_what_the_documents_say():
    assert Checks(engine=FakeEngine()).running == 5


def test_a_restart_restarts_the_time():
    starts = [{**UP, "StartedAt": datetime.now(UTC).isoformat()} for _ in range(400)]
    crashing = FakeEngine(new=FakeContainer([state for start in starts for state in (start, dict(start))]))
    with pytest.raises(NotReady):
        asyncio.run(Checks(engine=crashing, timeout=0.2, poll=0.001, running=0.1).healthy(own("none"), "new"))


def test_a_container_gets_its_limit_of_processes_once():
    assert healthy(FakeContainer([STARTING, STARTING, HEALTHY])).named("limit_processes") == [("new", "512")]
    assert healthy(FakeContainer([HEALTHY], processes=512)).named("limit_processes") == []


def test_what_was_stopped_by_hand_is_restarted():
    exited = {"Status": "exited", "ExitCode": 0}
    assert healthy(FakeContainer([exited, STARTING, HEALTHY])).named("start") == [("new",)]


def test_a_container_that_is_never_ready_is_reported_with_its_own_check_and_its_last_lines():
    text = refusal(FakeContainer([ill("database: refused\n")], lines=("one", "two")))
    assert text.startswith(
        "services.web: not ready after 0.05 s (unhealthy; health check: database: refused)"
    )
    assert text.endswith("\n  last lines of its log:\n    one\n    two")


def test_a_container_that_keeps_ending_is_reported_before_the_time_is_over():
    container = FakeContainer([{"Status": "restarting", "ExitCode": 7}], restarts=5)
    with pytest.raises(NotReady, match=r"services\.web: restarts again and again; exited with code 7"):
        healthy(container, timeout=60)


def test_a_container_that_restarted_long_ago_is_not_given_up():
    healthy(FakeContainer([STARTING, HEALTHY], restarts=50))


def test_a_container_that_ran_out_of_memory_is_reported_with_its_limit():
    container = FakeContainer([{"Status": "restarting", "ExitCode": 137, "OOMKilled": True}], restarts=5)
    assert "killed at its limit of 256 MiB" in refusal(container)


def test_an_image_without_a_health_check_is_refused_at_once():
    with pytest.raises(NotReady, match="no HEALTHCHECK"):
        healthy(FakeContainer([{"Status": "running"}]), timeout=60)


def test_a_container_that_is_gone_says_how_to_go_on():
    engine = FakeEngine()
    engine.gone.add("new")
    with pytest.raises(NotReady, match="REFRESH=yes"):
        asyncio.run(checks(engine).healthy(WEB, "new"))


def test_an_engine_that_does_not_answer_is_named():
    engine = FakeEngine()
    engine.broken = "Cannot connect to the Docker daemon"
    with pytest.raises(NotReady, match=r"services\.web: Docker: Cannot connect"):
        asyncio.run(checks(engine).healthy(WEB, "new"))


def test_passwords_in_log_lines_are_not_repeated():
    text = refusal(
        FakeContainer([ill("")], lines=("cannot reach postgresql://app:s3cret@web.database:5432/app",))
    )
    assert "s3cret" not in text
    assert "postgresql://app:***@web.database" in text


def migrate(*states: dict[str, Any], timeout: float = 0.05) -> FakeEngine:
    assert MIGRATION is not None
    engine = FakeEngine(new=FakeContainer(list(states), lines=("no such column",)))
    asyncio.run(checks(engine, timeout).done(MIGRATION, "new"))
    return engine


CREATED = {"Status": "created"}
RUNNING = {"Status": "running"}
DONE = {"Status": "exited", "ExitCode": 0}
FAILED = {"Status": "exited", "ExitCode": 3}


def test_a_migration_gets_its_limits_before_it_starts():
    assert migrate(CREATED, RUNNING, DONE).orders == [("limit_processes", "new", "512"), ("start", "new")]


def test_a_migration_that_is_done_is_not_repeated():
    assert migrate(DONE).orders == []


def test_a_migration_that_failed_in_an_earlier_deployment_gets_another_try():
    assert migrate(FAILED, RUNNING, DONE).named("start") == [("new",)]


def test_a_failed_migration_is_reported_with_its_code_and_its_last_lines():
    with pytest.raises(NotReady) as refused:
        migrate(CREATED, RUNNING, FAILED)
    assert str(refused.value) == (
        "services.web: migration: exited with code 3\n  last lines of its log:\n    no such column"
    )


def test_a_migration_that_does_not_end_is_reported():
    with pytest.raises(NotReady, match=r"not finished after 0\.5 s \(running\)"):
        migrate(CREATED, RUNNING)


def test_a_slot_is_the_first_that_no_one_holds():
    engine = FakeEngine(new=FakeContainer([HEALTHY]))
    slot(engine)
    assert sorted(engine.named("connect")) == [(CALL, "new", "web"), (ROUTE, "new", "web.1.a")]


def test_a_successor_takes_the_other_slot_and_shares_the_name_for_callers():
    engine = FakeEngine(
        new=FakeContainer([HEALTHY]),
        old=FakeContainer([HEALTHY], networks={ROUTE: ["web.1.a"], CALL: ["web"]}),
    )
    slot(engine)
    assert sorted(engine.named("connect")) == [(CALL, "new", "web"), (ROUTE, "new", "web.1.b")]
    assert engine.named("stop") == []


def test_who_has_a_slot_keeps_it():
    engine = FakeEngine(new=FakeContainer([HEALTHY], networks={ROUTE: ["web.1.b"], CALL: ["web"]}))
    slot(engine)
    assert engine.orders == []


def test_when_both_slots_are_held_the_oldest_gives_way():
    engine = FakeEngine(
        new=FakeContainer([HEALTHY]),
        old=FakeContainer([HEALTHY], networks={ROUTE: ["web.1.b"]}, created="2026-01-01T00:00:00Z"),
        newer=FakeContainer([HEALTHY], networks={ROUTE: ["web.1.a"]}, created="2026-01-02T00:00:00Z"),
    )
    slot(engine)
    assert engine.named("stop") == [("old", "30")]
    assert (ROUTE, "new", "web.1.b") in engine.named("connect")


def test_callers_lose_sight_of_a_predecessor_that_keeps_its_address():
    engine = FakeEngine(
        new=FakeContainer([HEALTHY], networks={CALL: ["web"], ROUTE: ["web.1.b"]}),
        old=FakeContainer([HEALTHY], networks={CALL: ["web"], ROUTE: ["web.1.a"]}),
    )
    asyncio.run(checks(engine).disconnect_former(WEB, ["new"], NETWORKS))
    assert engine.orders == [("remove_aliases", CALL, "old", "10.0.0.9")]
    asyncio.run(checks(engine).disconnect_former(WEB, ["new"], NETWORKS))
    assert len(engine.orders) == 1
