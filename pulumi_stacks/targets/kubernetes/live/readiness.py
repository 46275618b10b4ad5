"""Checks that services have their replicas, also after a deployment that changed nothing."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from ..diagnose import Diagnosis
from ..kubectl import KubectlError, NoKubectlError
from ..manifests.metadata import selector
from ..manifests.workloads import GATEWAY_REPLICAS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ....plan.model import DeploymentPlan
    from ..kubectl import Kubectl

_POLL_SECONDS = 1.0


async def unhealthy(plan: DeploymentPlan, kubectl: Kubectl, seconds: float) -> str:
    """Wait until all services and the gateway have their replicas; explain which have not in time.

    A Deployment that was scaled to 0 by hand is scaled up again: an autoscaler ignores it. The text is empty
    when all are healthy, or when this user may not read Deployments.
    """
    wanted = {service.key: len(service.replicas) for service in plan.services}
    wanted["gateway"] = GATEWAY_REPLICAS
    end = time.monotonic() + seconds
    while True:
        try:
            unavailable = await asyncio.to_thread(_unavailable, kubectl, wanted)
        except NoKubectlError:
            return ""
        except KubectlError as error:
            if error.forbidden:
                return ""
            if time.monotonic() > end:
                place = f"environments.{plan.environment}"
                return f"{place}: cannot check its replicas: {error}"
            unavailable = [*wanted]
        if not unavailable:
            return ""
        if time.monotonic() > end:
            return "\n".join([await asyncio.to_thread(_explain, plan, kubectl, name) for name in unavailable])
        await asyncio.sleep(_POLL_SECONDS)


def _unavailable(kubectl: Kubectl, wanted: Mapping[str, int]) -> list[str]:
    items = {one["metadata"]["name"]: one for one in kubectl.get("deployments")["items"]}
    for name, count in wanted.items():
        if name in items and items[name]["spec"].get("replicas") == 0:
            kubectl.run("scale", f"deployment/{name}", f"--replicas={count}")
    return [
        name for name, count in wanted.items() if name not in items or not _is_available(items[name], count)
    ]


def _is_available(deployment: Mapping[str, Any], count: int) -> bool:
    status = deployment.get("status", {})
    known = status.get("observedGeneration", 0) >= deployment["metadata"].get("generation", 0)
    return known and all((status.get(key) or 0) >= count for key in ("availableReplicas", "updatedReplicas"))


def _explain(plan: DeploymentPlan, kubectl: Kubectl, name: str) -> str:
    names = {service.key: service.name for service in plan.services}
    if name not in names:
        diagnosis = Diagnosis(kubectl, "gateway", "cn:base_images.caddy")
        return diagnosis.explain(selector("gateway", "gateway"), "deployment")
    diagnosis = Diagnosis(kubectl, f"services.{names[name]}", f"cn:images.{names[name]}")
    return diagnosis.explain(selector(name, "service"), "deployment")
