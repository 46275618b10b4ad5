"""Checks a cluster before a deployment: each fault names the field to change."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .cluster import cluster_of
from .kubectl import Kubectl, KubectlError, NoKubectlError
from .live import ownership, permissions
from .live.ownership import LiveNamespace
from .manifests.network_policies import DNS_PORTS
from .manifests.system import SystemManifests
from .manifests.workloads import READY_SECONDS, Timeouts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...plan.model import DeploymentPlan
    from .cluster import Cluster
    from .live.recorded_state import RecordedState

# The Service of the cluster's DNS, and its port.
_DNS_NAMESPACE, _DNS_SERVICE, _DNS_PORT = "kube-system", "kube-dns", 53
_DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"


def faults(
    plan: DeploymentPlan, kubectl: Kubectl, recorded: RecordedState
) -> tuple[tuple[str, ...], LiveNamespace]:
    """Return the faults that prevent a deployment, and the namespace if this user may read it.

    `recorded` is the environment in the state of the stack. Without kubectl nothing is checked.
    """
    place = f"environments.{plan.environment}"
    try:
        kubectl.run("get", "--raw=/version")
        found = _read_namespace(plan.settings.namespace, kubectl)
    except NoKubectlError:
        return (), LiveNamespace()
    except KubectlError as error:
        named = (
            f"of context '{plan.settings.kube_context}'"
            if plan.settings.kube_context
            else "of the current context"
        )
        reason = f"cannot connect to the cluster {named}: {error}{_contexts(kubectl)}"
        return (f"{place}.kube_context: {reason}",), LiveNamespace()
    if found and (
        fault := ownership.fault(plan.project, plan.environment, cluster_of(plan), found, recorded)
    ):
        return (fault,), found
    lacking = (*_permissions(plan, place, kubectl, found), *_storage(plan, cluster_of(plan), place, kubectl))
    return lacking, found or LiveNamespace()


def warnings(kubectl: Kubectl) -> Iterator[str]:
    """Warn if the cluster's DNS listens on a port that the network policies do not allow."""
    try:
        spec = replace(kubectl, namespace=_DNS_NAMESPACE).get("service", _DNS_SERVICE)["spec"]
    except KubectlError:
        return
    ports = {
        port.get("targetPort", port["port"]) for port in spec.get("ports") or () if port["port"] == _DNS_PORT
    }
    # The number of a named port is known to the pods only.
    closed = sorted(port for port in ports if isinstance(port, int) and port not in DNS_PORTS)
    if closed:
        yield (
            f"the pods of the Service {_DNS_NAMESPACE}/{_DNS_SERVICE} listen on {', '.join(map(str, closed))}"
            f", but the network policies allow only {' and '.join(map(str, DNS_PORTS))}, so DNS fails; "
            "add a NetworkPolicy that allows egress to that port"
        )


def _read_namespace(namespace: str, kubectl: Kubectl) -> LiveNamespace | None:
    try:
        return ownership.read_namespace(namespace, kubectl)
    except KubectlError as error:
        if error.forbidden:
            return None  # this user may not read it
        raise


def _contexts(kubectl: Kubectl) -> str:
    try:
        known = Kubectl(kubeconfig=kubectl.kubeconfig).run("config", "get-contexts", "--output=name").split()
    except KubectlError:
        return ""
    return f" (contexts: {', '.join(sorted(known))})" if known else " (the kubeconfig has no contexts)"


def _permissions(
    plan: DeploymentPlan, place: str, kubectl: Kubectl, found: LiveNamespace | None
) -> Iterator[str]:
    name = plan.settings.namespace
    labels = SystemManifests(plan, Timeouts(READY_SECONDS)).namespace()["metadata"]["labels"]
    exists = found is not None and bool(found.uid)
    verb = "patch" if exists else "create"
    try:
        [may] = permissions.allowed(kubectl, [(verb, "", "namespaces")], name if exists else "")
        lacking = permissions.missing_permissions(plan, cluster_of(plan), kubectl)
    except KubectlError:
        return
    if not may and found is None:
        yield (
            f"{place}.namespace: '{name}' does not exist or this user cannot get it, and cannot create "
            "namespaces; ask an administrator to create it, or choose an existing one"
        )
    elif not may and not exists:
        yield (
            f"{place}.namespace: '{name}' does not exist, and this user cannot create namespaces; "
            "ask an administrator to create it, or choose an existing one"
        )
    elif found and not may and not ownership.has_labels(labels, found):
        each = " ".join(f"{key}={value}" for key, value in labels.items() if found.labels.get(key) != value)
        yield (
            f"{place}.namespace: '{name}' lacks labels, and this user cannot set them; ask an administrator "
            f"to run `kubectl label --overwrite namespace {name} {each}`"
        )
    if lacking:
        yield f"{place}.kube_context: {lacking}"


def _storage(plan: DeploymentPlan, cluster: Cluster, place: str, kubectl: Kubectl) -> Iterator[str]:
    if not any(service.database for service in plan.services):
        return
    try:
        classes = kubectl.get("storageclass")["items"]
    except KubectlError:
        return  # this user may not list them
    names = sorted(item["metadata"]["name"] for item in classes)
    choice = f"choose from {', '.join(names)}" if names else "the cluster has no storage classes"
    if cluster.storage_class and cluster.storage_class not in names:
        yield f"{place}.storage_class: no storage class '{cluster.storage_class}' on the cluster; {choice}"
    defaults = [
        item for item in classes if (item["metadata"].get("annotations") or {}).get(_DEFAULT_CLASS) == "true"
    ]
    if not cluster.storage_class and not defaults:
        yield f"{place}.storage_class: is required, as the cluster has no default storage class; {choice}"
