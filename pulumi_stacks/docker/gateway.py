"""The gateway on a Docker engine: a container that stays while its configuration and its networks change."""

from __future__ import annotations

import json
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING, Any

import pulumi

from ..refusal import refusal  # noqa: TID252
from . import containers
from .checks import Checks, NotReady
from .engine import EngineError
from .verdict import after

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .. import deployment as plan  # noqa: TID252
    from .containers import Common
    from .engine import CommandLine

# A configuration comes with a socket of its own, beside the old one: what waits there is not to be lost.
MIGRATE = {"net.ipv4.tcp_migrate_req": "1"}


class Gateway(pulumi.ComponentResource):
    """The only way in. It is touched when every service is well, so that a bad deployment cannot reach it.

    Its configuration is an input of the component, so that a preview shows how it changes.
    """

    def __init__(
        self,
        box: plan.Container,
        common: Common,
        *,
        image: pulumi.Input[str],
        names: Mapping[str, str],
        checks: Checks,
        migrates: bool,
        depends_on: pulumi.Input[Sequence[pulumi.Input[pulumi.Resource]]],
        parent: pulumi.Resource,
    ) -> None:
        assert box.configuration is not None  # noqa: S101
        configuration = box.configuration
        inputs = {"configuration": configuration.text}
        super().__init__("cnnew:docker:Gateway", "gateway", inputs, pulumi.ResourceOptions(parent=parent))
        volume = containers.volume(self, "gateway", configuration.volume, common, role="gateway")
        # With the networks that it follows: they are removed after it.
        before = [volume, *(common.networks[key] for key in box.follows)]

        async def write(found: list[Any]) -> list[pulumi.Resource]:
            name, taken, services = found
            if not pulumi.runtime.is_dry_run():
                try:
                    await checks.engine.write(taken, name, configuration.path, configuration.text)
                except EngineError as error:
                    raise refusal(f"{box.place}: its configuration cannot be written: {error}") from None
            return [*before, *services]

        ready: pulumi.Output[list[pulumi.Resource]] = pulumi.Output.all(volume.name, image, depends_on).apply(
            write
        )
        container = containers.container(
            self, box, common, image=image, sysctls=MIGRATE if migrates else None, depends_on=ready
        )

        self.ready = after([container], lambda ids: _take_over(checks, box, ids[0], names))
        self.register_outputs({})


async def _take_over(checks: Checks, box: plan.Container, identity: str, names: Mapping[str, str]) -> None:
    """Wait for the gateway, and let it have its networks and its configuration."""
    try:
        await checks.healthy(box, identity)
        await checks.follow(box, identity, names)
    except NotReady as problem:
        raise refusal(str(problem)) from None


def let_go(engine: CommandLine, deployment: plan.DeploymentPlan) -> None:
    """Take the gateway from networks whose addresses change: to be made anew, they have to be empty."""
    gateway = deployment.gateway
    try:
        [description] = json.loads(engine.order("inspect", "--type=container", gateway.key))
    except EngineError:
        return  # there is no gateway yet
    there = description["NetworkSettings"]["Networks"]
    for wire in deployment.networks:
        address = (there.get(wire.name) or {}).get("IPAddress")
        if wire.key in gateway.follows and address and IPv4Address(address) not in IPv4Network(wire.subnet):
            engine.order("network", "disconnect", wire.name, gateway.key)
