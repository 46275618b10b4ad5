"""The gateway on a Docker engine: a container that stays, and the router behind it, which is replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_random as random

from ...refusal import refusal
from . import resources
from .docker_cli import EngineError
from .failures import after
from .readiness import NotReady

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pulumi_docker as docker

    from ...plan import model as plan
    from .resources import DeploymentScope

_Before = pulumi.Input[list[pulumi.Resource]]


class Gateway(pulumi.ComponentResource):
    """The only way in. It is touched when every service is well, so that a bad deployment cannot reach it.

    The configuration of the router is an input of the component, so that a preview shows how it changes.
    """

    def __init__(
        self,
        deployment: plan.DeploymentPlan,
        scope: DeploymentScope,
        *,
        image: pulumi.Input[str],
        depends_on: _Before,
        parent: pulumi.Resource,
    ) -> None:
        router, gateway = deployment.router, deployment.gateway
        assert router is not None  # noqa: S101
        assert router.configuration is not None  # noqa: S101
        inputs = {"configuration": router.configuration.text}
        super().__init__("cnnew:docker:Gateway", "gateway", inputs, pulumi.ResourceOptions(parent=parent))
        self._scope, self._image = scope, image
        seated = self._well(router, self._container(router, depends_on))
        self.ready = self._well(gateway, self._container(gateway, seated))
        self.register_outputs({})

    def _container(self, box: plan.Container, before: _Before) -> docker.Container:
        """Make a container that has its configuration before it starts."""
        assert box.configuration is not None  # noqa: S101
        configuration = box.configuration
        key = box.key.rpartition("_")[2]
        # A name that has never been: where a deployment fails, the volume before waits to be deleted, and one
        # of its name that is wanted again would go with it.
        text = random.RandomId(
            f"{key}-text",
            byte_length=4,
            keepers={"volume": configuration.volume},
            opts=pulumi.ResourceOptions(parent=self),
        )
        name = pulumi.Output.concat(configuration.volume, "_", text.hex)
        volume = resources.volume(self, key, name, self._scope, role="gateway")

        async def write(found: Sequence[Any]) -> list[pulumi.Resource]:
            name, taken, others = found
            if not pulumi.runtime.is_dry_run():
                try:
                    await self._scope.checks.engine.write(taken, name, configuration.path, configuration.text)
                except EngineError as error:
                    raise refusal(f"{box.place}: its configuration cannot be written: {error}") from None
            return [volume, *others]

        ready: pulumi.Output[list[pulumi.Resource]] = pulumi.Output.all(
            volume.name, self._image, before
        ).apply(write)
        return resources.container(
            self,
            box,
            self._scope,
            image=self._image,
            volumes={configuration.volume: volume.name},
            depends_on=ready,
        )

    def _well(self, box: plan.Container, made: docker.Container) -> pulumi.Input[list[pulumi.Resource]]:
        """Wait until a container is well, and let it be called."""

        async def wait(ids: list[str]) -> None:
            try:
                await self._scope.checks.healthy(box, ids[0])
                await self._scope.checks.seat(box, ids[0], self._scope.names)
            except NotReady as problem:
                raise refusal(str(problem)) from None

        return after([made], wait)
