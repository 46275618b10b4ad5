"""What the provider cannot tell or do, asked of the Docker engine through its command line client."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from typing import TYPE_CHECKING, Any, Protocol

from ...errors import ExpectedError
from . import capacity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ...plan.model import Probe

# Questions that come together are asked together: one process for all containers instead of one for each.
GATHER_SECONDS = 0.05
# The exit code of `docker run` when it is not the container that failed.
DOCKER_FAILED = 125
HARDENED = (
    "--read-only",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    "--user=10001:10001",
    "--memory=64m",
    "--pids-limit=32",
    # The client gives every container the proxies of its configuration, and what is asked is beside it.
    "--env=http_proxy=",
)
# So long may an answer take, and so long more the end of a container that is told to end.
SECONDS = 30
GRACE_SECONDS = 30
# So long may an order take that is given while others are awaited.
ORDER_SECONDS = 180


class EngineError(ExpectedError):
    """The engine refused or did not answer; the text is its own."""

    code = 1


class NoDockerError(EngineError):
    """There is no docker command here."""


class Engine(Protocol):
    """The few questions and orders that a deployment has for its engine."""

    async def inspect(self, container: str) -> Mapping[str, Any] | None:
        """Return the engine's description of a container, None when there is no such container."""

    async def members(self, network: str) -> tuple[str, ...]:
        """Return the ids of the running containers on a network."""

    async def connect(self, network: str, container: str, alias: str) -> None:
        """Connect a container to a network under an alias."""

    async def write(self, image: str, volume: str, path: str, text: str) -> None:
        """Write a file into a volume that is mounted where the path begins, by the shell of an image."""

    async def unlist(self, network: str, container: str, address: str) -> None:
        """Take a container's names on a network from it; it keeps its address and its connections."""

    async def limit(self, container: str, processes: int) -> None:
        """Set how many processes a container may have."""

    async def start(self, container: str) -> None:
        """Start a stopped container."""

    async def stop(self, container: str, grace_seconds: int) -> None:
        """Ask a container to end, and end it after a time of grace."""

    async def ask(self, container: str, probe: Probe) -> bool:
        """Say whether a container answers a request from its own network with 200."""

    async def logs(self, container: str, lines: int) -> tuple[str, ...]:
        """Return the last lines that a container wrote."""


class CommandLine:
    """The engine behind the `docker` command: the provider's engine, so no other context is used."""

    def __init__(self, host: str | None = None) -> None:
        self.host = host or os.environ.get("DOCKER_HOST", "")
        self._environment = {**os.environ, "DOCKER_CONTEXT": "default"}
        if host:
            self._environment["DOCKER_HOST"] = host
        self._questions: dict[str, list[asyncio.Future[Mapping[str, Any] | None]]] = {}
        self._asking: asyncio.Task[None] | None = None

    def machine(self) -> capacity.Machine | None:
        """Return what the engine's machine has; None where there is no docker command to ask with."""
        try:
            done = self._command(*capacity.QUESTION)
        except NoDockerError:
            return None
        found = capacity.read(done.stdout)
        # Without an engine some clients end well.
        if done.returncode != 0 or found is None:
            raise EngineError(done.stderr.strip() or "docker info failed")
        return found

    def order(self, *arguments: str) -> str:
        """Give an order to the engine, wait for it, and return what it says."""
        done = self._command(*arguments)
        if done.returncode != 0:
            raise EngineError(done.stderr.strip() or f"docker {arguments[0]} failed")
        return done.stdout

    def _command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(
                ["docker", *arguments],
                env=self._environment,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=SECONDS + GRACE_SECONDS,
                check=False,
            )
        except FileNotFoundError:
            raise NoDockerError("the docker command is not installed") from None
        except subprocess.TimeoutExpired as late:
            raise EngineError(f"no answer within {late.timeout:g} s") from None

    async def inspect(self, container: str) -> Mapping[str, Any] | None:
        """Return the engine's description of a container, None when there is no such container."""
        answer: asyncio.Future[Mapping[str, Any] | None] = asyncio.get_running_loop().create_future()
        self._questions.setdefault(container, []).append(answer)
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask())
        return await answer

    async def _ask(self) -> None:
        await asyncio.sleep(GATHER_SECONDS)
        questions, self._questions, self._asking = self._questions, {}, None
        try:
            _, output, error = await self._run("inspect", "--type", "container", *questions)
            found = {description["Id"]: description for description in json.loads(output or "[]")}
            if not found and "no such container" not in error.lower():
                raise EngineError(error.strip() or "docker inspect said nothing")  # noqa: TRY301
        except (EngineError, ValueError, OSError) as fault:
            for answer in (answer for answers in questions.values() for answer in answers):
                answer.set_exception(EngineError(str(fault)))
            return
        for container, answers in questions.items():
            for answer in answers:
                answer.set_result(found.get(container))

    async def members(self, network: str) -> tuple[str, ...]:
        """Return the ids of the running containers on a network."""
        told = await self._order("network", "inspect", network)
        try:
            return tuple(sorted(json.loads(told)[0]["Containers"]))
        except (ValueError, LookupError, TypeError):
            raise EngineError(f"docker network inspect {network} did not print JSON") from None

    async def connect(self, network: str, container: str, alias: str) -> None:
        """Connect a container to a network under an alias."""
        await self._order("network", "connect", "--alias", alias, network, container)

    async def write(self, image: str, volume: str, path: str, text: str) -> None:
        """Write a file into a volume that is mounted where the path begins, by the shell of an image."""
        folder, size = path.rpartition("/")[0], str(len(text.encode()))
        mount = (f"--volume={volume}:{folder}", "--network=none", "--interactive", "--rm")
        # A new volume belongs to root; who reads it then, cannot change it.
        # Who is killed while it writes ends the text too early.
        script = 'umask 022 && cat >"$0.next" && test "$(wc -c <"$0.next")" -eq "$1" && mv "$0.next" "$0"'
        words = ("run", *mount, *HARDENED, "--user=0:0", "--entrypoint=sh", image, "-c", script, path, size)
        await self._order(*words, given=text)

    async def unlist(self, network: str, container: str, address: str) -> None:
        """Take a container's names on a network from it; it keeps its address and its connections."""
        # Names cannot be changed in place. Connections outlive the tenth of a second that this takes.
        await self._order("network", "disconnect", network, container)
        await self._order("network", "connect", f"--ip={address}", network, container)

    async def limit(self, container: str, processes: int) -> None:
        """Set how many processes a container may have."""
        await self._order("update", f"--pids-limit={processes}", container)

    async def start(self, container: str) -> None:
        """Start a stopped container."""
        await self._order("start", container)

    async def stop(self, container: str, grace_seconds: int) -> None:
        """Ask a container to end, and end it after a time of grace."""
        await self._order("stop", f"--time={grace_seconds}", container)

    async def ask(self, container: str, probe: Probe) -> bool:
        """Say whether a container answers a request from its own network with 200."""
        # Its image may hold nothing to ask with, and its networks need not be reachable from here.
        beside = (f"--network=container:{container}", *HARDENED, "--entrypoint=timeout", probe.image)
        url = f"http://127.0.0.1:{probe.port}{probe.path}"
        # An answer may begin and never end, and wget limits single reads only.
        request = ("3", "wget", "-q", "-T", "2", "-O", "/dev/null", url)
        status, _, error = await self._run("run", "--rm", *beside, *request)
        if status == DOCKER_FAILED and "running" not in error and "No such container" not in error:
            raise EngineError(error.strip() or "docker run failed")
        return status == 0

    async def logs(self, container: str, lines: int) -> tuple[str, ...]:
        """Return the last lines that a container wrote."""
        status, output, error = await self._run("logs", f"--tail={lines}", "--timestamps", container)
        if status != 0:
            raise EngineError(error.strip() or "docker logs failed")
        stamped = sorted(f"{output}\n{error}".splitlines())
        return tuple(line.partition(" ")[2] for line in stamped if line.strip())[-lines:]

    async def _order(self, *arguments: str, given: str = "") -> str:
        status, output, error = await self._run(*arguments, given=given)
        if status != 0:
            raise EngineError(error.strip() or f"docker {arguments[0]} failed")
        return output

    async def _run(self, *arguments: str, given: str = "") -> tuple[int, str, str]:
        try:
            process = await asyncio.create_subprocess_exec(
                "docker",
                *arguments,
                env=self._environment,
                stdin=asyncio.subprocess.PIPE if given else asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
        except FileNotFoundError as missing:
            raise NoDockerError("the docker command is not installed") from missing
        try:
            told = process.communicate(given.encode() or None)
            output, error = await asyncio.wait_for(told, ORDER_SECONDS)
        except TimeoutError:
            process.kill()
            raise EngineError(f"docker {arguments[0]}: no answer within {ORDER_SECONDS} s") from None
        return process.returncode or 0, output.decode(errors="replace"), error.decode(errors="replace")


def aliases(description: Mapping[str, Any], network: str) -> Iterable[str]:
    """Return the names of a described container on a network; empty when it is not there."""
    endpoint = description["NetworkSettings"]["Networks"].get(network) or {}
    return endpoint.get("Aliases") or ()


def address(description: Mapping[str, Any], network: str) -> str:
    """Return the address of a described container on a network that it is on."""
    return str(description["NetworkSettings"]["Networks"][network]["IPAddress"])
