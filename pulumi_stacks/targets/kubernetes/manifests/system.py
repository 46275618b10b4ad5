"""A whole environment as the objects of its namespace, in the order in which they are made. Pure.

Whoever makes them says how ConfigMaps and Secrets are called: files hold names, a stack holds outputs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ....network.caddyfile import BODY, LISTEN_PORT
from ....plan import postgres
from ....plan.model import Scaling
from ....quantities import memory_bytes
from ..cluster import cluster_of
from ..live.claim import KEY, MARK
from ..rules.plan_part import database_host
from . import ingress, network_policies, workloads
from .metadata import NAME, SYSTEM, Part, lasting_name
from .pod_template import ADDRESS, PASSWORD, Extras
from .probes import of_check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ....plan.model import DeploymentPlan, Service
    from ..cluster import Cluster
    from .metadata import Object
    from .workloads import Limits

_LEVEL = "pod-security.kubernetes.io"


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """The objects of one service or of the gateway.

    `before` has to be there first; then come the database, the migration and the replicas, each when the one
    before it is well; `after` follows at last.
    """

    before: tuple[Object, ...]
    database: Object | None = None
    migration: Object | None = None
    replicas: Object
    after: tuple[Object, ...]

    @property
    def objects(self) -> tuple[Object, ...]:
        """All of them in that order."""
        middle = filter(None, (self.database, self.migration, self.replicas))
        return (*self.before, *middle, *self.after)


class System:
    """Makes the objects of one environment; `limits` says how long its parts may take.

    `applied` says that a tool applies them as files, without knowing what was there before.
    """

    def __init__(self, plan: DeploymentPlan, limits: Limits, *, applied: bool = False) -> None:
        self._applied = applied
        self._plan = plan
        self._limits = limits
        self._cluster: Cluster = cluster_of(plan)

    def _part(self, name: str, component: str) -> Part:
        return Part(self._plan.project, self._cluster.namespace, name, component)

    def namespace(self) -> Object:
        """Return the namespace, which admits only pods that keep the strictest standard."""
        modes = {
            f"{_LEVEL}/{mode}{what}": value
            for mode in ("enforce", "audit", "warn")
            for what, value in (("", "restricted"), ("-version", "latest"))
        }
        labels = {NAME: self._plan.project, SYSTEM: self._plan.project, **modes}
        metadata = {"name": self._cluster.namespace, "labels": labels}
        return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}

    def nobody(self) -> Object:
        """Return the policy under which everything else is an exception."""
        return network_policies.nobody(self._part(self._plan.project, "system"))

    def mark(self, value: Any) -> Object:
        """Return the ConfigMap that tells a state from others; the cluster refuses another value in it."""
        part = self._part(self._plan.project, "system")
        return part.make("ConfigMap", name=MARK, immutable=True, data={KEY: value})

    def secret(self, service: Service, values: Mapping[str, Any]) -> Object:
        """Return the Secret of a service's database, with the texts of `contents`."""
        part = self._part(service.key, "database")
        return part.make("Secret", name=secret_name(service), type="Opaque", stringData=dict(values))

    def pull_secret(self, config: Any) -> Object:
        """Return the Secret that opens the registry with this configuration of Docker's client."""
        return workloads.pull_secret(self._part(self._plan.project, "system"), config)

    def settings(self, service: Service | None) -> Object:
        """Return the ConfigMap of a service, or of the gateway."""
        if service is None:
            return workloads.settings(self._part("gateway", "gateway"), self._plan.gateway)
        return workloads.settings(self._part(service.key, "service"), service.replicas[0])

    def service(self, service: Service, settings: Any, secret: Any) -> Bundle:
        """Return the objects of a service with the names of its ConfigMap and of its database's Secret."""
        part, box = self._part(service.key, "service"), service.replicas[0]
        extras = workloads.service_extras(service, box, settings, secret)
        before = [
            workloads.account(part, self._cluster),
            network_policies.of_service(part, service, self._plan),
            workloads.address(part, service.name, service.port),
            workloads.budget(part),
        ]
        database = migration = None
        if service.database:
            own = self._part(service.key, "database")
            before += [
                network_policies.of_database(own, service),
                workloads.address(own, own.title, postgres.PORT),
            ]
            database = workloads.database(
                own, service.database.container, secret, self._cluster.storage_class
            )
        if service.migration:
            own = self._part(service.key, "migration")
            before.append(network_policies.of_migration(own, service))
            once = Extras(settings=extras.settings, secret=extras.secret, variables=extras.variables)
            migration = workloads.migration(own, service.migration, once, self._limits)
        count, scaling = len(service.replicas), service.scaling
        if self._applied and count > 1 and not scaling:
            # A Deployment whose file names no number any more falls to one replica until an autoscaler acts:
            # so every number above one is an autoscaler's from the beginning.
            scaling = Scaling(most=count, cpu=100)
        return Bundle(
            before=tuple(before),
            database=database,
            migration=migration,
            replicas=workloads.deployment(part, box, extras, None if scaling else count, self._limits),
            after=(workloads.autoscaler(part, count, scaling, box.cpu_millis),) if scaling else (),
        )

    def gateway(self, settings: Any) -> Bundle:
        """Return the objects of the gateway: two replicas, and the way by which people reach them."""
        part, box = self._part("gateway", "gateway"), self._plan.gateway
        extras = Extras(
            port=LISTEN_PORT,
            probes=of_check(box.check) if box.check else None,
            settings=settings,
            variables=tuple({"name": name, "value": value} for name, value in box.variables),
            drain_seconds=2 * workloads.DRAIN_SECONDS,
        )
        return Bundle(
            before=(
                workloads.account(part, self._cluster),
                network_policies.of_gateway(part, self._plan.services, LISTEN_PORT),
                workloads.budget(part),
            ),
            replicas=workloads.deployment(part, box, extras, workloads.GATEWAY_REPLICAS, self._limits),
            after=(
                ingress.door(part, self._cluster),
                *ingress.ways(part, self._cluster, self._largest_body()),
            ),
        )

    def objects(self) -> list[Object]:
        """Return all objects but the namespace, the mark and Secrets, under names without their content."""
        found = [self.nobody()]
        for service in (*self._plan.services, None):
            settings = self.settings(service)
            title = lasting_name(settings)
            named = self.service(service, title, secret_name(service)) if service else self.gateway(title)
            found += [settings, *named.objects]
        return found

    def _largest_body(self) -> int:
        """Return the most bytes that any route takes."""
        bodies = [service.body for service in self._plan.services if service.route and service.body]
        return max(map(memory_bytes, (BODY, *bodies)))


def contents(service: Service, password: Any) -> dict[str, Any]:
    """Return the texts of a database's Secret as parts to be put together: the address and the password."""
    secret = service.replicas[0].secrets[0]
    return {ADDRESS: (secret.before, password, secret.after), PASSWORD: (password,)}


def secret_name(service: Service) -> str:
    """Return the name of a database's Secret where people make it."""
    return database_host(service.key)
