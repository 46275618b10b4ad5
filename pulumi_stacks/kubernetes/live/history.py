"""Which images have run before those that run now: to deploy one of these is to go back."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from ..objects import COMPONENT, NAME  # noqa: TID252

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ...deployment import DeploymentPlan  # noqa: TID252
    from ..kubectl import Kubectl  # noqa: TID252

# `make up ROLLBACK=yes` sets it: going back is meant.
MEANT = "CN_ROLLBACK"
_REVISION = "deployment.kubernetes.io/revision"


def older(plan: DeploymentPlan, kubectl: Kubectl) -> Iterator[str]:
    """Name each service whose image ran before the one that runs now, and is not wanted back.

    What ran is what the cluster keeps, the last revisions of each Deployment. KubectlError as it may be.
    """
    if os.environ.get(MEANT) == "yes":
        return
    found = kubectl.get("replicasets", f"--selector={COMPONENT}=service")["items"]
    for service in plan.services:
        ran = sorted((one for one in found if one["metadata"]["labels"][NAME] == service.key), key=_revision)
        wanted = [one for one in ran if _image(one) == service.image.reference]
        # What is not well may be replaced by what was: so does whoever mends a deployment that failed.
        if not wanted or not _runs(ran[-1]) or any(_runs(one) or one is ran[-1] for one in wanted):
            continue
        yield (
            f"services.{service.name}: {service.image.reference} ran before {_image(ran[-1])}, which runs "
            f"now; take over what others committed to infra/Pulumi.{plan.environment}.yaml and cn.yaml, or "
            f"go back by `make up ENV={plan.environment} ROLLBACK=yes`"
        )


def _revision(made: Mapping[str, Any]) -> int:
    return int((made["metadata"].get("annotations") or {}).get(_REVISION) or 0)


def _runs(made: Mapping[str, Any]) -> bool:
    return bool(made.get("status", {}).get("availableReplicas"))


def _image(made: Mapping[str, Any]) -> str:
    return str(made["spec"]["template"]["spec"]["containers"][0]["image"])
