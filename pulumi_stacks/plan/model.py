"""What a deployment is made of, as plain values. Pure.

Every name, address, limit and edge is decided before a resource exists, so that no container reads another
one's output and a change of one service replaces only what belongs to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..context.model import Settings


@dataclass(frozen=True, kw_only=True)
class Network:
    """A bridge network. An internal one has no way to the world outside."""

    key: str
    name: str
    subnet: str
    internal: bool


@dataclass(frozen=True, kw_only=True)
class Link:
    """A network that a container joins when it is created, and the names it has there."""

    network: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """A network on which a container is called, and so joins only when it is ready.

    It gets the first name of `slots` that no other container has; a single slot may be shared.
    """

    network: str
    slots: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Secret:
    """A variable whose value is the database's password between two plain texts.

    Or all of it is what the stack's configuration gives for a service that has its database elsewhere.
    """

    variable: str
    before: str = ""
    after: str = ""
    given_for: str = ""


@dataclass(frozen=True, kw_only=True)
class Check:
    """A health check; durations as Go prints them, or every deployment would find a difference."""

    test: tuple[str, ...]
    interval: str = "5s"
    timeout: str = "3s"
    retries: int = 3
    start_period: str = "1m0s"
    start_interval: str = "500ms"


@dataclass(frozen=True, kw_only=True)
class Probe:
    """How an image is judged that brings no check of its own: asked from beside it, by `image`.

    Without a path it counts as started once it has run for a while.
    """

    path: str
    port: int
    image: str


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """A file that a container reads when it starts.

    On one engine it is kept in a `volume` of that name, and another text in another one.
    """

    path: str
    text: str
    volume: str = ""

    @property
    def folder(self) -> str:
        """Where its volume is mounted."""
        return self.path.rpartition("/")[0]

    @property
    def name(self) -> str:
        """What it is called there."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, kw_only=True)
class Image:
    """An image: built from a folder, or taken as it is when `reference` says which."""

    key: str
    name: str = ""
    reference: str = ""
    folder: str = ""
    arguments: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Container:
    """One container, with everything that it gets. With a fixed name it is deleted before it is recreated."""

    key: str
    place: str
    image: Image
    fixed_name: bool = False
    runs_once: bool = False
    command: tuple[str, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()
    secrets: tuple[Secret, ...] = ()
    links: tuple[Link, ...]
    endpoints: tuple[Endpoint, ...] = ()
    configuration: Configuration | None = None
    user: str = "10001:10001"
    capabilities: tuple[str, ...] = ()
    tmpfs: tuple[tuple[str, str], ...] = (("/tmp", "size=64m,mode=1777"),)  # noqa: S108
    volumes: tuple[tuple[str, str], ...] = ()
    published: tuple[tuple[int, int], ...] = ()
    resolvers: tuple[str, ...] = ()
    cpu_millis: int
    memory_bytes: int
    processes: int = 512
    restart: str = "unless-stopped"
    retries: int = 0
    grace_seconds: int = 30
    check: Check | None = None
    probe: Probe | None = None
    labels: tuple[tuple[str, str], ...]

    @property
    def mebibytes(self) -> int:
        """Its memory, rounded up: targets count in nothing smaller."""
        return -(-self.memory_bytes // 2**20)

    @property
    def networks(self) -> tuple[str, ...]:
        """All networks that it is ever on."""
        joined = {link.network for link in self.links}
        return tuple(sorted(joined | {endpoint.network for endpoint in self.endpoints}))


@dataclass(frozen=True, kw_only=True)
class Database:
    """A service's own database server and the volume that outlives it."""

    key: str
    volume: str
    container: Container


@dataclass(frozen=True, kw_only=True)
class Scaling:
    """How many replicas run at most, and how much of its CPU, in percent, one uses before there are more."""

    most: int
    cpu: int


@dataclass(frozen=True, kw_only=True)
class EgressNetwork:
    """Networks that a service may reach, without those in them that it may not; `port` 0 is every port."""

    network: str
    without: tuple[str, ...] = ()
    port: int = 0


@dataclass(frozen=True, kw_only=True)
class Service:
    """A service: its database, its migration and its replicas.

    `runtime`, `route` (or empty), `strip`, `body` (or empty), `calls` and `callers` (keys of services) are
    its connections. `scaling` is None where it does not scale, `egress` empty where the target cannot
    limit what it reaches.
    """

    key: str
    name: str
    runtime: str
    route: str
    strip: bool
    body: str
    port: int
    calls: tuple[str, ...]
    callers: tuple[str, ...]
    scaling: Scaling | None = None
    egress: tuple[EgressNetwork, ...] = ()
    image: Image
    database: Database | None
    migration: Container | None
    replicas: tuple[Container, ...]

    @property
    def given_for(self) -> str:
        """The name under which the stack's configuration has its database's address, or empty."""
        secrets = self.replicas[0].secrets
        return secrets[0].given_for if secrets else ""

    @property
    def containers(self) -> tuple[Container, ...]:
        """Its containers in the order in which they start."""
        database = (self.database.container,) if self.database else ()
        migration = (self.migration,) if self.migration else ()
        return (*database, *migration, *self.replicas)


@dataclass(frozen=True, kw_only=True)
class DeploymentPlan:
    """How one environment of a system runs.

    Where the target has no use for networks there are none, and no `router`: else the gateway leads to the
    router, which knows the routes and changes with them. `url` is empty where only the target knows it.
    `settings` are those of the environment; `pulls` tells whether images come from a registry,
    `registry_login` whether the stack's configuration has the login, `gateway_class` is the class of the
    Ingress or the Gateway.
    """

    project: str
    environment: str
    target: str
    settings: Settings
    pulls: bool = False
    gateway_class: str = ""
    registry_login: bool = False
    networks: tuple[Network, ...]
    services: tuple[Service, ...]
    gateway: Container
    router: Container | None = None
    diagnostics: bool
    url: str
    labels: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...] = ()

    @property
    def entrance(self) -> tuple[Container, ...]:
        """What leads to the services: the gateway, and the router behind it."""
        return (self.gateway, self.router) if self.router else (self.gateway,)
