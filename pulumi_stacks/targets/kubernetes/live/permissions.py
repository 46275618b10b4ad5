"""The permissions in a namespace that a deployment needs: checked before it, and printed as a Role."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ....plan.model import DeploymentPlan
    from ..cluster import Cluster
    from ..kubectl import Kubectl

Rule = dict[str, list[str]]

_READ = ["get", "list", "watch"]
_WRITE = ["create", "delete", "patch", *_READ]


def rules(plan: DeploymentPlan) -> list[Rule]:
    """Return the rules of a Role that can deploy an environment, and nothing more."""
    services = plan.services
    apps = ["deployments", *(["statefulsets"] if any(one.database for one in services) else [])]
    networking = ["networkpolicies", *(["ingresses"] if plan.settings.gateway == "ingress" else [])]
    found = [
        _rule("", ["configmaps", "secrets", "serviceaccounts", "services"], _WRITE),
        _rule("apps", apps, _WRITE),
        _rule("networking.k8s.io", networking, _WRITE),
        _rule("policy", ["poddisruptionbudgets"], _WRITE),
    ]
    if plan.settings.gateway == "gateway-api":
        found.append(_rule("gateway.networking.k8s.io", ["gateways", "httproutes"], _WRITE))
    if any(one.scaling for one in services):
        found.append(_rule("autoscaling", ["horizontalpodautoscalers"], _WRITE))
    if any(one.migration for one in services):
        found.append(_rule("batch", ["jobs"], _WRITE))
    return [
        *found,
        # A Role in a namespace also covers the namespace object itself.
        _rule("", ["namespaces"], ["get"]),
        # To wait until objects are ready, and to report why they are not.
        _rule("", ["events", "persistentvolumeclaims", "pods"], _READ),
        _rule("", ["pods/log"], ["get"]),
        _rule("apps", ["replicasets"], _READ),
        _rule("discovery.k8s.io", ["endpointslices"], _READ),
    ]


def _rule(group: str, resources: list[str], verbs: list[str]) -> Rule:
    return {"apiGroups": [group], "resources": resources, "verbs": verbs}


def role(plan: DeploymentPlan) -> dict[str, Any]:
    """Return the Role that a deployment of an environment needs in its namespace."""
    metadata = {"name": f"{plan.project}-deployer", "namespace": plan.settings.namespace}
    kind = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role"}
    return {**kind, "metadata": metadata, "rules": rules(plan)}


def allowed(kubectl: Kubectl, asked: Sequence[tuple[str, str, str]], namespace: str) -> list[bool]:
    """Return whether this user has each permission (verb, group, resource). KubectlError if kubectl fails."""
    reviews = [_review(*one, namespace) for one in asked]
    output = kubectl.run(
        "create",
        "--filename=-",
        '--output=jsonpath={.status.allowed}{"\\n"}',
        stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": reviews}),
    )
    return [line == "true" for line in output.splitlines()]


def _review(verb: str, group: str, resource: str, namespace: str) -> dict[str, Any]:
    name, _, part = resource.partition("/")
    attributes = {"verb": verb, "group": group, "resource": name, "namespace": namespace}
    if part:
        attributes["subresource"] = part
    return {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": attributes},
    }


def missing_permissions(plan: DeploymentPlan, cluster: Cluster, kubectl: Kubectl) -> str:
    """Name the permissions that this user lacks in the namespace; empty if none. KubectlError as above."""
    needed = list(_each(rules(plan)))
    # Most users have all verbs on a resource: one review instead of six.
    whole = list(dict.fromkeys(("*", group, resource) for _, group, resource in needed))
    answers = allowed(kubectl, whole, cluster.namespace)
    unrestricted = {one[1:] for one, may in zip(whole, answers, strict=True) if may}
    asked = [one for one in needed if one[1:] not in unrestricted]
    answers = allowed(kubectl, asked, cluster.namespace) if asked else []
    missing: dict[str, list[str]] = {}
    for (verb, _, resource), may in zip(asked, answers, strict=True):
        if not may:
            missing.setdefault(resource, []).append(verb)
    each = [f"{', '.join(verbs)} {resource}" for resource, verbs in missing.items()]
    if not each:
        return ""
    return (
        f"this user cannot {'; '.join(each)} in the namespace '{cluster.namespace}'; bind the Role that "
        f"`make rights ENV={plan.environment}` prints"
    )


def _each(rules: Iterable[Rule]) -> Iterator[tuple[str, str, str]]:
    for rule in rules:
        for resource in rule["resources"]:
            for verb in rule["verbs"]:
                yield verb, rule["apiGroups"][0], resource
