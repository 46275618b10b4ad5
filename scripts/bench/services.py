"""A generated service, compared with a bare application with the same queries and limits, in containers."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import run as execute
from tempfile import TemporaryDirectory
from uuid import uuid4

from generator.rendering.renderer import render
from generator.rendering.template import open_template
from pulumi_stacks.system import load, resolve
from scripts.bench.table import Load, parse_wrk
from tests.contract.conftest import SPEC
from tests.contract.engine import HARDENED, Container, docker, inspect, run, until
from tests.contract.promises import word

HERE = Path(__file__).parent
PREFIX = f"cn-bench-{uuid4().hex[:6]}"
PORT = word("port", "default")
PASSWORD = "bench"
ADDRESS = f"postgresql://postgres:{PASSWORD}@{PREFIX}-postgres:5432/postgres"
LIMITS = (*HARDENED, "--cpus=1")
ROWS = "INSERT INTO items (name, version) SELECT 'item ' || n, 1 FROM generate_series(1, 1000) n"
CONNECTIONS = 16


@dataclass(frozen=True)
class Contestant:
    """Something that answers the queries: an image, its variables, and the path that tells when it can."""

    title: str
    image: str
    ready: str
    variables: tuple[str, ...] = ()

    def start(self, *variables: str) -> Container:
        """Start a container and return without waiting for it."""
        given = (f"DATABASE_URL={ADDRESS}", f"PLAIN_URL=http://localhost:{PORT}", *self.variables, *variables)
        options = (f"--network={PREFIX}", f"--label={PREFIX}", f"--publish=127.0.0.1::{PORT}")
        name = f"{PREFIX}-{uuid4().hex[:6]}"
        return run(name, self.image, *LIMITS, *options, *(f"--env={one}" for one in given))

    def answers(self, container: Container) -> bool:
        return container.get(self.ready).status == 200

    def started(self, *variables: str) -> tuple[Container, float]:
        """Start a container, wait until it can answer, and say how many seconds that took."""
        began = time.monotonic()
        container = self.start(*variables)
        until(60, f"{self.title} answers", lambda: self.answers(container))
        return container, time.monotonic() - began


def bare_runtimes() -> list[str]:
    """List the runtimes that have a bare application to be compared with."""
    return sorted(path.name for path in (HERE / "bare").iterdir())


@contextmanager
def contestants(runtime: str, folder: Path) -> Iterator[tuple[Contestant, Contestant, Contestant]]:
    """Give the bare application, the service of `folder`, and the same sending spans; then remove them."""
    service, bare = f"{PREFIX}-{runtime}", f"{PREFIX}-{runtime}-bare"
    try:
        docker("build", f"--tag={service}", str(folder))
        docker("build", f"--tag={bare}", f"--build-arg=SERVICE_IMAGE={service}", str(HERE / "bare" / runtime))
        _surroundings(service)
        sends = f"OTEL_EXPORTER_OTLP_ENDPOINT=http://{PREFIX}-sink:4318"
        yield (
            Contestant("bare", bare, "/items/1"),
            Contestant("service", service, "/readyz"),
            Contestant("service, sending spans", service, "/readyz", (sends,)),
        )
    finally:
        found = docker("ps", "--all", "--quiet", f"--filter=label={PREFIX}").split()
        docker("rm", "--force", "--volumes", *found, check=False)
        docker("network", "rm", PREFIX, check=False)
        docker("rmi", "--force", bare, service, check=False)


@contextmanager
def rendered(runtime: str) -> Iterator[Path]:
    """Give the folder of a service that has everything."""
    template = open_template()
    spec = load(SPEC.replace("RUNTIME", runtime).encode(), "cn.yaml", list(template.runtimes))
    with TemporaryDirectory() as folder:
        for path, file in render(template, resolve(spec).answers()).items():
            target = Path(folder, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.data)
            target.chmod(file.mode)
        yield Path(folder, "services", "full")


def _surroundings(image: str) -> None:
    """Start Postgres with rows, and a receiver of spans."""
    options = (f"--network={PREFIX}", f"--label={PREFIX}")
    postgres, sink = f"{PREFIX}-postgres", HERE / "sink.py"
    docker("network", "create", PREFIX)
    run(postgres, "postgres:17", *options, f"--env=POSTGRES_PASSWORD={PASSWORD}")
    volume = f"--volume={sink}:/sink.py:ro"
    run(f"{PREFIX}-sink", "python:3.13-slim", *options, volume, command=("python", "/sink.py"))
    ready = ("exec", postgres, "pg_isready", "-h", "127.0.0.1")
    until(60, "Postgres answers", lambda: "accepting" in docker(*ready, check=False))
    docker("run", "--rm", *options, f"--env=DATABASE_URL={ADDRESS}", image, "migrate")
    docker("exec", postgres, "psql", "-q", "-U", "postgres", "-c", ROWS)


def load_with(container: Container, path: str, seconds: int) -> Load:
    """Let wrk ask for one path, and say what came of it."""
    url = f"http://127.0.0.1:{container.port}{path}"
    before = _cpu_seconds(container)
    words = ("wrk", "--threads=1", f"--connections={CONNECTIONS}", f"--duration={seconds}s", url)
    done = execute(words, capture_output=True, text=True, check=True)
    return parse_wrk(done.stdout, _cpu_seconds(container) - before)


def _cpu_seconds(container: Container) -> float:
    """Processor time of a container's first process; 0 where the engine runs elsewhere."""
    file = Path("/proc", str(container.state["Pid"]), "stat")
    if not file.exists():
        return 0.0
    fields = file.read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def memory(container: Container) -> float:
    """Return the MiB of memory that a container uses."""
    used = docker("stats", "--no-stream", "--format={{.MemUsage}}", container.name).split("MiB")[0]
    return float(used)


def seconds_to_end(contestant: Contestant, *variables: str) -> float:
    """Return how many seconds after SIGTERM a container is gone."""
    container, _ = contestant.started(*variables)
    began = time.monotonic()
    container.kill("SIGTERM")
    container.wait(60)
    return time.monotonic() - began


def image_size(image: str, base: str) -> float:
    """Return by how many MB an image is larger than its base."""
    size: Callable[[str], int] = lambda name: int(inspect(name)["Size"])  # noqa: E731
    return (size(image) - size(base)) / 10**6
