"""The Docker engine, and HTTP, as these tests use them: nothing here knows what a container runs."""

import http.client
import json
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from tests.contract.promises import word

T = TypeVar("T")

# Seconds until a container that was just started does its work, on a machine that is busy.
START = 120
# Seconds that such a machine may add, where what is broken takes much longer.
SLACK = 5

HARDENED = (
    "--read-only",
    "--tmpfs=/tmp",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    "--memory=256m",
    "--memory-swap=256m",
    "--pids-limit=100",
)


def docker(*arguments: str, check: bool = True, timeout: float = 600) -> str:
    """Run docker and return what it printed, on both streams."""
    done = subprocess.run(
        ("docker", *arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout,
        check=False,
    )
    assert done.returncode == 0 or not check, f"docker {' '.join(arguments)}:\n{done.stdout[-4000:]}"
    return done.stdout


def freeze(name: str) -> None:
    """Pause a container, again if the kernel cannot stop all its processes at once."""
    until(10, f"{name} is paused", lambda: "unable to freeze" not in docker("pause", name, check=False))
    assert inspect(name)["State"]["Paused"]


def inspect(name: str) -> dict[str, Any]:
    """Return what the engine knows of a container or image."""
    known: list[dict[str, Any]] = json.loads(docker("inspect", name))
    return known[0]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    seconds: float

    def json(self) -> Any:
        return json.loads(self.body)


def ask(
    port: int,
    method: str,
    path: str,
    body: bytes | Iterable[bytes] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Send one request on a connection of its own; a body that is not bytes is sent in chunks."""
    started = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        # An answer may come, and the connection be closed, before all of a body is sent.
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.request(method, path, body, dict(headers or {}))
        response = connection.getresponse()
        found = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, found, response.read(), time.monotonic() - started)
    finally:
        connection.close()


def sample(metrics: Answer, name: str, *labels: str) -> float:
    """Return the value of the series with that name and these labels, or 0 without one."""
    lines = metrics.body.decode().splitlines()
    found = [line for line in lines if line.startswith((f"{name}{{", f"{name} "))]
    values = [float(line.split()[-1]) for line in found if all(label in line for label in labels)]
    assert len(values) < 2, found
    return values[0] if values else 0.0


@dataclass(frozen=True)
class Container:
    name: str
    inside: int = int(word("port", "default"))  # the port that it listens on
    _known: list[int] = field(default_factory=list, compare=False, repr=False)

    @property
    def port(self) -> int:
        """The port on this machine; another after every start, so it is forgotten when it is stopped."""
        if not self._known:
            found = docker("port", self.name, str(self.inside)).split()[0]
            self._known.append(int(found.rpartition(":")[2]))
        return self._known[0]

    def get(self, path: str) -> Answer:
        try:
            return ask(self.port, "GET", path)
        except (OSError, http.client.HTTPException):
            self._known.clear()
            raise

    def metric(self, name: str, *labels: str) -> float:
        """Return the value of the series of /metrics with that name and these labels, or 0 without one."""
        return sample(self.get("/metrics"), name, *labels)

    def send(self, method: str, path: str, value: object) -> Answer:
        body = json.dumps(value).encode()
        return ask(self.port, method, path, body, {"Content-Type": "application/json"})

    @property
    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = inspect(self.name)["State"]
        return found

    def lines(self) -> list[str]:
        return docker("logs", self.name).splitlines()

    def kill(self, signal: str) -> None:
        docker("kill", f"--signal={signal}", self.name)

    def wait(self, seconds: float) -> int:
        """Wait for the end and return the exit code."""
        return int(docker("wait", self.name, timeout=seconds))


def run(name: str, image: str, *options: str, command: tuple[str, ...] = ()) -> Container:
    """Start a container in the background."""
    docker("run", "--detach", f"--name={name}", *options, image, *command)
    return Container(name)


def until(seconds: float, what: str, holds: Callable[[], bool]) -> float:
    """Wait until something holds, and return how many seconds that took."""
    started = time.monotonic()
    pause = 0.02
    while time.monotonic() - started < seconds:
        try:
            if holds():
                return time.monotonic() - started
        except (OSError, http.client.HTTPException):
            pass
        pause = min(pause * 1.5, 0.3)  # who asks all the time keeps a small machine busy
        time.sleep(pause)
    raise AssertionError(f"not within {seconds} s: {what}")


def quickest(limit: float, call: Callable[[], Answer]) -> Answer:
    """Ask until an answer comes within a limit, five times at most, and return the last.

    A busy machine is late now and then; a service that waits for something is late each time.
    """
    for _ in range(5):
        answer = call()
        assert answer.seconds < limit + SLACK
        if answer.seconds < limit:
            break
    assert answer.seconds < limit
    return answer


def at_once(calls: Iterable[Callable[[], T]], most: int | None = None) -> list[T]:
    """Make several calls at the same time, `most` at most, and return their results in order."""
    todo = list(calls)
    with ThreadPoolExecutor(most or len(todo)) as pool:
        return [future.result() for future in [pool.submit(call) for call in todo]]
