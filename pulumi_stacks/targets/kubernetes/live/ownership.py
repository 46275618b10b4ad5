"""Checks the owner of a namespace: this state, another state, another system, or none."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ..manifests.metadata import SYSTEM

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..cluster import Cluster
    from ..kubectl import Kubectl
    from .recorded_state import RecordedState

# The ConfigMap with the id of the state that owns the namespace. No service can have its name.
OWNER_CONFIG_MAP = "stack--owner"
STATE_KEY = "state"


@dataclass(frozen=True)
class LiveNamespace:
    """A namespace on the cluster: `uid` is empty if it does not exist, `state_id` if no state owns it."""

    uid: str = ""
    state_id: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


def read_namespace(namespace: str, kubectl: Kubectl) -> LiveNamespace:
    """Return a namespace as it is on the cluster. KubectlError when kubectl fails."""
    metadata = kubectl.get("namespace", namespace, "--ignore-not-found").get("metadata")
    if not metadata:
        return LiveNamespace()
    inside = replace(kubectl, namespace=namespace)
    data = inside.get("configmap", OWNER_CONFIG_MAP, "--ignore-not-found").get("data") or {}
    return LiveNamespace(metadata.get("uid", ""), data.get(STATE_KEY, ""), metadata.get("labels") or {})


def fault(
    system: str,
    environment: str,
    cluster: Cluster,
    found: LiveNamespace,
    recorded: RecordedState,
    *,
    refresh: bool = False,
) -> str:
    """Explain why a state must not change a namespace; empty if it may.

    Before a `refresh` the namespace may be another one, or deleted, but not one that another state owns.
    """
    place = f"environments.{environment}"
    if recorded.namespace and recorded.namespace != found.uid and not refresh:
        where = f"context '{cluster.kube_context}'" if cluster.kube_context else "current context"
        return (
            f"{place}: its stack is not in the namespace '{cluster.namespace}' of the {where}; set "
            "kube_context and namespace to where it was deployed, or add REFRESH=yes if that was deleted"
        )
    if owner := other_owner(system, cluster, found):
        return f"{place}.namespace: '{cluster.namespace}' already exists: {owner}"
    if elsewhere := other_state(cluster, found, recorded):
        return f"{place}.namespace: {elsewhere}"
    return ""


def is_provided(labels: Mapping[str, str], found: LiveNamespace, recorded: RecordedState) -> bool:
    """Return whether the namespace was created elsewhere, with these labels: then it is only read."""
    return not recorded.created_namespace and has_labels(labels, found)


def has_labels(labels: Mapping[str, str], found: LiveNamespace) -> bool:
    """Return whether a namespace exists and has these labels."""
    return bool(found.uid) and labels.items() <= found.labels.items()


def other_owner(system: str, cluster: Cluster, found: LiveNamespace) -> str:
    """Name the system that owns an existing namespace, by its labels; empty if it is this one."""
    owner = found.labels.get(SYSTEM)
    if not found.uid or owner == system:
        return ""
    command = f"kubectl label namespace {cluster.namespace} {SYSTEM}={system} --overwrite"
    reason = f"it belongs to system {owner}" if owner else "it does not belong to this system"
    return f"{reason}; to assign it to {system}, run `{command}`"


def other_state(cluster: Cluster, found: LiveNamespace, recorded: RecordedState) -> str:
    """Explain that another state owns the namespace; empty if none does."""
    if found.state_id in {"", recorded.state_id}:
        return ""
    release = f"`kubectl --namespace {cluster.namespace} delete configmap {OWNER_CONFIG_MAP}`"
    return (
        f"'{cluster.namespace}' was deployed from another Pulumi state; run this from the clone or with the "
        f"backend (`state` in cn.yaml) that has this state; if the state is lost, run {release}"
    )
