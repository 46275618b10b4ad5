"""The components of a system on a Docker engine. Their type tokens are part of URNs and never change."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pulumi
import pulumi_docker as docker
import pulumi_random as random

from ..refusal import refusal  # noqa: TID252
from . import containers
from .checks import Checks, NotReady
from .verdict import Verdict, after

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .. import deployment as plan  # noqa: TID252


class System(pulumi.ComponentResource):
    """A whole environment: networks, services with their databases, and the gateway once all are well."""

    def __init__(
        self, deployment: plan.DeploymentPlan, checks: Checks, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("cnnew:docker:System", deployment.project, {}, opts)
        self._networks = {
            wire.key: containers.network(self, wire, deployment.labels) for wire in deployment.networks
        }
        self._names = {wire.key: wire.name for wire in deployment.networks}
        self._checks = checks
        self._verdict = Verdict(
            (service.key for service in deployment.services if service.replicas), 12 * checks.timeout + 60
        )
        references = {
            picture.reference: picture
            for picture in (
                deployment.gateway.image,
                *(service.database.container.image for service in deployment.services if service.database),
            )
        }
        self._bases = {name: containers.image(self, picture) for name, picture in references.items()}
        services = [self._service(service, deployment.labels) for service in deployment.services]
        gateway = Gateway(
            deployment.gateway,
            image=self._bases[deployment.gateway.image.reference],
            networks=self._networks,
            checks=checks,
            depends_on=_together([service.ready for service in services]),
            parent=self,
        )
        self.ready = gateway.ready
        self.register_outputs({"url": deployment.url})

    def _service(self, service: plan.Service, labels: tuple[tuple[str, str], ...]) -> Service:
        database = None
        if service.database:
            database = Database(
                service.database,
                image=self._bases[service.database.container.image.reference],
                networks=self._networks,
                labels=labels,
                checks=self._checks,
                verdict=self._verdict,
                parent=self,
            )
        return Service(
            service,
            database=database,
            networks=self._networks,
            names=self._names,
            checks=self._checks,
            verdict=self._verdict,
            parent=self,
        )


class Database(pulumi.ComponentResource):
    """A database server, the password that it is given at every start, and the volume that outlives it."""

    def __init__(
        self,
        database: plan.Database,
        *,
        image: pulumi.Input[str],
        networks: Mapping[str, docker.Network],
        labels: tuple[tuple[str, str], ...],
        checks: Checks,
        verdict: Verdict,
        parent: pulumi.Resource,
    ) -> None:
        super().__init__("cnnew:docker:Database", database.key, {}, pulumi.ResourceOptions(parent=parent))
        box = database.container
        self.password = random.RandomPassword(
            f"{database.key}-password", length=32, special=False, opts=pulumi.ResourceOptions(parent=self)
        ).result
        volume = docker.Volume(
            f"{database.key}-data",
            name=database.volume,
            labels=[{"label": label, "value": value} for label, value in labels],
            # The rows outlive the stack; a later stack of the same name finds them again.
            opts=pulumi.ResourceOptions(
                parent=self, retain_on_delete=True, ignore_changes=["labels", "driver", "driverOpts"]
            ),
        )
        self.container = containers.container(
            self, box, image=image, networks=networks, password=self.password, depends_on=[volume]
        )
        self.ready = after(
            [self.container],
            lambda ids: verdict.judge(database.key, checks.healthy(box, ids[0]), last=False),
        )
        self.register_outputs({})


class Service(pulumi.ComponentResource):
    """The migration and the replicas of a service.

    Replicas have no fixed name: the new ones are made, found healthy and seated before the old ones, which
    answer until then, are deleted at the end of the deployment.
    """

    def __init__(
        self,
        service: plan.Service,
        *,
        database: Database | None,
        networks: Mapping[str, docker.Network],
        names: Mapping[str, str],
        checks: Checks,
        verdict: Verdict,
        parent: pulumi.Resource,
    ) -> None:
        super().__init__("cnnew:docker:Service", service.key, {}, pulumi.ResourceOptions(parent=parent))
        image = containers.image(self, service.image)
        password = database.password if database else None
        before: pulumi.Input[Sequence[pulumi.Input[pulumi.Resource]]] = database.ready if database else []
        if service.migration:
            box = service.migration
            migration = containers.container(
                self, box, image=image, networks=networks, password=password, depends_on=before
            )
            before = after(
                [migration], lambda ids: verdict.judge(service.key, checks.done(box, ids[0]), last=False)
            )
        replicas = [
            containers.container(
                self, replica, image=image, networks=networks, password=password, depends_on=before
            )
            for replica in service.replicas
        ]
        self.ready = after(
            replicas,
            lambda ids: verdict.judge(service.key, seat_all(service, ids, checks, names), last=True),
        )
        self.register_outputs({})


class Gateway(pulumi.ComponentResource):
    """The only way in. It is touched when every service is well, so that a bad deployment cannot reach it."""

    def __init__(
        self,
        box: plan.Container,
        *,
        image: pulumi.Input[str],
        networks: Mapping[str, docker.Network],
        checks: Checks,
        depends_on: pulumi.Input[Sequence[pulumi.Input[pulumi.Resource]]],
        parent: pulumi.Resource,
    ) -> None:
        super().__init__("cnnew:docker:Gateway", "gateway", {}, pulumi.ResourceOptions(parent=parent))
        container = containers.container(self, box, image=image, networks=networks, depends_on=depends_on)

        async def check(ids: list[str]) -> None:
            try:
                await checks.healthy(box, ids[0])
            except NotReady as problem:
                raise refusal(str(problem)) from None

        self.ready = after([container], check)
        self.register_outputs({})


async def seat_all(service: plan.Service, ids: list[str], checks: Checks, names: Mapping[str, str]) -> None:
    """Wait until all replicas of a service are healthy and only then let any of them be called."""
    pairs = list(zip(service.replicas, ids, strict=True))
    for step in (checks.healthy, lambda box, identity: checks.seat(box, identity, names)):
        found = await asyncio.gather(
            *(step(box, identity) for box, identity in pairs), return_exceptions=True
        )
        faults = [fault for fault in found if fault is not None]
        for fault in faults:
            if not isinstance(fault, NotReady):
                raise fault
        if faults:
            raise NotReady("\n".join(sorted(map(str, faults))))
    await checks.retire(service.replicas[0], ids, names)


def _together(parts: list[pulumi.Input[list[pulumi.Resource]]]) -> pulumi.Output[list[pulumi.Resource]]:
    return pulumi.Output.all(*parts).apply(lambda found: [resource for part in found for resource in part])
