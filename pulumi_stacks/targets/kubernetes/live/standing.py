"""Whether what was deployed has its replicas, also where a deployment had nothing to change."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from ..diagnose import Witness
from ..kubectl import KubectlError, NoKubectlError
from ..manifests.metadata import selector
from ..manifests.workloads import GATEWAY_REPLICAS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ....plan.model import DeploymentPlan
    from ..kubectl import Kubectl

_POLL_SECONDS = 1.0


async def unwell(plan: DeploymentPlan, kubectl: Kubectl, seconds: float) -> str:
    """Wait until every service and the gateway have their replicas; say which have not in time, and why.

    What somebody has set to no replicas at all is set back: no autoscaler does. The text is empty when all is
    well, or when this user may not look.
    """
    wanted = {service.key: len(service.replicas) for service in plan.services}
    wanted["gateway"] = GATEWAY_REPLICAS
    end = time.monotonic() + seconds
    while True:
        try:
            lacking = await asyncio.to_thread(_lacking, kubectl, wanted)
        except NoKubectlError:
            return ""
        except KubectlError as error:
            if error.forbidden:
                return ""
            if time.monotonic() > end:
                place = f"environments.{plan.environment}"
                return f"{place}: whether all replicas are there cannot be asked: {error}"
            lacking = [*wanted]
        if not lacking:
            return ""
        if time.monotonic() > end:
            return "\n".join([await asyncio.to_thread(_why, plan, kubectl, name) for name in lacking])
        await asyncio.sleep(_POLL_SECONDS)


def _lacking(kubectl: Kubectl, wanted: Mapping[str, int]) -> list[str]:
    items = {one["metadata"]["name"]: one for one in kubectl.get("deployments")["items"]}
    for name, count in wanted.items():
        if name in items and items[name]["spec"].get("replicas") == 0:
            kubectl.run("scale", f"deployment/{name}", f"--replicas={count}")
    return [name for name, count in wanted.items() if name not in items or not _well(items[name], count)]


def _well(made: Mapping[str, Any], count: int) -> bool:
    status = made.get("status", {})
    known = status.get("observedGeneration", 0) >= made["metadata"].get("generation", 0)
    return known and all((status.get(key) or 0) >= count for key in ("availableReplicas", "updatedReplicas"))


def _why(plan: DeploymentPlan, kubectl: Kubectl, name: str) -> str:
    names = {service.key: service.name for service in plan.services}
    if name not in names:
        witness = Witness(kubectl, "gateway", "cn:base_images.caddy")
        return witness.tell(selector("gateway", "gateway"), "deployment")
    witness = Witness(kubectl, f"services.{names[name]}", f"cn:images.{names[name]}")
    return witness.tell(selector(name, "service"), "deployment")
