"""What is asked of a cluster before anything is made there: each fault names the key to change."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .cluster import cluster_of
from .kubectl import Kubectl, KubectlError, NoKubectlError
from .live import claim, rights
from .live.claim import Found
from .manifests.network_policies import NAME_PORTS
from .manifests.system import System
from .manifests.workloads import READY_SECONDS, Limits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...plan.model import DeploymentPlan
    from .cluster import Cluster
    from .live.state import Recorded

# The Service by which pods ask for names, wherever a cluster has it, and its port.
_NAMES_AT, _NAMES, _DNS = "kube-system", "kube-dns", 53
_DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"


def faults(plan: DeploymentPlan, kubectl: Kubectl, recorded: Recorded) -> tuple[tuple[str, ...], Found]:
    """Return why a cluster cannot take an environment, and its namespace as far as this user may look at it.

    `recorded` is what the state of the stack has of it. Nothing is known where kubectl is not installed.
    """
    place = f"environments.{plan.environment}"
    try:
        kubectl.run("get", "--raw=/version")
        found = _look(plan.settings.namespace, kubectl)
    except NoKubectlError:
        return (), Found()
    except KubectlError as error:
        named = (
            f"of the context '{plan.settings.kube_context}'"
            if plan.settings.kube_context
            else "of the current context"
        )
        told = f"the cluster {named} does not answer: {error}{_contexts(kubectl)}"
        return (f"{place}.kube_context: {told}",), Found()
    if found and (fault := claim.fault(plan.project, plan.environment, cluster_of(plan), found, recorded)):
        return (fault,), found
    lacking = (*_rights(plan, place, kubectl, found), *_storage(plan, cluster_of(plan), place, kubectl))
    return lacking, found or Found()


def warnings(kubectl: Kubectl) -> Iterator[str]:
    """Warn of servers of names that listen on a port that no policy opens, where this user may look."""
    try:
        spec = replace(kubectl, namespace=_NAMES_AT).get("service", _NAMES)["spec"]
    except KubectlError:
        return
    ports = {port.get("targetPort", port["port"]) for port in spec.get("ports") or () if port["port"] == _DNS}
    # A name stands for a port that only the pods tell.
    closed = sorted(port for port in ports if isinstance(port, int) and port not in NAME_PORTS)
    if closed:
        yield (
            f"the pods of the Service {_NAMES_AT}/{_NAMES} listen on {', '.join(map(str, closed))}, and "
            f"policies open {' and '.join(map(str, NAME_PORTS))}: nothing finds a service or a database by "
            "its name until a NetworkPolicy of your own in the namespace opens that port, too"
        )


def _look(namespace: str, kubectl: Kubectl) -> Found | None:
    try:
        return claim.look(namespace, kubectl)
    except KubectlError as error:
        if error.forbidden:
            return None  # not everybody may look at it
        raise


def _contexts(kubectl: Kubectl) -> str:
    try:
        known = Kubectl(kubeconfig=kubectl.kubeconfig).run("config", "get-contexts", "--output=name").split()
    except KubectlError:
        return ""
    return f" (contexts here: {', '.join(sorted(known))})" if known else " (the kubeconfig has no context)"


def _rights(plan: DeploymentPlan, place: str, kubectl: Kubectl, found: Found | None) -> Iterator[str]:
    name = plan.settings.namespace
    labels = System(plan, Limits(READY_SECONDS)).namespace()["metadata"]["labels"]
    there = found is not None and bool(found.uid)
    verb = "patch" if there else "create"
    try:
        [may] = rights.allowed(kubectl, [(verb, "", "namespaces")], name if there else "")
        lacking = rights.lacking(plan, cluster_of(plan), kubectl)
    except KubectlError:
        return
    if not may and found is None:
        yield (
            f"{place}.namespace: there is no '{name}', or this user may not look at it, nor make namespaces: "
            "have it made, or choose one that is there"
        )
    elif not may and not there:
        yield (
            f"{place}.namespace: there is no '{name}', and this user may not make namespaces: "
            "have it made, or choose one that is there"
        )
    elif found and not may and not claim.labelled(labels, found):
        each = " ".join(f"{key}={value}" for key, value in labels.items() if found.labels.get(key) != value)
        yield (
            f"{place}.namespace: '{name}' lacks labels, and this user may not set them: have it labelled by "
            f"`kubectl label --overwrite namespace {name} {each}`"
        )
    if lacking:
        yield f"{place}.kube_context: {lacking}"


def _storage(plan: DeploymentPlan, cluster: Cluster, place: str, kubectl: Kubectl) -> Iterator[str]:
    if not any(service.database for service in plan.services):
        return
    try:
        classes = kubectl.get("storageclass")["items"]
    except KubectlError:
        return  # not everybody may list them
    names = sorted(item["metadata"]["name"] for item in classes)
    choice = f"choose from {', '.join(names)}" if names else "the cluster has none"
    if cluster.storage_class and cluster.storage_class not in names:
        yield f"{place}.storage_class: the cluster has no class '{cluster.storage_class}' ({choice})"
    defaults = [
        item for item in classes if (item["metadata"].get("annotations") or {}).get(_DEFAULT_CLASS) == "true"
    ]
    if not cluster.storage_class and not defaults:
        yield f"{place}.storage_class: the cluster has no default class, so name one ({choice})"
