"""The objects that run pods: Deployment, StatefulSet, Job, and those beside them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ....plan import postgres
from . import probes
from .metadata import PodGroup, named_by_content
from .pod_template import ADDRESS, PASSWORD, PORT, SECRETS, PodOptions, template, topology_spread

if TYPE_CHECKING:
    from ....plan.model import Container, Scaling, Service
    from ..cluster import Cluster
    from .metadata import Object

DATABASE_PORT_NAME = "postgres"
# The default timeout of pods until they are ready, with the pull of their images.
READY_SECONDS = 180
PULL_SECRET = "registry"
CLAIM_SIZE = "10Gi"
GATEWAY_REPLICAS = 2
# How long a container without graceful shutdown keeps running before it gets SIGTERM.
DRAIN_SECONDS = 5
# A container without a readiness probe counts as available after so many seconds.
RUNNING_SECONDS = 5
REVISION_HISTORY = 3
# Scaling up is immediate. Scaling down waits for this time, and removes half of the replicas at a time.
SCALE_DOWN_SECONDS = 60


@dataclass(frozen=True)
class Timeouts:
    """The timeouts of a rollout and a migration, in seconds."""

    ready_seconds: int

    @property
    def migration_seconds(self) -> int:
        """Ten times the timeout of a rollout."""
        return 10 * self.ready_seconds


def pull_secret_name(cluster: Cluster) -> str:
    """Return the name of the image pull secret, or empty if none is needed."""
    return cluster.pull_secret or (PULL_SECRET if cluster.registry_login else "")


def service_account(pods: PodGroup, cluster: Cluster) -> Object:
    """Return the service account of pods: without permissions or a token, with the image pull secret."""
    name = pull_secret_name(cluster)
    pull = {"imagePullSecrets": [{"name": name}]} if name else {}
    return pods.manifest("ServiceAccount", name=pods.name, automountServiceAccountToken=False, **pull)


def pull_secret(pods: PodGroup, config: Any) -> Object:
    """Return the image pull secret, which holds a Docker client configuration."""
    data = {".dockerconfigjson": config}
    return pods.manifest("Secret", name=PULL_SECRET, type="kubernetes.io/dockerconfigjson", stringData=data)


def config_map(pods: PodGroup, planned: Container) -> Object:
    """Return the ConfigMap of a container: its configuration file, or else its plain variables."""
    configuration = planned.configuration
    data = {configuration.name: configuration.text} if configuration else dict(planned.variables)
    return pods.manifest(
        "ConfigMap", name=named_by_content(pods.object_name, data), immutable=True, data=data
    )


def service_pod_options(service: Service, planned: Container, config_map: Any, secret: Any) -> PodOptions:
    """Return the options of the pods of a service.

    An image with the service contract reads the URL of its database from a file, all others from a variable.
    """
    own = planned.probe is not None
    variables: tuple[Object, ...] = ()
    if planned.secrets and own:
        reference = {"secretKeyRef": {"name": secret, "key": ADDRESS}}
        variables = ({"name": planned.secrets[0].variable, "valueFrom": reference},)
    elif planned.secrets:
        variables = ({"name": f"{planned.secrets[0].variable}_FILE", "value": f"{SECRETS}/{ADDRESS}"},)
    return PodOptions(
        port=service.port,
        probes=probes.of_own(planned.probe) if planned.probe else probes.of_contract(),
        config_map=config_map,
        secret=secret if planned.secrets and not own else None,
        variables=variables,
        drain_seconds=DRAIN_SECONDS if own else 0,
    )


def deployment(
    pods: PodGroup, planned: Container, options: PodOptions, replicas: int | None, timeouts: Timeouts
) -> Object:
    """Return a Deployment; without `replicas` an autoscaler sets the number."""
    pod = template(pods, planned, pods.name, options)
    pod["spec"]["topologySpreadConstraints"] = topology_spread(pods)
    asked = "readinessProbe" in (options.probes or {})
    return pods.manifest(
        "Deployment",
        "apps/v1",
        spec={
            **({} if replicas is None else {"replicas": replicas}),
            **({} if asked else {"minReadySeconds": RUNNING_SECONDS}),
            "revisionHistoryLimit": REVISION_HISTORY,
            "progressDeadlineSeconds": timeouts.ready_seconds,
            "selector": {"matchLabels": pods.selector},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0}},
            "template": pod,
        },
    )


def autoscaler(pods: PodGroup, least: int, scaling: Scaling, cpu_millis: int) -> Object:
    """Return the autoscaler of a Deployment, by its use of CPU."""
    target = {"type": "AverageValue", "averageValue": f"{max(1, cpu_millis * scaling.cpu // 100)}m"}
    return pods.manifest(
        "HorizontalPodAutoscaler",
        "autoscaling/v2",
        spec={
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": pods.object_name},
            "minReplicas": least,
            "maxReplicas": scaling.most,
            "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": target}}],
            "behavior": {
                "scaleDown": {
                    "stabilizationWindowSeconds": SCALE_DOWN_SECONDS,
                    "policies": [{"type": "Percent", "value": 50, "periodSeconds": SCALE_DOWN_SECONDS}],
                }
            },
        },
    )


def pod_disruption_budget(pods: PodGroup) -> Object:
    """Return the pod disruption budget: a drain of nodes evicts one replica at a time."""
    return pods.manifest(
        "PodDisruptionBudget",
        "policy/v1",
        spec={
            "maxUnavailable": 1,
            "unhealthyPodEvictionPolicy": "AlwaysAllow",
            "selector": {"matchLabels": pods.selector},
        },
    )


def service_object(pods: PodGroup, name: str, port: int, **fields: Any) -> Object:
    """Return the Service of pods."""
    word = DATABASE_PORT_NAME if pods.component == "database" else PORT
    target = {"name": word, "port": port, "targetPort": word}
    return pods.manifest("Service", name=name, spec={**fields, "selector": pods.selector, "ports": [target]})


def migration(pods: PodGroup, planned: Container, options: PodOptions, timeouts: Timeouts) -> Object:
    """Return the Job that migrates a database; each image gets a new one."""
    pod = template(pods, planned, "migrate", options)
    pod["spec"]["restartPolicy"] = "Never"
    spec = {
        "backoffLimit": planned.retries,
        "activeDeadlineSeconds": timeouts.migration_seconds,
        "template": pod,
    }
    return pods.manifest("Job", "batch/v1", name=named_by_content(pods.object_name, spec), spec=spec)


def database(pods: PodGroup, planned: Container, secret: Any, storage_class: str) -> Object:
    """Return the database server, with a claim for the volume that outlives it."""
    # The start script reads the password from a variable, and unsets it before it starts the server.
    start = f"read -r APP_PASSWORD <{SECRETS}/{PASSWORD}\nexport APP_PASSWORD\n"
    options = PodOptions(
        port=postgres.PORT,
        port_name=DATABASE_PORT_NAME,
        probes=probes.of_check(planned.check) if planned.check else None,
        secret=secret,
        variables=tuple({"name": name, "value": value} for name, value in planned.variables),
        arguments=(*planned.command[:-1], start + planned.command[-1]),
        volume_claim="data",
    )
    volume_claim = {
        **({"storageClassName": storage_class} if storage_class else {}),
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": CLAIM_SIZE}},
    }
    return pods.manifest(
        "StatefulSet",
        "apps/v1",
        spec={
            "serviceName": pods.object_name,
            "replicas": 1,
            # With OrderedReady, a pod that never becomes ready would block the rollout that fixes it.
            "podManagementPolicy": "Parallel",
            "selector": {"matchLabels": pods.selector},
            "template": template(pods, planned, "postgres", options),
            "volumeClaimTemplates": [
                {"metadata": {"name": "data", "labels": pods.labels}, "spec": volume_claim}
            ],
        },
    )
