"""Whose a namespace is: of this state, of another one, of another system, or of nobody yet."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ..manifests.metadata import SYSTEM

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..cluster import Cluster
    from ..kubectl import Kubectl
    from .state import Recorded

# A ConfigMap that a state leaves in the namespace while it has something there. No service is called so.
MARK = "stack--owner"
KEY = "state"


@dataclass(frozen=True)
class Found:
    """A namespace as it is: an empty `uid` says that there is none, an empty `mark` that no state uses it."""

    uid: str = ""
    mark: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


def look(namespace: str, kubectl: Kubectl) -> Found:
    """Return a namespace as it is. KubectlError when the cluster does not tell."""
    metadata = kubectl.get("namespace", namespace, "--ignore-not-found").get("metadata")
    if not metadata:
        return Found()
    inside = replace(kubectl, namespace=namespace)
    data = inside.get("configmap", MARK, "--ignore-not-found").get("data") or {}
    return Found(metadata.get("uid", ""), data.get(KEY, ""), metadata.get("labels") or {})


def fault(
    system: str,
    environment: str,
    cluster: Cluster,
    found: Found,
    recorded: Recorded,
    *,
    refresh: bool = False,
) -> str:
    """Say why a state may not change a namespace; an empty text where it may.

    Before a `refresh` the namespace may be another one, or gone, but none that a state uses.
    """
    place = f"environments.{environment}"
    if recorded.namespace and recorded.namespace != found.uid and not refresh:
        where = f"'{cluster.context}'" if cluster.context else "in use"
        return (
            f"{place}: its stack is not in the namespace {cluster.namespace} of the cluster of the context "
            f"{where}: choose the context and the namespace that it is in, or say REFRESH=yes, if that was "
            "deleted by hand"
        )
    if owner := stranger(system, cluster, found):
        return f"{place}.namespace: '{cluster.namespace}' is there, and {owner}"
    if elsewhere := other_state(cluster, found, recorded):
        return f"{place}.namespace: {elsewhere}"
    return ""


def ready(labels: Mapping[str, str], found: Found, recorded: Recorded) -> bool:
    """Return whether others have made the namespace, with these labels: then it is read and never changed."""
    return not recorded.made_namespace and labelled(labels, found)


def labelled(labels: Mapping[str, str], found: Found) -> bool:
    """Return whether a namespace is there, with these labels."""
    return bool(found.uid) and labels.items() <= found.labels.items()


def stranger(system: str, cluster: Cluster, found: Found) -> str:
    """Say whose the namespace is when it is there and not the system's, by its labels."""
    owner = found.labels.get(SYSTEM)
    if not found.uid or owner == system:
        return ""
    advice = (
        f"`kubectl label namespace {cluster.namespace} {SYSTEM}={system} --overwrite` gives it to {system}"
    )
    return f"it is {f'of {owner}' if owner else 'not of this system'}; {advice}"


def other_state(cluster: Cluster, found: Found, recorded: Recorded) -> str:
    """Say that another state has something in the namespace, where that is so."""
    if found.mark in {"", recorded.mark}:
        return ""
    release = f"`kubectl --namespace {cluster.namespace} delete configmap {MARK}`"
    return (
        f"'{cluster.namespace}' was deployed from another Pulumi state: run this from the clone or the "
        f"backend (`state` in cn.yaml) that has it; if it is lost, {release} frees the namespace"
    )
