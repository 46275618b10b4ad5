"""Starting: settings, migrations, readiness."""

import json
import time
from pathlib import Path

import pytest

from tests.contract.conftest import PASSWORD, Bench
from tests.contract.engine import SLACK, START, Container, at_once, docker, inspect, quickest, until
from tests.contract.promises import amount

SECRET = f"postgresql://postgres:{PASSWORD}@db:5432/name"


def only_line(container: Container) -> str:
    """Return the message of the only line that a container logged."""
    [line] = container.lines()
    assert PASSWORD not in line
    message: str = json.loads(line)["message"]
    return message


@pytest.mark.promise("settings-checked", "database-url", "callee-url", "log-level")
@pytest.mark.parametrize(
    "wrong",
    [
        {"DATABASE_URL": None, "PLAIN_URL": ""},
        {"DATABASE_URL": PASSWORD, "PORT": "70000"},
        {
            "DATABASE_URL": SECRET.replace("postgresql", "oracle"),
            "PLAIN_URL": "plain:8080",
            "PORT": "http",
            "LOG_LEVEL": "loud",
            "DRAIN_SECONDS": "soon",
            "MAX_BODY_BYTES": "1Mi",
            "OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4317",
            "OTEL_EXPORTER_OTLP_HEADERS": PASSWORD,
            "OTEL_EXPORTER_OTLP_TIMEOUT": "never",
        },
    ],
    ids=["missing", "some wrong", "all wrong"],
)
def test_wrong_settings_stop_the_start_with_one_line_that_names_them_all(
    bench: Bench, wrong: dict[str, str | None]
) -> None:
    container = bench.start(**{"DATABASE_URL": SECRET, **wrong})
    assert container.wait(START) == amount("settings-checked", "code")
    message = only_line(container)
    assert all(name in message for name in wrong)


@pytest.mark.promise("database-url")
def test_the_address_of_the_database_can_come_from_a_file(bench: Bench, tmp_path: Path) -> None:
    file = tmp_path / "url"
    file.write_text(bench.address("postgres") + "\n")
    file.chmod(0o444)
    options = (f"--volume={file}:/run/secrets/url:ro",)
    container = bench.start_with(options, DATABASE_URL=None, DATABASE_URL_FILE="/run/secrets/url")
    until(START, "it is alive", lambda: container.get("/healthz").status == 200)
    assert "migrate" in container.get("/readyz").json()["detail"]


@pytest.mark.promise("outage", "alive", "ready-in-time")
def test_without_its_database_it_lives_unready_and_is_not_restarted(bench: Bench) -> None:
    nowhere = f"postgresql://u:{PASSWORD}@127.0.0.1:1/none"
    container = bench.start_with(("--restart=on-failure",), DATABASE_URL=nowhere)
    until(START, "it is alive", lambda: container.get("/healthz").status == 200)
    answer = quickest(amount("ready-in-time", "limit"), lambda: container.get("/readyz"))
    assert answer.status == 503
    assert answer.json()["detail"]
    assert container.state["Running"]
    assert inspect(container.name)["RestartCount"] == 0
    assert PASSWORD not in "\n".join(container.lines())


@pytest.mark.promise("ready")
def test_ready_once_the_schema_is_there(bench: Bench) -> None:
    address = bench.database()
    container = bench.start(DATABASE_URL=address)
    until(START, "it is alive", lambda: container.get("/healthz").status == 200)
    answer = container.get("/readyz")
    assert (answer.status, "migrate" in answer.json()["detail"]) == (503, True)
    bench.migrate(address)
    until(SLACK, "it is ready", lambda: container.get("/readyz").status == 200)


@pytest.mark.promise("migrate-again")
def test_migrations_may_run_at_once_and_again(bench: Bench) -> None:
    address = bench.database()

    def migrate() -> Container:
        return bench.start("migrate", DATABASE_URL=address, PLAIN_URL=None)

    # All of them see an empty database before any can change it.
    with bench.without_tables(address.rpartition("/")[2], waiting=3):
        containers = at_once([migrate] * 3)
    for container in (*containers, migrate()):
        assert container.wait(START) == 0
        assert only_line(container)


@pytest.mark.promise("migrate-waits")
def test_a_migration_waits_for_its_database(bench: Bench, service: Container) -> None:
    began = time.monotonic()
    bench.migrate(bench.database())
    whole = time.monotonic() - began
    address = bench.database()
    with bench.stopped_postgres():
        container = bench.start("migrate", DATABASE_URL=address)
        # One that does not wait has ended by then, on this machine as it is now.
        time.sleep(min(2 * whole + 2, amount("migrate-waits", "wait") / 2))
        assert container.state["Running"]
    assert container.wait(START) == 0
    until(START, "the shared service is ready", lambda: service.get("/readyz").status == 200)


@pytest.mark.promise("migrate-waits")
def test_a_migration_that_is_stopped_does_not_count_as_done(bench: Bench) -> None:
    address = bench.database()
    with bench.stopped_postgres():
        container = bench.start("migrate", DATABASE_URL=address)

        def ends() -> bool:
            if container.state["Running"]:
                docker("kill", "--signal=SIGTERM", container.name, check=False)
            return not container.state["Running"]

        until(START, "it has ended", ends)
    assert container.wait(1) != 0


@pytest.mark.promise("migrate-waits")
def test_a_migration_gives_up_on_a_database_that_never_answers(hopeless: Container) -> None:
    assert hopeless.wait(amount("migrate-waits", "wait") + START) == amount("migrate-waits", "code")
    assert only_line(hopeless)
