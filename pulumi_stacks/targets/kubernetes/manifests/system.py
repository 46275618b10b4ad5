"""The manifests of an environment, in the order in which they are created. Pure.

The caller gives the names of ConfigMaps and Secrets: texts in files, outputs in a Pulumi program.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ....network.caddyfile import BODY, LISTEN_PORT
from ....plan import postgres
from ....plan.model import Scaling
from ....quantities import memory_bytes
from ..cluster import cluster_of
from ..live.ownership import OWNER_CONFIG_MAP, STATE_KEY
from ..rules.plan_part import database_host
from . import ingress, network_policies, workloads
from .metadata import NAME, SYSTEM, PodGroup, lasting_name
from .pod_template import ADDRESS, PASSWORD, PodOptions
from .probes import of_check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ....plan.model import DeploymentPlan, Service
    from ..cluster import Cluster
    from .metadata import Object
    from .workloads import Timeouts

_LEVEL = "pod-security.kubernetes.io"


@dataclass(frozen=True, kw_only=True)
class Workload:
    """The objects of one service or of the gateway.

    `before` are created first; then the database, the migration and the replicas, each after the previous one
    is ready; `after` are created last.
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


class SystemManifests:
    """Creates the manifests of one environment.

    `applied` means that a tool applies them as files, without a record of the former ones.
    """

    def __init__(self, plan: DeploymentPlan, timeouts: Timeouts, *, applied: bool = False) -> None:
        self._applied = applied
        self._plan = plan
        self._timeouts = timeouts
        self._cluster: Cluster = cluster_of(plan)

    def _pods(self, name: str, component: str) -> PodGroup:
        return PodGroup(self._plan.project, self._cluster.namespace, name, component)

    def namespace(self) -> Object:
        """Return the namespace, which enforces the pod security standard `restricted`."""
        modes = {
            f"{_LEVEL}/{mode}{what}": value
            for mode in ("enforce", "audit", "warn")
            for what, value in (("", "restricted"), ("-version", "latest"))
        }
        labels = {NAME: self._plan.project, SYSTEM: self._plan.project, **modes}
        metadata = {"name": self._cluster.namespace, "labels": labels}
        return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}

    def default_deny(self) -> Object:
        """Return the network policy that denies all traffic."""
        return network_policies.default_deny(self._pods(self._plan.project, "system"))

    def owner_config_map(self, value: Any) -> Object:
        """Return the immutable ConfigMap with the id of the state that owns the namespace."""
        pods = self._pods(self._plan.project, "system")
        return pods.manifest("ConfigMap", name=OWNER_CONFIG_MAP, immutable=True, data={STATE_KEY: value})

    def secret(self, service: Service, values: Mapping[str, Any]) -> Object:
        """Return the Secret of a service's database, with the values of `database_secret_data`."""
        pods = self._pods(service.key, "database")
        return pods.manifest("Secret", name=secret_name(service), type="Opaque", stringData=dict(values))

    def pull_secret(self, config: Any) -> Object:
        """Return the Secret with the login of the registry, a Docker client configuration."""
        return workloads.pull_secret(self._pods(self._plan.project, "system"), config)

    def config_map(self, service: Service | None) -> Object:
        """Return the ConfigMap of a service, or of the gateway."""
        if service is None:
            return workloads.config_map(self._pods("gateway", "gateway"), self._plan.gateway)
        return workloads.config_map(self._pods(service.key, "service"), service.replicas[0])

    def service(self, service: Service, config_map: Any, secret: Any) -> Workload:
        """Return the objects of a service, given the names of its ConfigMap and its database's Secret."""
        pods, planned = self._pods(service.key, "service"), service.replicas[0]
        options = workloads.service_pod_options(service, planned, config_map, secret)
        before = [
            workloads.service_account(pods, self._cluster),
            network_policies.of_service(pods, service, self._plan),
            workloads.service_object(pods, service.name, service.port),
            workloads.pod_disruption_budget(pods),
        ]
        database = migration = None
        if service.database:
            own = self._pods(service.key, "database")
            before += [
                network_policies.of_database(own, service),
                workloads.service_object(own, own.object_name, postgres.PORT),
            ]
            database = workloads.database(
                own, service.database.container, secret, self._cluster.storage_class
            )
        if service.migration:
            own = self._pods(service.key, "migration")
            before.append(network_policies.of_migration(own, service))
            once = PodOptions(
                config_map=options.config_map, secret=options.secret, variables=options.variables
            )
            migration = workloads.migration(own, service.migration, once, self._timeouts)
        count, scaling = len(service.replicas), service.scaling
        if self._applied and count > 1 and not scaling:
            # A Deployment whose manifest stops setting `replicas` falls to one until an autoscaler acts: so
            # an autoscaler sets every number above one from the beginning.
            scaling = Scaling(most=count, cpu=100)
        return Workload(
            before=tuple(before),
            database=database,
            migration=migration,
            replicas=workloads.deployment(pods, planned, options, None if scaling else count, self._timeouts),
            after=(workloads.autoscaler(pods, count, scaling, planned.cpu_millis),) if scaling else (),
        )

    def gateway(self, config_map: Any) -> Workload:
        """Return the objects of the gateway: two replicas, and the objects of its public entry."""
        pods, planned = self._pods("gateway", "gateway"), self._plan.gateway
        options = PodOptions(
            port=LISTEN_PORT,
            probes=of_check(planned.check) if planned.check else None,
            config_map=config_map,
            variables=tuple({"name": name, "value": value} for name, value in planned.variables),
            drain_seconds=2 * workloads.DRAIN_SECONDS,
        )
        return Workload(
            before=(
                workloads.service_account(pods, self._cluster),
                network_policies.of_gateway(pods, self._plan.services, LISTEN_PORT),
                workloads.pod_disruption_budget(pods),
            ),
            replicas=workloads.deployment(pods, planned, options, workloads.GATEWAY_REPLICAS, self._timeouts),
            after=(
                ingress.gateway_service(pods, self._cluster),
                *ingress.domain_objects(pods, self._cluster, self._largest_body()),
            ),
        )

    def objects(self) -> list[Object]:
        """Return all objects but namespace, owner and Secrets, under names without the hash of content."""
        found = [self.default_deny()]
        for service in (*self._plan.services, None):
            config_map = self.config_map(service)
            title = lasting_name(config_map)
            named = self.service(service, title, secret_name(service)) if service else self.gateway(title)
            found += [config_map, *named.objects]
        return found

    def _largest_body(self) -> int:
        """Return the largest limit of bodies of all routes, in bytes."""
        bodies = [service.body for service in self._plan.services if service.route and service.body]
        return max(map(memory_bytes, (BODY, *bodies)))


def database_secret_data(service: Service, password: Any) -> dict[str, Any]:
    """Return the data of a database's Secret, each value as parts to concatenate: URL and password."""
    secret = service.replicas[0].secrets[0]
    return {ADDRESS: (secret.before, password, secret.after), PASSWORD: (password,)}


def secret_name(service: Service) -> str:
    """Return the name of a database's Secret that an administrator creates."""
    return database_host(service.key)
