"""The parts of one environment: its services, their databases, the gateway, the networks. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..network import subnets
from ..network.caddyfile import BODY, Route, seats
from ..quantities import cpu_millis, memory_bytes
from . import gateway, postgres
from .egress_networks import outside
from .model import Check, Container, Database, Door, Image, Link, Network, Probe, Scaling, Secret, Service

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..context import resolve as resolved
    from .stack_config import StackConfig

BASE_IMAGES = {"caddy": "caddy:2", "postgres": "postgres:17"}
# Official images of servers carry this file capability and do not start without it; it gives nothing to a
# user that is not root.
OWN_CAPABILITIES = ("CAP_NET_BIND_SERVICE",)
TMPFS = "size=64m,mode=1777"
_DATABASE_URL = "DATABASE_URL"


class Parts:
    """Makes the parts of one environment's plan."""

    def __init__(
        self,
        context: resolved.Context,
        environment: resolved.Environment,
        config: StackConfig,
    ) -> None:
        self._context = context
        self._environment = environment
        self._images = config.images
        self._base_images = {**BASE_IMAGES, **config.base_images}
        self._build_args = tuple(sorted(config.build_args.items()))
        # No name holds an underscore, so no two systems share a prefix, and no two containers a key.
        self._prefix = f"{context.name}_{environment.name}"
        self._ids = {service.name: service.id for service in context.services}
        # A cluster finds services by their names, and policies say who reaches whom: it needs no networks.
        self._cluster = environment.cluster
        self.labels = (
            ("cn-new.environment", environment.name),
            ("cn-new.project", context.name),
        )

    def image_problems(self) -> tuple[str, ...]:
        """Name the keys of the two maps of images that mean nothing."""
        known = {
            "cn:images": (self._images, set(self._ids)),
            "cn:base_images": (self._base_images, set(BASE_IMAGES)),
        }
        return tuple(
            f"{key}: there is no '{word}' (choose from {', '.join(sorted(words))})"
            for key, (images, words) in known.items()
            for word in sorted(images.keys() - words)
        )

    def networks(self, subnet: str | None) -> tuple[tuple[Network, ...], tuple[str, ...]]:
        """Return all networks with their addresses, or the reasons why they cannot be had."""
        if self._cluster:
            return (), ()
        internal = {network.key: network.internal for network in self._context.local.networks}
        internal[subnets.ROUTER] = True
        try:
            block = subnets.block(subnet, self._context.name, self._environment.name)
            # The whole name decides, so that two systems in one block want different addresses.
            addresses = subnets.assign(block, map(self._name, internal))
        except subnets.BlockError as error:
            return (), (f"cn:subnet: {error}",)
        return tuple(
            Network(key=key, name=self._name(key), subnet=addresses[self._name(key)], internal=internal[key])
            for key in sorted(internal)
        ), ()

    def _name(self, key: str) -> str:
        return f"{self._prefix}_{key}"

    def service(self, service: resolved.Service) -> Service:
        """Decide a service: image, database, migration, replicas."""
        image = self._image(service)
        external = bool(self._cluster and self._cluster.external)
        database = self._database(service) if service.database and not external else None
        within = service.within(self._environment.name)
        scales = self._cluster and within.scale.max > within.scale.min
        return Service(
            key=service.id,
            name=service.name,
            runtime=service.runtime,
            route=service.route,
            strip=service.strip,
            body=service.body,
            port=service.port,
            calls=tuple(sorted(self._ids[call.service] for call in service.calls)),
            callers=tuple(sorted(self._ids[caller] for caller in service.callers)),
            scaling=Scaling(most=within.scale.max, cpu=within.scale.cpu) if scales else None,
            outside=tuple(outside(within.egress)) if self._cluster else (),
            image=image,
            database=database,
            migration=self._migration(service, image) if service.migrates else None,
            replicas=tuple(
                self._replica(service, image, number) for number in range(1, within.scale.min + 1)
            ),
        )

    def _image(self, service: resolved.Service) -> Image:
        ready = "" if service.folder else service.image
        if reference := self._images.get(service.name, ready):
            return Image(key=service.id, reference=reference)
        return Image(
            key=service.id,
            name=service.image if self._cluster else f"{service.image}:{self._environment.name}",
            folder=f"../{service.folder}",
            arguments=self._build_args,
        )

    def _labels(self, service: str, role: str) -> tuple[tuple[str, str], ...]:
        return tuple(sorted((*self.labels, ("cn-new.role", role), ("cn-new.service", service))))

    def _replica(self, service: resolved.Service, image: Image, number: int) -> Container:
        resources = service.within(self._environment.name).resources
        calls = [subnets.call(service.id, self._ids[call.service]) for call in service.calls]
        doors = [
            Door(network=subnets.call(self._ids[caller], service.id), seats=(service.name,))
            for caller in service.callers
        ]
        if service.route:
            doors.append(Door(network=subnets.route(service.id), seats=seats(service.id, number)))
        joined = [
            subnets.home(service.id),
            *calls,
            *([subnets.database(service.id)] if service.database else []),
        ]
        return Container(
            key=f"{self._prefix}_{service.id}_{number}",
            place=f"services.{service.name}" + (f": replica {number}" if number > 1 else ""),
            image=image,
            variables=tuple(sorted(service.variables.items())),
            secrets=self._database_url(service) if service.database else (),
            links=self._links(*joined),
            doors=() if self._cluster else tuple(sorted(doors, key=lambda door: door.network)),
            command=service.command,
            user=service.user,
            capabilities=OWN_CAPABILITIES if service.own else (),
            tmpfs=tuple((folder, TMPFS) for folder in service.tmpfs),
            probe=self._probe(service) if service.own else None,
            cpu_millis=cpu_millis(resources.cpu),
            memory_bytes=memory_bytes(resources.memory),
            labels=self._labels(service.id, "service"),
        )

    def _links(self, *keys: str, aliases: tuple[str, ...] = ()) -> tuple[Link, ...]:
        if self._cluster:
            return ()
        return tuple(Link(network=key, aliases=aliases) for key in sorted(keys))

    def _probe(self, service: resolved.Service) -> Probe:
        path = "" if service.ready == "none" else service.ready
        return Probe(path=path, port=service.port, image=self._base_images["caddy"])

    def _migration(self, service: resolved.Service, image: Image) -> Container:
        resources = service.within(self._environment.name).resources
        return Container(
            key=f"{self._prefix}_{service.id}_migrate",
            place=f"services.{service.name}: migration",
            image=image,
            command=("migrate",),
            variables=tuple(sorted(service.variables.items())),
            secrets=self._database_url(service),
            links=self._links(subnets.database(service.id)),
            cpu_millis=cpu_millis(resources.cpu),
            memory_bytes=memory_bytes(resources.memory),
            runs_once=True,
            restart="on-failure",
            retries=3,
            labels=self._labels(service.id, "migration"),
        )

    def _database(self, service: resolved.Service) -> Database:
        name = f"{self._prefix}_{subnets.database(service.id)}"
        return Database(
            key=service.id,
            volume=f"data-{postgres.host(service.id)}-0" if self._cluster else name,
            container=Container(
                key=name,
                place=f"services.{service.name}: database",
                image=Image(key="postgres", reference=self._base_images["postgres"]),
                fixed_name=True,
                command=postgres.COMMAND,
                variables=(("PGDATA", postgres.DATA_PATH),),
                secrets=(Secret(variable=postgres.PASSWORD_VARIABLE),),
                links=self._links(subnets.database(service.id), aliases=(self._database_host(service),)),
                user=postgres.USER,
                tmpfs=postgres.TMPFS,
                volumes=((name, postgres.VOLUME_PATH),),
                cpu_millis=1000,
                memory_bytes=memory_bytes("512Mi"),
                check=Check(test=postgres.READY),
                labels=self._labels(service.id, "database"),
            ),
        )

    def gateway(self, port: int) -> Container:
        """Decide the gateway: on one engine the only container with a published port."""
        image, labels = self._caddy(), self._labels("gateway", "gateway")
        if self._cluster:
            return gateway.of_cluster(self._environment, self._prefix, image, labels)
        return gateway.of_engine(map(_route, self._routed()), self._prefix, image, labels, port=port)

    def router(self, wires: tuple[Network, ...]) -> Container | None:
        """Decide what leads to the services on one engine, by the addresses of its networks."""
        inside = [wire.subnet for wire in wires if wire.key == subnets.ROUTER]
        if not inside:
            return None
        return gateway.router(
            self._environment,
            self._prefix,
            self._caddy(),
            self._labels("gateway", "router"),
            routed=(service.id for service in self._routed()),
            subnet=inside[0],
        )

    def _routed(self) -> Iterator[resolved.Service]:
        return (service for service in self._context.services if service.route)

    def _caddy(self) -> Image:
        return Image(key="caddy", reference=self._base_images["caddy"])

    def _database_host(self, service: resolved.Service) -> str:
        if self._cluster:
            return postgres.host(service.id)
        # A dot keeps it apart from every service's name.
        return f"{service.id}.database"

    def _database_url(self, service: resolved.Service) -> tuple[Secret, ...]:
        if self._cluster and self._cluster.external:
            return (Secret(variable=_DATABASE_URL, given_for=service.name),)
        return (
            Secret(
                variable=_DATABASE_URL,
                before=f"postgresql://{postgres.ROLE}:",
                after=f"@{self._database_host(service)}:{postgres.PORT}/{postgres.ROLE}",
            ),
        )


def _route(service: resolved.Service) -> Route:
    return Route(service.route, service.id, (), body=service.body or BODY)
