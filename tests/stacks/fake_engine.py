"""A Docker engine in memory: what the checks ask and order, without Docker."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pulumi_stacks.targets.docker.docker_cli import EngineError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pulumi_stacks.plan.model import Probe

HEALTHY = {"Status": "running", "Health": {"Status": "healthy"}}


def ill(saying: str) -> dict[str, Any]:
    return {"Status": "running", "Health": {"Status": "unhealthy", "Log": [{"Output": saying}]}}


@dataclass
class FakeContainer:
    """A container; `states` are what it goes through, one per question, the last permanently."""

    states: list[dict[str, Any]]
    restarts: int = 0
    created: str = "2026-01-01T00:00:00Z"
    networks: dict[str, list[str]] = field(default_factory=dict)
    lines: tuple[str, ...] = ()
    processes: int | None = None
    # Whether it answers its probe, one per question, the last permanently.
    answers: list[bool] = field(default_factory=lambda: [True])


class FakeEngine:
    """Answers for every container unless told otherwise: services healthy, what runs once ended well."""

    def __init__(self, **fakes: FakeContainer) -> None:
        self.fakes: dict[str, FakeContainer] = {name.replace("_", "-"): fake for name, fake in fakes.items()}
        self.orders: list[tuple[str, ...]] = []
        self.gone: set[str] = set()
        self.broken = ""
        # What the engine says to the next orders of a kind, one per order; an empty text is consent.
        self.refusals: dict[str, list[str]] = {}

    def _give(self, *order: str) -> None:
        self.orders.append(order)
        if said := next(iter(self.refusals.get(order[0], ())), ""):
            self.refusals[order[0]] = self.refusals[order[0]][1:]
            raise EngineError(said)

    def _fake(self, container: str) -> FakeContainer:
        if container not in self.fakes:
            ended = {"Status": "exited", "ExitCode": 0}
            self.fakes[container] = FakeContainer([ended if "migrate" in container else HEALTHY])
        return self.fakes[container]

    async def inspect(self, container: str) -> Mapping[str, Any] | None:
        if self.broken:
            raise EngineError(self.broken)
        if container in self.gone:
            return None
        fake = self._fake(container)
        state = fake.states.pop(0) if len(fake.states) > 1 else fake.states[0]
        state = {"StartedAt": datetime.now(UTC).isoformat(), **state}
        return {
            "Id": container,
            "Created": fake.created,
            "State": state,
            "RestartCount": fake.restarts,
            "HostConfig": {"PidsLimit": fake.processes, "Memory": 256 * 2**20},
            "NetworkSettings": {
                "Networks": {
                    name: {"Aliases": found, "IPAddress": "10.0.0.9"} for name, found in fake.networks.items()
                }
            },
        }

    async def containers_on(self, network: str) -> tuple[str, ...]:
        return tuple(self._members(network))

    def _members(self, network: str) -> Iterator[str]:
        return (name for name, fake in sorted(self.fakes.items()) if network in fake.networks)

    async def connect(self, network: str, container: str, alias: str) -> None:
        self._give("connect", network, container, alias)
        self._fake(container).networks[network] = [alias]

    async def write(self, image: str, volume: str, path: str, text: str) -> None:
        self._give("write", volume, path, text)

    async def remove_aliases(self, network: str, container: str, address: str) -> None:
        self._give("remove_aliases", network, container, address)
        self._fake(container).networks[network] = []

    async def limit_processes(self, container: str, processes: int) -> None:
        self._give("limit_processes", container, str(processes))
        self._fake(container).processes = processes

    async def start(self, container: str) -> None:
        self._give("start", container)

    async def stop(self, container: str, grace_seconds: int) -> None:
        self._give("stop", container, str(grace_seconds))
        self._fake(container).networks.clear()

    async def probe(self, container: str, probe: Probe) -> bool:
        self._give("probe", container, probe.path)
        answers = self._fake(container).answers
        return answers.pop(0) if len(answers) > 1 else answers[0]

    async def logs(self, container: str, lines: int) -> tuple[str, ...]:
        self._give("logs", container)
        return self._fake(container).lines[-lines:]

    def named(self, order: str) -> list[tuple[str, ...]]:
        return [found[1:] for found in self.orders if found[0] == order]
