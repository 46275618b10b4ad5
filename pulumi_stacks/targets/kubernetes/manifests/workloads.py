"""What runs: the objects of a service, of its database, of its migration and of the gateway. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ....plan import postgres
from . import probes
from .metadata import Part, named_by_content
from .pod_template import ADDRESS, PASSWORD, PORT, SECRETS, Extras, spread, template

if TYPE_CHECKING:
    from ....plan.model import Container, Scaling, Service
    from ..cluster import Cluster
    from .metadata import Object

DATABASE_PORT_NAME = "postgres"
# So long may pods take to be ready, their images included.
READY_SECONDS = 180
PULL_SECRET = "registry"
CLAIM_SIZE = "10Gi"
GATEWAY_REPLICAS = 2
# What does not drain by itself waits for so long before it is told to end.
DRAIN_SECONDS = 5
# An image that cannot be asked counts as ready when it has run for so long.
RUNNING_SECONDS = 5
KEPT_REVISIONS = 3
# More replicas come at once. They go when the load has been low for a while, half of them at a time.
CALM_SECONDS = 60


@dataclass(frozen=True)
class Limits:
    """How long a roll-out and a migration may take, in seconds."""

    ready_seconds: int

    @property
    def migration_seconds(self) -> int:
        """A migration may take ten times as long as becoming ready."""
        return 10 * self.ready_seconds


def pulls_by(cluster: Cluster) -> str:
    """Return the name of the Secret that opens the registry, or nothing where none is needed."""
    return cluster.pull_secret or (PULL_SECRET if cluster.pulls else "")


def account(part: Part, cluster: Cluster) -> Object:
    """Return the identity of a part's pods: it gives no rights and no token, and may open a registry."""
    name = pulls_by(cluster)
    pull = {"imagePullSecrets": [{"name": name}]} if name else {}
    return part.make("ServiceAccount", name=part.name, automountServiceAccountToken=False, **pull)


def pull_secret(part: Part, config: Any) -> Object:
    """Return the Secret that opens the registry: a configuration of Docker's client."""
    data = {".dockerconfigjson": config}
    return part.make("Secret", name=PULL_SECRET, type="kubernetes.io/dockerconfigjson", stringData=data)


def settings(part: Part, box: Container) -> Object:
    """Return a container's configuration, or its plain variables, under a name that changes with them."""
    configuration = box.configuration
    data = {configuration.name: configuration.text} if configuration else dict(box.variables)
    return part.make("ConfigMap", name=named_by_content(part.title, data), immutable=True, data=data)


def service_extras(service: Service, box: Container, settings: Any, secret: Any) -> Extras:
    """Return what the pods of a service have, beside the plan of their container.

    What keeps the contract reads the database's address from a file; an image of its own, from a variable.
    """
    own = box.probe is not None
    variables: tuple[Object, ...] = ()
    if box.secrets and own:
        reference = {"secretKeyRef": {"name": secret, "key": ADDRESS}}
        variables = ({"name": box.secrets[0].variable, "valueFrom": reference},)
    elif box.secrets:
        variables = ({"name": f"{box.secrets[0].variable}_FILE", "value": f"{SECRETS}/{ADDRESS}"},)
    return Extras(
        port=service.port,
        probes=probes.of_own(box.probe) if box.probe else probes.of_contract(),
        settings=settings,
        secret=secret if box.secrets and not own else None,
        variables=variables,
        drain_seconds=DRAIN_SECONDS if own else 0,
    )


def deployment(part: Part, box: Container, extras: Extras, replicas: int | None, limits: Limits) -> Object:
    """Return the Deployment of a part; without a number of replicas an autoscaler owns it."""
    pod = template(part, box, part.name, extras)
    pod["spec"]["topologySpreadConstraints"] = spread(part)
    asked = "readinessProbe" in (extras.probes or {})
    return part.make(
        "Deployment",
        "apps/v1",
        spec={
            **({} if replicas is None else {"replicas": replicas}),
            **({} if asked else {"minReadySeconds": RUNNING_SECONDS}),
            "revisionHistoryLimit": KEPT_REVISIONS,
            "progressDeadlineSeconds": limits.ready_seconds,
            "selector": {"matchLabels": part.selector},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0}},
            "template": pod,
        },
    )


def autoscaler(part: Part, least: int, scaling: Scaling, cpu_millis: int) -> Object:
    """Return what changes the number of replicas with their load."""
    target = {"type": "AverageValue", "averageValue": f"{max(1, cpu_millis * scaling.cpu // 100)}m"}
    return part.make(
        "HorizontalPodAutoscaler",
        "autoscaling/v2",
        spec={
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": part.title},
            "minReplicas": least,
            "maxReplicas": scaling.most,
            "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": target}}],
            "behavior": {
                "scaleDown": {
                    "stabilizationWindowSeconds": CALM_SECONDS,
                    "policies": [{"type": "Percent", "value": 50, "periodSeconds": CALM_SECONDS}],
                }
            },
        },
    )


def budget(part: Part) -> Object:
    """Return the promise that no more than one replica at a time is taken away for the node's sake."""
    return part.make(
        "PodDisruptionBudget",
        "policy/v1",
        spec={
            "maxUnavailable": 1,
            "unhealthyPodEvictionPolicy": "AlwaysAllow",
            "selector": {"matchLabels": part.selector},
        },
    )


def address(part: Part, name: str, port: int, **fields: Any) -> Object:
    """Return the Service under whose name the ready pods of a part are called."""
    word = DATABASE_PORT_NAME if part.component == "database" else PORT
    target = {"name": word, "port": port, "targetPort": word}
    return part.make("Service", name=name, spec={**fields, "selector": part.selector, "ports": [target]})


def migration(part: Part, box: Container, extras: Extras, limits: Limits) -> Object:
    """Return the Job that brings a database to the image's revision; a new image has a new one."""
    pod = template(part, box, "migrate", extras)
    pod["spec"]["restartPolicy"] = "Never"
    spec = {
        "backoffLimit": box.retries,
        "activeDeadlineSeconds": limits.migration_seconds,
        "template": pod,
    }
    return part.make("Job", "batch/v1", name=named_by_content(part.title, spec), spec=spec)


def database(part: Part, box: Container, secret: Any, storage_class: str) -> Object:
    """Return the database server with a claim for the volume that outlives it."""
    # The server takes its password from a variable, and takes that away before it starts.
    start = f"read -r APP_PASSWORD <{SECRETS}/{PASSWORD}\nexport APP_PASSWORD\n"
    extras = Extras(
        port=postgres.PORT,
        port_name=DATABASE_PORT_NAME,
        probes=probes.of_check(box.check) if box.check else None,
        secret=secret,
        variables=tuple({"name": name, "value": value} for name, value in box.variables),
        arguments=(*box.command[:-1], start + box.command[-1]),
        claim="data",
    )
    claim = {
        **({"storageClassName": storage_class} if storage_class else {}),
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": CLAIM_SIZE}},
    }
    return part.make(
        "StatefulSet",
        "apps/v1",
        spec={
            "serviceName": part.title,
            "replicas": 1,
            # In order, a server that never gets ready would be in the way of the one that mends it.
            "podManagementPolicy": "Parallel",
            "selector": {"matchLabels": part.selector},
            "template": template(part, box, "postgres", extras),
            "volumeClaimTemplates": [{"metadata": {"name": "data", "labels": part.labels}, "spec": claim}],
        },
    )
