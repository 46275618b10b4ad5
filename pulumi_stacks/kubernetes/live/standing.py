"""Whether what was deployed has its replicas, also where a deployment had nothing to change."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from ..failure import Witness  # noqa: TID252
from ..kubectl import KubectlError, NoKubectlError  # noqa: TID252
from ..objects import selector  # noqa: TID252
from ..workloads import GATEWAY_REPLICAS  # noqa: TID252

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...deployment import DeploymentPlan  # noqa: TID252
    from ..kubectl import Kubectl  # noqa: TID252

_POLL_SECONDS = 1.0


async def unwell(plan: DeploymentPlan, kubectl: Kubectl, seconds: float) -> str:
    """Wait until every service and the gateway have their replicas; say which have not in time, and why.

    The text is empty when all is well, or when nobody can tell.
    """
    wanted = {service.key: len(service.replicas) for service in plan.services}
    wanted["gateway"] = GATEWAY_REPLICAS
    end = time.monotonic() + seconds
    while True:
        try:
            found = await asyncio.to_thread(_available, kubectl)
        except NoKubectlError:
            return ""
        except KubectlError:
            found = wanted  # it may not look
        lacking = [name for name, count in wanted.items() if found.get(name, 0) < count]
        if not lacking:
            return ""
        if time.monotonic() > end:
            return "\n".join([await asyncio.to_thread(_why, plan, kubectl, name) for name in lacking])
        await asyncio.sleep(_POLL_SECONDS)


def _available(kubectl: Kubectl) -> Mapping[str, int]:
    items = kubectl.get("deployments")["items"]
    return {one["metadata"]["name"]: one.get("status", {}).get("availableReplicas") or 0 for one in items}


def _why(plan: DeploymentPlan, kubectl: Kubectl, name: str) -> str:
    names = {service.key: service.name for service in plan.services}
    if name not in names:
        witness = Witness(kubectl, "gateway", "cn:base_images.caddy")
        return witness.tell(selector("gateway", "gateway"), "deployment")
    witness = Witness(kubectl, f"services.{names[name]}", f"cn:images.{names[name]}")
    return witness.tell(selector(name, "service"), "deployment")
