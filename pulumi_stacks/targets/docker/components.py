"""The components of a system on a Docker engine. Their type tokens are part of URNs and never change."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

import pulumi
import pulumi_random as random

from ...stack_state import OWNER
from . import resources
from .failures import FailureCollector, after
from .gateway import Gateway
from .readiness import Checks, NotReady
from .resources import DeploymentScope

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ...plan import model as plan


class System(pulumi.ComponentResource):
    """An environment: networks, services with their databases, and the gateway once they are healthy."""

    def __init__(
        self,
        deployment: plan.DeploymentPlan,
        checks: Checks,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("cnnew:docker:System", deployment.project, {}, opts)
        options = pulumi.ResourceOptions(parent=self)
        state_id = random.RandomId(OWNER, byte_length=16, opts=options).hex
        networks = {
            network.key: resources.network(self, network, deployment.labels, state_id)
            for network in deployment.networks
        }
        chains = (service.key for service in deployment.services if service.replicas)
        self._scope = DeploymentScope(
            labels=deployment.labels,
            state_id=state_id,
            networks=networks,
            names={network.key: network.name for network in deployment.networks},
            checks=checks,
            failures=FailureCollector(chains, 12 * checks.timeout + 60),
        )
        self._base_images = {
            name: resources.image(self, image) for name, image in _base_images(deployment).items()
        }
        services = [self._service(service) for service in deployment.services]
        gateway = Gateway(
            deployment,
            self._scope,
            image=self._base_images[deployment.gateway.image.reference],
            depends_on=_all_resources([service.ready for service in services]),
            parent=self,
        )
        self.ready = gateway.ready
        self.register_outputs({"url": deployment.url})

    def _service(self, service: plan.Service) -> Service:
        database = None
        if service.database:
            database = Database(
                service.database,
                self._scope,
                image=self._base_images[service.database.container.image.reference],
                parent=self,
            )
        return Service(service, self._scope, database=database, parent=self)


def _base_images(deployment: plan.DeploymentPlan) -> dict[str, plan.Image]:
    """Return the images of the gateway and of the databases, each once."""
    stored = [service.database.container.image for service in deployment.services if service.database]
    return {image.reference: image for image in (deployment.gateway.image, *stored)}


class Database(pulumi.ComponentResource):
    """A database server, the password that it gets at every start, and the volume that outlives it."""

    def __init__(
        self,
        database: plan.Database,
        scope: DeploymentScope,
        *,
        image: pulumi.Input[str],
        parent: pulumi.Resource,
    ) -> None:
        super().__init__("cnnew:docker:Database", database.key, {}, pulumi.ResourceOptions(parent=parent))
        planned = database.container
        self.password = random.RandomPassword(
            f"{database.key}-password", length=32, special=False, opts=pulumi.ResourceOptions(parent=self)
        ).result
        volume = resources.volume(self, f"{database.key}-data", database.volume, scope, kept=True)
        self.container = resources.container(
            self, planned, scope, image=image, password=self.password, depends_on=[volume]
        )
        self.ready = after(
            [self.container],
            lambda ids: scope.failures.check(database.key, scope.checks.healthy(planned, ids[0]), last=False),
        )
        self.register_outputs({})


class Service(pulumi.ComponentResource):
    """The migration and the replicas of a service.

    Replicas have no fixed name: the new ones are created, healthy and connected before Pulumi deletes the old
    ones, which answer until then, at the end of the deployment.
    """

    def __init__(
        self,
        service: plan.Service,
        scope: DeploymentScope,
        *,
        database: Database | None,
        parent: pulumi.Resource,
    ) -> None:
        super().__init__("cnnew:docker:Service", service.key, {}, pulumi.ResourceOptions(parent=parent))
        check, checks = partial(scope.failures.check, service.key), scope.checks
        image = resources.image(self, service.image)
        password = database.password if database else None
        before: pulumi.Input[Sequence[pulumi.Input[pulumi.Resource]]] = database.ready if database else []
        if service.migration:
            planned = service.migration
            migration = resources.container(
                self, planned, scope, image=image, password=password, depends_on=before
            )
            before = after(
                [migration],
                lambda ids: check(checks.done(planned, ids[0]), last=False),
            )
        replicas = [
            resources.container(self, replica, scope, image=image, password=password, depends_on=before)
            for replica in service.replicas
        ]
        self.ready = after(
            replicas,
            lambda ids: check(connect_replicas(service, ids, checks, scope.names), last=True),
        )
        self.register_outputs({})


async def connect_replicas(
    service: plan.Service, ids: list[str], checks: Checks, names: Mapping[str, str]
) -> None:
    """Wait until all replicas of a service are healthy, and only then connect them to their callers."""
    pairs = list(zip(service.replicas, ids, strict=True))
    for step in (checks.healthy, lambda planned, identity: checks.connect(planned, identity, names)):
        found = await asyncio.gather(
            *(step(planned, identity) for planned, identity in pairs), return_exceptions=True
        )
        faults = [fault for fault in found if fault is not None]
        for fault in faults:
            if not isinstance(fault, NotReady):
                raise fault
        if faults:
            raise NotReady("\n".join(sorted(map(str, faults))))
    await checks.disconnect_former(service.replicas[0], ids, names)


def _all_resources(parts: list[pulumi.Input[list[pulumi.Resource]]]) -> pulumi.Output[list[pulumi.Resource]]:
    return pulumi.Output.all(*parts).apply(lambda found: [resource for part in found for resource in part])
