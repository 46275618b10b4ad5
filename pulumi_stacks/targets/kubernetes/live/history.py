"""Finds images that ran before the current ones: to deploy one of these would be a rollback."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from ..manifests.metadata import COMPONENT, NAME

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ....plan.model import DeploymentPlan
    from ..kubectl import Kubectl
    from .recorded_state import RecordedState

# `make up ROLLBACK=yes` sets it: the rollback is intended.
ROLLBACK = "CN_ROLLBACK"
_REVISION = "deployment.kubernetes.io/revision"


def older_images(plan: DeploymentPlan, kubectl: Kubectl, recorded: RecordedState) -> Iterator[str]:
    """Yield an error for each service whose image would go back to a former one without ROLLBACK.

    Former images are those of the last revisions of each Deployment, which the cluster keeps. The image that
    the state deployed last is not one: the cluster was changed by hand. KubectlError when kubectl fails.
    """
    if os.environ.get(ROLLBACK) == "yes":
        return
    found = kubectl.get("replicasets", f"--selector={COMPONENT}=service")["items"]
    last = {made.inputs["metadata"]["name"]: _image(made.inputs) for made in recorded.deployments}
    for service in plan.services:
        if last.get(service.key) == service.image.reference:
            continue
        ran = [one for one in found if one["metadata"]["labels"].get(NAME) == service.key]
        ran.sort(key=_revision)
        wanted = [one for one in ran if _image(one) == service.image.reference]
        # An unhealthy revision may be replaced by a former one: that is how a failed deployment is fixed.
        if not wanted or not _runs(ran[-1]) or any(_runs(one) or one is ran[-1] for one in wanted):
            continue
        yield (
            f"services.{service.name}: {service.image.reference} is older than {_image(ran[-1])}, which runs "
            "now; run `git pull` if others have deployed that, or roll back with "
            f"`make up ENV={plan.environment} ROLLBACK=yes`"
        )


def _revision(replica_set: Mapping[str, Any]) -> int:
    return int((replica_set["metadata"].get("annotations") or {}).get(_REVISION) or 0)


def _runs(replica_set: Mapping[str, Any]) -> bool:
    return bool(replica_set.get("status", {}).get("availableReplicas"))


def _image(workload: Mapping[str, Any]) -> str:
    return str(workload["spec"]["template"]["spec"]["containers"][0]["image"])
