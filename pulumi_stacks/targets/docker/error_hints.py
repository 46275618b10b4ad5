"""Which key of the stack's configuration helps where the engine refuses what another holds already."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

from ...refusal import tell

if TYPE_CHECKING:
    from ...plan import model as plan

_SUBNET_TAKEN = ("overlaps",)
_PORT_TAKEN = ("address already in use", "port is already allocated")


def of_network(wire: plan.Network) -> pulumi.ResourceHookBinding:
    """Name the key for addresses that another network has."""
    # The same for all networks, so that it is told once.
    text = (
        "cn:subnet: another network of this engine has some of the addresses; choose another block, such as "
        "`pulumi config set cn:subnet 10.200.0.0/16`"
    )
    return _hint(f"subnet-{wire.key}", _SUBNET_TAKEN, text)


def of_container(box: plan.Container) -> pulumi.ResourceHookBinding | None:
    """Name the key for a port that another program has; None for a container that publishes none."""
    if not box.published:
        return None
    port = box.published[0][1]
    text = f"cn:port: {port} is in use by another program; choose another with `pulumi config set cn:port`"
    return _hint(f"port-{box.key}", _PORT_TAKEN, text)


def _hint(name: str, signs: tuple[str, ...], text: str) -> pulumi.ResourceHookBinding:
    def on_error(args: pulumi.ErrorHookArgs) -> bool:
        if any(sign in error for error in args.errors for sign in signs):
            tell(text)
        return False

    return pulumi.ResourceHookBinding(on_error=[pulumi.ErrorHook(name, on_error)])
