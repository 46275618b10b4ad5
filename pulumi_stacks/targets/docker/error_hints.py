"""Error hooks that name the configuration key to change when a port or a subnet is already in use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

from ...error_report import report

if TYPE_CHECKING:
    from ...plan import model as plan

_SUBNET_TAKEN = ("overlaps",)
_PORT_TAKEN = ("address already in use", "port is already allocated")


def of_network(planned: plan.Network) -> pulumi.ResourceHookBinding:
    """Return the hook that reports a subnet which overlaps another network."""
    # The same text for all networks, so that it is reported once.
    text = (
        "cn:subnet: overlaps another network of this Docker engine; set another block, such as "
        "`cn:subnet: 10.200.0.0/16` in the stack's file in infra/"
    )
    return _hint(f"subnet-{planned.key}", _SUBNET_TAKEN, text)


def of_container(planned: plan.Container) -> pulumi.ResourceHookBinding | None:
    """Return the hook that reports a port in use; None for a container that publishes no port."""
    if not planned.published:
        return None
    port = planned.published[0][1]
    text = f"cn:port: {port} is already in use; choose another one in the stack's file in infra/"
    return _hint(f"port-{planned.key}", _PORT_TAKEN, text)


def _hint(name: str, signs: tuple[str, ...], text: str) -> pulumi.ResourceHookBinding:
    def on_error(args: pulumi.ErrorHookArgs) -> bool:
        if any(sign in error for error in args.errors for sign in signs):
            report(text)
        return False

    return pulumi.ResourceHookBinding(on_error=[pulumi.ErrorHook(name, on_error)])
