"""The service contract's test bench: services rendered, built and started, once per runtime of the template.

`CN_CONTRACT_RUNTIMES` (comma separated) narrows the runtimes down.
"""

import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import uuid4

import pytest

from generator.rendering.renderer import render
from generator.rendering.template import open_template
from pulumi_stacks.system import load, resolve
from tests.contract.engine import HARDENED, START, Container, docker, freeze, run, until
from tests.contract.promises import word
from tests.contract.record import Recorder

PASSWORD = "s3cret-p4ssword"
PORT = word("port", "default")
FAKE_IMAGE = "python:3.13-slim"
PREFIX = f"cn-contract-{uuid4().hex[:6]}"

# Every combination of what a service may have.
SPEC = """
spec: 1
name: contract
description: It's "quoted", $HOME \\\\ and {braced}
owner: "@acme/contract"
services:
  full: {runtime: RUNTIME, database: postgres, calls: [plain], route: /full}
  stored: {runtime: RUNTIME, database: postgres}
  calling: {runtime: RUNTIME, calls: [plain, stored]}
  plain: {runtime: RUNTIME, config: {PAGE_SIZE: "20"}}
"""
SERVICES = ("full", "stored", "calling", "plain")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--record"):
        config.pluginmanager.register(Recorder(), "recorder")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "runtime" in metafunc.fixturenames:
        wanted = os.environ.get("CN_CONTRACT_RUNTIMES")
        known = [name for name, entry in open_template().runtimes.items() if entry["contract"]]
        metafunc.parametrize("runtime", wanted.split(",") if wanted else known, scope="session")


@pytest.fixture(scope="session")
def folder(runtime: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rendered folder that holds one folder per service."""
    template = open_template()
    spec = load(SPEC.replace("RUNTIME", runtime).encode(), "cn.yaml", list(template.runtimes))
    root = tmp_path_factory.mktemp(runtime)
    for path, file in render(template, resolve(spec).answers()).items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.data)
        target.chmod(file.mode)
    return root / "services"


@pytest.fixture(scope="session")
def image(runtime: str, folder: Path, require: Callable[..., None]) -> Iterator[str]:
    """The image of the service that has everything."""
    require("docker")
    name = f"{PREFIX}-{runtime}"
    docker("build", f"--tag={name}", "--build-arg=VERSION=1.2.3", str(folder / "full"))
    yield name
    docker("rmi", "--force", name)


@dataclass(frozen=True)
class Bench:
    """Starts containers on one network, and removes them all."""

    image: str
    network: str
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    started: list[str] = field(default_factory=list)

    @property
    def postgres(self) -> str:
        return f"{self.network}-postgres"

    def database(self) -> str:
        """Make an empty database and return its address."""
        name = f"db{next(self.numbers)}"
        self.sql(f"CREATE DATABASE {name}")
        return self.address(name)

    def address(self, name: str) -> str:
        return f"postgresql://postgres:{PASSWORD}@{self.postgres}:5432/{name}"

    @contextmanager
    def without_tables(self, database: str, waiting: int) -> Iterator[None]:
        """Prevent new tables until so many wait for a lock (or take turns without one, for 15 s)."""
        psql = (self.postgres, "psql", "-U", "postgres", "-d", database, "-tAc")
        docker("exec", "--detach", *psql, "LOCK TABLE pg_class IN SHARE MODE; SELECT pg_sleep(60)")
        locks = "SELECT count(*) FROM pg_locks WHERE relation = 'pg_class'::regclass AND mode = 'ShareLock'"
        until(START, "the table is locked", lambda: docker("exec", *psql, locks).strip() == "1")
        activity = f"FROM pg_stat_activity WHERE datname = '{database}' AND wait_event"
        yield
        with suppress(AssertionError):
            count = f"SELECT count(*) {activity}_type = 'Lock'"
            until(15, "all wait", lambda: int(docker("exec", *psql, count)) >= waiting)
        docker("exec", *psql, f"SELECT pg_terminate_backend(pid) {activity} = 'PgSleep'")

    def sql(self, statement: str) -> None:
        docker("exec", self.postgres, "psql", "-q", "-U", "postgres", "-c", statement)

    def postgres_answers(self) -> bool:
        # Over TCP: the server that initialises the data directory listens on a socket only.
        answer = docker("exec", self.postgres, "pg_isready", "-h", "127.0.0.1", check=False)
        return "accepting connections" in answer

    def start(self, *command: str, **changes: str | None) -> Container:
        """Start the image; `changes` are variables to set or, with None, to leave out."""
        return self.start_with((), *command, **changes)

    def start_with(self, options: tuple[str, ...], /, *command: str, **changes: str | None) -> Container:
        """Start the image with further options of `docker run`."""
        name = f"{self.network}-{next(self.numbers)}"
        variables: dict[str, str | None] = {
            "SERVICE_NAME": "full",
            "DATABASE_URL": self.address("postgres"),
            "PLAIN_URL": f"http://{name}:{PORT}",
            **changes,
        }
        self.started.append(name)
        given = [f"--env={key}={value}" for key, value in variables.items() if value is not None]
        labels = (f"--network={self.network}", f"--label={PREFIX}", f"--publish=127.0.0.1::{PORT}")
        return run(name, self.image, *HARDENED, *labels, *options, *given, command=command)

    @contextmanager
    def silent_postgres(self) -> Iterator[None]:
        """Let Postgres take connections and answer nothing."""
        freeze(self.postgres)
        try:
            yield
        finally:
            docker("unpause", self.postgres)

    @contextmanager
    def stopped_postgres(self) -> Iterator[None]:
        """Let nothing listen where Postgres was, nor its name be known."""
        docker("stop", self.postgres)
        try:
            yield
        finally:
            docker("start", self.postgres)
            until(START, "Postgres answers", self.postgres_answers)

    @contextmanager
    def silent_container(self) -> Iterator[str]:
        """Name a container that takes connections and answers nothing."""
        container = self.start()
        until(START, "it is alive", lambda: container.get("/healthz").status == 200)
        freeze(container.name)
        try:
            yield container.name
        finally:
            docker("unpause", container.name)

    def fake(self, *options: str, port: int = 8080) -> Container:
        """Start a callee that behaves as the name says by which it is called; see fake.py."""
        name = f"{self.network}-{next(self.numbers)}"
        self.started.append(name)
        source = Path(__file__).with_name("fake.py").read_text(encoding="utf-8")
        command = ("python", "-c", source, str(port))
        return run(name, FAKE_IMAGE, f"--label={PREFIX}", *options, command=command)

    def migrate(self, address: str) -> None:
        """Run the migrations of a database."""
        assert self.start("migrate", DATABASE_URL=address, PLAIN_URL=None).wait(START) == 0


@pytest.fixture(scope="session")
def shared(image: str) -> Iterator[Bench]:
    """A network with a Postgres on it."""
    bench = Bench(image, f"{image}-net")
    docker("network", "create", bench.network)
    run(
        bench.postgres,
        "postgres:17",
        f"--network={bench.network}",
        f"--label={PREFIX}",
        f"--env=POSTGRES_PASSWORD={PASSWORD}",
    )
    try:
        until(START, "Postgres answers", bench.postgres_answers)
        yield bench
    finally:
        names = docker("ps", "--all", "--quiet", f"--filter=label={PREFIX}").split()
        docker("rm", "--force", "--volumes", *names)
        docker("network", "rm", bench.network)


@pytest.fixture
def bench(shared: Bench) -> Iterator[Bench]:
    """The same network and Postgres; what a test starts ends with it."""
    own = replace(shared, started=[])
    yield own
    if own.started:
        docker("rm", "--force", *own.started)


@pytest.fixture(scope="module")
def own(shared: Bench) -> Iterator[Bench]:
    """The same network and Postgres; what is started there ends with the module of the test."""
    own = replace(shared, started=[])
    yield own
    docker("rm", "--force", *own.started)


@pytest.fixture(scope="session")
def hopeless(shared: Bench) -> Container:
    """A migration whose database never answers, started early because it waits long."""
    return shared.start("migrate", DATABASE_URL=f"postgresql://u:{PASSWORD}@127.0.0.1:1/none")


@pytest.fixture(scope="session")
def service(shared: Bench, hopeless: Container) -> Container:
    """A ready service that all tests share; a test that disturbs it waits until it is ready again."""
    address = shared.database()
    shared.migrate(address)
    container = shared.start(DATABASE_URL=address)
    until(START, "the service is ready", lambda: container.get("/readyz").status == 200)
    return container
