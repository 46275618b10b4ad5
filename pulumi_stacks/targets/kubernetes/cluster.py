"""Where on which cluster an environment runs, and how clients reach its gateway. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...plan.model import DeploymentPlan


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """The settings of an environment and its stack that this target reads.

    `kube_context`, `storage_class`, `domain` and `gateway_class` are empty where the cluster's own default
    holds. `registry_login` tells whether the Secret with the registry's login is created here; `pull_secret`
    is an existing one. Pods of the namespaces in `metrics_from` may reach the port of every service. `state`
    is the backend that keeps the state of its stack, `local`, or empty where none was chosen.

    `annotations` belong to the object that `gateway` names. A load balancer accepts requests from the
    networks in `sources`, or from all, and keeps the `client_address` of each.
    """

    namespace: str
    kube_context: str
    storage_class: str
    gateway: str
    gateway_class: str
    domain: str
    registry_login: bool = False
    state: str = ""
    protected: bool = True
    pull_secret: str = ""
    metrics_from: tuple[str, ...] = ()
    annotations: tuple[tuple[str, str], ...] = ()
    sources: tuple[str, ...] = ()
    client_address: bool = False


def cluster_of(plan: DeploymentPlan) -> Cluster:
    """Return the cluster of a plan for this target."""
    found = plan.settings
    return Cluster(
        namespace=found.namespace,
        kube_context=found.kube_context,
        storage_class=found.storage_class,
        gateway=found.gateway,
        gateway_class=plan.gateway_class,
        domain=found.domain,
        registry_login=plan.registry_login,
        state=found.state,
        protected=found.protected,
        pull_secret=found.pull_secret,
        metrics_from=found.metrics_from,
        annotations=tuple(found.annotations.items()),
        sources=found.sources,
        client_address=found.client_address,
    )
