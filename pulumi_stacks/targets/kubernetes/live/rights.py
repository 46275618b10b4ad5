"""The rights in a namespace that a deployment uses: asked for before it begins, and printed as a Role."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ....plan.model import DeploymentPlan
    from ..cluster import Cluster
    from ..kubectl import Kubectl

Rule = dict[str, list[str]]

_LOOK = ["get", "list", "watch"]
_MAKE = ["create", "delete", "patch", *_LOOK]


def rules(plan: DeploymentPlan) -> list[Rule]:
    """Return the rules of a Role for whoever deploys an environment: no more than is used."""
    services = plan.services
    apps = ["deployments", *(["statefulsets"] if any(one.database for one in services) else [])]
    networking = ["networkpolicies", *(["ingresses"] if plan.settings.gateway == "ingress" else [])]
    found = [
        _rule("", ["configmaps", "secrets", "serviceaccounts", "services"], _MAKE),
        _rule("apps", apps, _MAKE),
        _rule("networking.k8s.io", networking, _MAKE),
        _rule("policy", ["poddisruptionbudgets"], _MAKE),
    ]
    if plan.settings.gateway == "gateway-api":
        found.append(_rule("gateway.networking.k8s.io", ["gateways", "httproutes"], _MAKE))
    if any(one.scaling for one in services):
        found.append(_rule("autoscaling", ["horizontalpodautoscalers"], _MAKE))
    if any(one.migration for one in services):
        found.append(_rule("batch", ["jobs"], _MAKE))
    return [
        *found,
        # A Role of a namespace may open the namespace itself, too.
        _rule("", ["namespaces"], ["get"]),
        # To see that what was made gets well, and to say why it does not.
        _rule("", ["events", "persistentvolumeclaims", "pods"], _LOOK),
        _rule("", ["pods/log"], ["get"]),
        _rule("apps", ["replicasets"], _LOOK),
        _rule("discovery.k8s.io", ["endpointslices"], _LOOK),
    ]


def _rule(group: str, resources: list[str], verbs: list[str]) -> Rule:
    return {"apiGroups": [group], "resources": resources, "verbs": verbs}


def role(plan: DeploymentPlan) -> dict[str, Any]:
    """Return the Role that a deployment of an environment needs in its namespace."""
    metadata = {"name": f"{plan.project}-deployer", "namespace": plan.settings.namespace}
    kind = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role"}
    return {**kind, "metadata": metadata, "rules": rules(plan)}


def allowed(kubectl: Kubectl, asked: Sequence[tuple[str, str, str]], namespace: str) -> list[bool]:
    """Return whether this user may, for each verb, group and resource. KubectlError when nobody tells."""
    reviews = [_review(*one, namespace) for one in asked]
    told = kubectl.run(
        "create",
        "--filename=-",
        '--output=jsonpath={.status.allowed}{"\\n"}',
        given=json.dumps({"apiVersion": "v1", "kind": "List", "items": reviews}),
    )
    return [line == "true" for line in told.splitlines()]


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


def lacking(plan: DeploymentPlan, cluster: Cluster, kubectl: Kubectl) -> str:
    """Say which rights in its namespace this user lacks; an empty text when none. KubectlError as above."""
    each_rule = list(_each(rules(plan)))
    # Most may do everything with a resource, which is one question instead of six.
    whole = list(dict.fromkeys(("*", group, resource) for _, group, resource in each_rule))
    answers = allowed(kubectl, whole, cluster.namespace)
    open_to_all = {one[1:] for one, may in zip(whole, answers, strict=True) if may}
    asked = [one for one in each_rule if one[1:] not in open_to_all]
    answers = allowed(kubectl, asked, cluster.namespace) if asked else []
    missing: dict[str, list[str]] = {}
    for (verb, _, resource), may in zip(asked, answers, strict=True):
        if not may:
            missing.setdefault(resource, []).append(verb)
    each = [f"{', '.join(verbs)} {resource}" for resource, verbs in missing.items()]
    if not each:
        return ""
    return (
        f"this user may not {'; '.join(each)} in the namespace '{cluster.namespace}'; "
        f"`make rights ENV={plan.environment}` prints the Role to bind there"
    )


def _each(rules: Iterable[Rule]) -> Iterator[tuple[str, str, str]]:
    for rule in rules:
        for resource in rule["resources"]:
            for verb in rule["verbs"]:
                yield verb, rule["apiGroups"][0], resource
