"""What is asked of a cluster before anything is made there: each fault names the key to change."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .kubectl import Kubectl, KubectlError, NoKubectlError
from .objects import SYSTEM

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..deployment import Cluster, DeploymentPlan  # noqa: TID252

_KINDS = (
    ("", "configmaps"),
    ("", "secrets"),
    ("", "serviceaccounts"),
    ("", "services"),
    ("apps", "deployments"),
    ("networking.k8s.io", "networkpolicies"),
    ("policy", "poddisruptionbudgets"),
)
_DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"


def faults(plan: DeploymentPlan, kubectl: Kubectl) -> tuple[str, ...]:
    """Return why a cluster cannot take an environment; nothing where kubectl is not installed."""
    assert plan.cluster is not None  # noqa: S101
    place = f"environments.{plan.environment}"
    try:
        kubectl.run("get", "--raw=/version")
    except NoKubectlError:
        return ()
    except KubectlError as error:
        named = (
            f"of the context '{plan.cluster.context}'" if plan.cluster.context else "of the current context"
        )
        return (f"{place}.kube_context: the cluster {named} does not answer: {error}{_contexts(kubectl)}",)
    try:
        labels = labels_of(plan.cluster.namespace, kubectl)
    except KubectlError:
        labels = None  # not everybody may look at it
    owner = stranger(plan.project, plan.cluster, labels)
    return (
        *([f"{place}.namespace: '{plan.cluster.namespace}' is there, and {owner}"] if owner else []),
        *_rights(plan, plan.cluster, place, kubectl, there=labels is not None),
        *_storage(plan, plan.cluster, place, kubectl),
    )


def _contexts(kubectl: Kubectl) -> str:
    try:
        known = Kubectl(kubeconfig=kubectl.kubeconfig).run("config", "get-contexts", "--output=name").split()
    except KubectlError:
        return ""
    return f" (contexts here: {', '.join(sorted(known))})" if known else " (the kubeconfig has no context)"


def _rights(
    plan: DeploymentPlan, cluster: Cluster, place: str, kubectl: Kubectl, *, there: bool
) -> Iterator[str]:
    kinds = [*_KINDS]
    if any(service.database for service in plan.services):
        kinds.append(("apps", "statefulsets"))
    if any(service.scaling for service in plan.services):
        kinds.append(("autoscaling", "horizontalpodautoscalers"))
    if any(service.migration for service in plan.services):
        kinds.append(("batch", "jobs"))
    kinds += {
        "ingress": [("networking.k8s.io", "ingresses")],
        "gateway-api": [("gateway.networking.k8s.io", kind) for kind in ("gateways", "httproutes")],
    }.get(cluster.entry, [])
    asked = [_question("", "namespaces", ""), *(_question(*kind, cluster.namespace) for kind in kinds)]
    try:
        told = kubectl.run(
            "create",
            "--filename=-",
            '--output=jsonpath={.status.allowed}{"\\n"}',
            given=json.dumps(_list(asked)),
        )
    except KubectlError:
        return
    answers = [line == "true" for line in told.splitlines()]
    if not answers[0] and not there:
        yield (
            f"{place}.namespace: there is no '{cluster.namespace}', and this user may not make namespaces: "
            "have it made, or choose one that is there"
        )
    lacking = [kind for (_, kind), allowed in zip(kinds, answers[1:], strict=True) if not allowed]
    if lacking:
        yield (
            f"{place}.kube_context: this user may not make {', '.join(lacking)} in the namespace "
            f"'{cluster.namespace}': have a role bound there that may, or choose another context"
        )


def _question(group: str, resource: str, namespace: str) -> dict[str, Any]:
    attributes = {"verb": "create", "group": group, "resource": resource, "namespace": namespace}
    return {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": attributes},
    }


def _list(items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "List", "items": items}


def labels_of(namespace: str, kubectl: Kubectl) -> Mapping[str, str] | None:
    """Return the labels of a namespace, None where there is none; KubectlError when nobody tells."""
    told = kubectl.run("get", "namespace", namespace, "--ignore-not-found", "--output=json")
    return (json.loads(told)["metadata"].get("labels") or {}) if told.strip() else None


def stranger(system: str, cluster: Cluster, labels: Mapping[str, str] | None) -> str:
    """Say whose the namespace is when it is there and not the system's, by its labels."""
    owner = (labels or {}).get(SYSTEM)
    if labels is None or owner == system:
        return ""
    advice = (
        f"`kubectl label namespace {cluster.namespace} {SYSTEM}={system} --overwrite` gives it to {system}"
    )
    return f"it is {f'of {owner}' if owner else 'not of this system'}; {advice}"


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
