"""The gateway on a Docker engine: a container that stays, and the router behind it, which is replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_random as random

from ...error_report import deployment_error
from . import resources
from .docker_cli import EngineError
from .failures import after
from .readiness import NotReady

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pulumi_docker as docker

    from ...plan import model as plan
    from .resources import DeploymentScope

_Dependencies = pulumi.Input[list[pulumi.Resource]]


class Gateway(pulumi.ComponentResource):
    """The only public entry. It changes after all services are healthy, so no failed deployment breaks it.

    The configuration of the router is an input of the component, so that a preview shows its changes.
    """

    def __init__(
        self,
        deployment: plan.DeploymentPlan,
        scope: DeploymentScope,
        *,
        image: pulumi.Input[str],
        depends_on: _Dependencies,
        parent: pulumi.Resource,
    ) -> None:
        router, gateway = deployment.router, deployment.gateway
        assert router is not None  # noqa: S101
        assert router.configuration is not None  # noqa: S101
        inputs = {"configuration": router.configuration.text}
        super().__init__("cnnew:docker:Gateway", "gateway", inputs, pulumi.ResourceOptions(parent=parent))
        self._scope, self._image = scope, image
        router_ready = self._await_healthy(router, self._container(router, depends_on))
        self.ready = self._await_healthy(gateway, self._container(gateway, router_ready))
        self.register_outputs({})

    def _container(self, planned: plan.Container, depends_on: _Dependencies) -> docker.Container:
        """Create a container whose configuration is in its volume before it starts."""
        assert planned.configuration is not None  # noqa: S101
        configuration = planned.configuration
        key = planned.key.rpartition("_")[2]
        # A name that was never used: after a failed deployment the former volume is still to be deleted, and
        # a new volume with its name would be deleted instead.
        text = random.RandomId(
            f"{key}-text",
            byte_length=4,
            keepers={"volume": configuration.volume},
            opts=pulumi.ResourceOptions(parent=self),
        )
        name = pulumi.Output.concat(configuration.volume, "_", text.hex)
        volume = resources.volume(self, key, name, self._scope, role="gateway")

        async def write(found: Sequence[Any]) -> list[pulumi.Resource]:
            name, image, others = found
            if not pulumi.runtime.is_dry_run():
                try:
                    await self._scope.checks.engine.write(image, name, configuration.path, configuration.text)
                except EngineError as error:
                    raise deployment_error(
                        f"{planned.place}: cannot write its configuration: {error}"
                    ) from None
            return [volume, *others]

        ready: pulumi.Output[list[pulumi.Resource]] = pulumi.Output.all(
            volume.name, self._image, depends_on
        ).apply(write)
        return resources.container(
            self,
            planned,
            self._scope,
            image=self._image,
            volumes={configuration.volume: volume.name},
            depends_on=ready,
        )

    def _await_healthy(
        self, planned: plan.Container, container: docker.Container
    ) -> pulumi.Input[list[pulumi.Resource]]:
        """Wait until a container is healthy, and connect it to the networks of its callers."""

        async def wait(ids: list[str]) -> None:
            try:
                await self._scope.checks.healthy(planned, ids[0])
                await self._scope.checks.connect(planned, ids[0], self._scope.names)
            except NotReady as problem:
                raise deployment_error(str(problem)) from None

        return after([container], wait)
