"""Which images have run before those that run now: to deploy one of these is to return to it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from ..manifests.metadata import COMPONENT, NAME

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ....plan.model import DeploymentPlan
    from ..kubectl import Kubectl
    from .state import Recorded

# `make up ROLLBACK=yes` sets it: going back is meant.
MEANT = "CN_ROLLBACK"
_REVISION = "deployment.kubernetes.io/revision"


def older(plan: DeploymentPlan, kubectl: Kubectl, recorded: Recorded) -> Iterator[str]:
    """Name each service whose image ran before the one that runs now, and is not wanted back.

    What ran is what the cluster keeps, the last revisions of each Deployment. What the state deployed last is
    not older: somebody has changed the cluster by hand. KubectlError as it may be.
    """
    if os.environ.get(MEANT) == "yes":
        return
    found = kubectl.get("replicasets", f"--selector={COMPONENT}=service")["items"]
    last = {made.inputs["metadata"]["name"]: _image(made.inputs) for made in recorded.deployments}
    for service in plan.services:
        if last.get(service.key) == service.image.reference:
            continue
        ran = [one for one in found if one["metadata"]["labels"].get(NAME) == service.key]
        ran.sort(key=_revision)
        wanted = [one for one in ran if _image(one) == service.image.reference]
        # What is not well may be replaced by what was: so does whoever mends a deployment that failed.
        if not wanted or not _runs(ran[-1]) or any(_runs(one) or one is ran[-1] for one in wanted):
            continue
        yield (
            f"services.{service.name}: {service.image.reference} ran before {_image(ran[-1])}, which runs "
            "now; `git pull`, if others have deployed that, or return to it by "
            f"`make up ENV={plan.environment} ROLLBACK=yes`"
        )


def _revision(made: Mapping[str, Any]) -> int:
    return int((made["metadata"].get("annotations") or {}).get(_REVISION) or 0)


def _runs(made: Mapping[str, Any]) -> bool:
    return bool(made.get("status", {}).get("availableReplicas"))


def _image(made: Mapping[str, Any]) -> str:
    return str(made["spec"]["template"]["spec"]["containers"][0]["image"])
