"""The Docker engine through the `docker` command, for what the Pulumi provider cannot read or do."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from typing import TYPE_CHECKING, Any, Protocol

from ...errors import ExpectedError
from .rules import capacity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ...plan.model import Probe

# Requests within this time share one process: `docker inspect` takes many containers.
BATCH_SECONDS = 0.05
# The exit code of `docker run` when Docker itself has failed, and not the container.
DOCKER_FAILED = 125
HARDENED = (
    "--read-only",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    "--user=10001:10001",
    "--memory=64m",
    "--pids-limit=32",
    # The docker client sets the proxies of its configuration in every container, and the probe is local.
    "--env=http_proxy=",
)
# The timeout of a command, and how much longer one may take that stops containers.
SECONDS = 30
GRACE_SECONDS = 30
# The timeout of a command that runs beside others.
COMMAND_SECONDS = 180


class EngineError(ExpectedError):
    """A docker command failed or timed out; the text is that of docker."""

    code = 1


class NoDockerError(EngineError):
    """The docker command is not installed."""


class Engine(Protocol):
    """What a deployment needs of the Docker engine."""

    async def inspect(self, container: str) -> Mapping[str, Any] | None:
        """Return the output of `docker inspect` for a container; None when there is no such container."""

    async def containers_on(self, network: str) -> tuple[str, ...]:
        """Return the ids of the running containers on a network."""

    async def connect(self, network: str, container: str, alias: str) -> None:
        """Connect a container to a network under an alias."""

    async def write(self, image: str, volume: str, path: str, text: str) -> None:
        """Write a file into a volume, with the shell of an image; the folder of the path is the volume."""

    async def remove_aliases(self, network: str, container: str, address: str) -> None:
        """Remove the aliases of a container on a network; its address and its connections stay."""

    async def limit_processes(self, container: str, processes: int) -> None:
        """Set the limit of processes of a container."""

    async def start(self, container: str) -> None:
        """Start a stopped container."""

    async def stop(self, container: str, grace_seconds: int) -> None:
        """Stop a container, and kill it after the grace period."""

    async def probe(self, container: str, probe: Probe) -> bool:
        """Return whether a container answers an HTTP request, from its own network namespace, with 200."""

    async def logs(self, container: str, lines: int) -> tuple[str, ...]:
        """Return the last lines of the log of a container."""


class DockerCli:
    """The `docker` command. It uses the engine of the provider, so no other Docker context applies."""

    def __init__(self, host: str | None = None) -> None:
        self.host = host or os.environ.get("DOCKER_HOST", "")
        self._environment = {**os.environ, "DOCKER_CONTEXT": "default"}
        if host:
            self._environment["DOCKER_HOST"] = host
        self._pending: dict[str, list[asyncio.Future[Mapping[str, Any] | None]]] = {}
        self._inspecting: asyncio.Task[None] | None = None

    def machine(self) -> capacity.Machine | None:
        """Return CPUs and memory of the engine's machine; None when the docker command is not installed."""
        try:
            done = self._command(*capacity.INFO_COMMAND[1:])
        except NoDockerError:
            return None
        found = capacity.read(done.stdout)
        # Some versions of the client exit with 0 although no engine answers.
        if done.returncode != 0 or found is None:
            raise EngineError(done.stderr.strip() or "docker info failed")
        return found

    def execute(self, *arguments: str) -> str:
        """Run a docker command and return its output."""
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
            raise EngineError(f"docker {arguments[0]}: timed out after {late.timeout:g} s") from None

    async def inspect(self, container: str) -> Mapping[str, Any] | None:
        """Return the output of `docker inspect` for a container; None when there is no such container."""
        answer: asyncio.Future[Mapping[str, Any] | None] = asyncio.get_running_loop().create_future()
        self._pending.setdefault(container, []).append(answer)
        if self._inspecting is None:
            self._inspecting = asyncio.create_task(self._inspect_pending())
        return await answer

    async def _inspect_pending(self) -> None:
        await asyncio.sleep(BATCH_SECONDS)
        pending, self._pending, self._inspecting = self._pending, {}, None
        try:
            _, output, error = await self._run("inspect", "--type", "container", *pending)
            found = {description["Id"]: description for description in json.loads(output or "[]")}
            if not found and "no such container" not in error.lower():
                raise EngineError(error.strip() or "docker inspect printed nothing")  # noqa: TRY301
        except (EngineError, ValueError, OSError) as fault:
            for answer in (answer for answers in pending.values() for answer in answers):
                answer.set_exception(EngineError(str(fault)))
            return
        for container, answers in pending.items():
            for answer in answers:
                answer.set_result(found.get(container))

    async def containers_on(self, network: str) -> tuple[str, ...]:
        """Return the ids of the running containers on a network."""
        output = await self._execute("network", "inspect", network)
        try:
            return tuple(sorted(json.loads(output)[0]["Containers"]))
        except (ValueError, LookupError, TypeError):
            raise EngineError(f"docker network inspect {network} did not print JSON") from None

    async def connect(self, network: str, container: str, alias: str) -> None:
        """Connect a container to a network under an alias."""
        await self._execute("network", "connect", "--alias", alias, network, container)

    async def write(self, image: str, volume: str, path: str, text: str) -> None:
        """Write a file into a volume, with the shell of an image; the folder of the path is the volume."""
        folder, size = path.rpartition("/")[0], str(len(text.encode()))
        mount = (f"--volume={volume}:{folder}", "--network=none", "--interactive", "--rm")
        # A new volume belongs to root. The container that reads it runs as another user and cannot change it.
        # The text has all its bytes, or the file stays as it was: the writer may be killed.
        script = 'umask 022 && cat >"$0.next" && test "$(wc -c <"$0.next")" -eq "$1" && mv "$0.next" "$0"'
        words = ("run", *mount, *HARDENED, "--user=0:0", "--entrypoint=sh", image, "-c", script, path, size)
        await self._execute(*words, stdin=text)

    async def remove_aliases(self, network: str, container: str, address: str) -> None:
        """Remove the aliases of a container on a network; its address and its connections stay."""
        # Docker has no command that changes aliases. Connections survive the 0.1 s without the network.
        await self._execute("network", "disconnect", network, container)
        await self._execute("network", "connect", f"--ip={address}", network, container)

    async def limit_processes(self, container: str, processes: int) -> None:
        """Set the limit of processes of a container."""
        await self._execute("update", f"--pids-limit={processes}", container)

    async def start(self, container: str) -> None:
        """Start a stopped container."""
        await self._execute("start", container)

    async def stop(self, container: str, grace_seconds: int) -> None:
        """Stop a container, and kill it after the grace period."""
        await self._execute("stop", f"--time={grace_seconds}", container)

    async def probe(self, container: str, probe: Probe) -> bool:
        """Return whether a container answers an HTTP request, from its own network namespace, with 200."""
        # The image may have no HTTP client, and its networks may not be reachable from this machine.
        helper = (f"--network=container:{container}", *HARDENED, "--entrypoint=timeout", probe.image)
        url = f"http://127.0.0.1:{probe.port}{probe.path}"
        # The timeout of wget is for single reads: `timeout` limits the whole request.
        request = ("3", "wget", "-q", "-T", "2", "-O", "/dev/null", url)
        status, _, error = await self._run("run", "--rm", *helper, *request)
        if status == DOCKER_FAILED and "running" not in error and "No such container" not in error:
            raise EngineError(error.strip() or "docker run failed")
        return status == 0

    async def logs(self, container: str, lines: int) -> tuple[str, ...]:
        """Return the last lines of the log of a container."""
        status, output, error = await self._run("logs", f"--tail={lines}", "--timestamps", container)
        if status != 0:
            raise EngineError(error.strip() or "docker logs failed")
        stamped = sorted(f"{output}\n{error}".splitlines())
        return tuple(line.partition(" ")[2] for line in stamped if line.strip())[-lines:]

    async def _execute(self, *arguments: str, stdin: str = "") -> str:
        status, output, error = await self._run(*arguments, stdin=stdin)
        if status != 0:
            raise EngineError(error.strip() or f"docker {arguments[0]} failed")
        return output

    async def _run(self, *arguments: str, stdin: str = "") -> tuple[int, str, str]:
        try:
            process = await asyncio.create_subprocess_exec(
                "docker",
                *arguments,
                env=self._environment,
                stdin=asyncio.subprocess.PIPE if stdin else asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
        except FileNotFoundError as missing:
            raise NoDockerError("the docker command is not installed") from missing
        try:
            finished = process.communicate(stdin.encode() or None)
            output, error = await asyncio.wait_for(finished, COMMAND_SECONDS)
        except TimeoutError:
            process.kill()
            raise EngineError(f"docker {arguments[0]}: timed out after {COMMAND_SECONDS} s") from None
        return process.returncode or 0, output.decode(errors="replace"), error.decode(errors="replace")


def aliases(description: Mapping[str, Any], network: str) -> Iterable[str]:
    """Return the aliases of an inspected container on a network; empty when it is not connected."""
    endpoint = description["NetworkSettings"]["Networks"].get(network) or {}
    return endpoint.get("Aliases") or ()


def address(description: Mapping[str, Any], network: str) -> str:
    """Return the address of an inspected container on a network to which it is connected."""
    return str(description["NetworkSettings"]["Networks"][network]["IPAddress"])
