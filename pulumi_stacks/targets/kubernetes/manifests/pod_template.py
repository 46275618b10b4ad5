"""The pod template of a planned container: security context, resources, probes, volumes. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ....quantities import canonical_cpu, canonical_memory

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ....plan.model import Container
    from .metadata import Object, PodGroup

PORT = "http"
# The request for CPU is its limit divided by this. The request for memory is its limit.
CPU_REQUEST_DIVISOR = 4
# The folder where the Secret is mounted, and the files in it that a service or a database reads.
SECRETS = "/run/secrets/database"
ADDRESS, PASSWORD = "url", "password"
# The annotation that names volumes without data to keep: with any other volume on the disk of its node, a pod
# prevents the cluster autoscaler from removing the node.
EVICTABLE = "cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes"
_SIZES = {"k": "Ki", "m": "Mi", "g": "Gi"}


@dataclass(frozen=True)
class PodOptions:
    """What a pod has besides its planned container.

    `config_map` and `secret` are the names of its ConfigMap and its Secret, texts or outputs. The ConfigMap
    has the configuration file of the container, or else its variables. `volume_claim` names its claim.
    """

    port: int = 0
    port_name: str = PORT
    probes: Mapping[str, Object] | None = None
    config_map: Any = None
    secret: Any = None
    variables: tuple[Object, ...] = ()
    arguments: tuple[str, ...] = ()
    drain_seconds: int = 0
    volume_claim: str = ""


def template(pods: PodGroup, planned: Container, name: str, options: PodOptions) -> Object:
    """Return a pod template with one container."""
    user, _, group = planned.user.partition(":")
    volumes, mounts = _volumes(planned, options)
    container: Object = {
        "name": name,
        "image": planned.image.reference or planned.image.name,
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": _capabilities(planned),
        },
        "resources": _resources(planned),
        **_process(planned, options),
        **(options.probes or {}),
    }
    if mounts:
        container["volumeMounts"] = mounts
    spec: Object = {
        "serviceAccountName": pods.name,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": planned.grace_seconds + options.drain_seconds,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": int(user),
            "runAsGroup": int(group or user),
            "fsGroup": int(group or user),
            "fsGroupChangePolicy": "OnRootMismatch",
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [container],
    }
    if volumes:
        spec["volumes"] = volumes
    return {"metadata": {"labels": pods.labels, **_evictable(planned, volumes)}, "spec": spec}


def _evictable(planned: Container, volumes: list[Object]) -> Object:
    """Return the annotation for the scratch volumes of a pod; a Job is not evicted."""
    names = [] if planned.runs_once else [volume["name"] for volume in volumes if "emptyDir" in volume]
    return {"annotations": {EVICTABLE: ",".join(names)}} if names else {}


def _process(planned: Container, options: PodOptions) -> Object:
    """Return arguments, variables, port and the wait before termination."""
    found: Object = {}
    if options.arguments or planned.command:
        found["args"] = list(map(_escaped, options.arguments or planned.command))
    if options.config_map is not None and not planned.configuration:
        found["envFrom"] = [{"configMapRef": {"name": options.config_map}}]
    if options.variables:
        found["env"] = list(options.variables)
    if options.port:
        found["ports"] = [{"name": options.port_name, "containerPort": options.port}]
    if options.drain_seconds:
        # Endpoints are removed at the same time as the pod stops, and clients notice it a little later.
        found["lifecycle"] = {"preStop": {"sleep": {"seconds": options.drain_seconds}}}
    return found


def _escaped(word: str) -> str:
    """Escape a word, so that Kubernetes expands no variable in it."""
    return re.sub(r"\$(?=[$(])", "$$", word)


def _capabilities(planned: Container) -> Object:
    added = [capability.removeprefix("CAP_") for capability in planned.capabilities]
    return {"drop": ["ALL"], **({"add": added} if added else {})}


def _resources(planned: Container) -> Object:
    memory = canonical_memory(f"{planned.mebibytes}Mi")
    return {
        "requests": {"cpu": f"{-(-planned.cpu_millis // CPU_REQUEST_DIVISOR)}m", "memory": memory},
        "limits": {"cpu": canonical_cpu(f"{planned.cpu_millis}m"), "memory": memory},
    }


def _volumes(planned: Container, options: PodOptions) -> tuple[list[Object], list[Object]]:
    """Return the volumes of a pod and the mounts of its container."""
    volumes: list[Object] = []
    mounts: list[Object] = []
    for _, path in planned.volumes if options.volume_claim else ():
        mounts.append({"name": options.volume_claim, "mountPath": path})
    for number, (path, mount_options) in enumerate(planned.tmpfs, 1):
        volumes.append({"name": f"scratch-{number}", "emptyDir": {"sizeLimit": _size(mount_options)}})
        mounts.append({"name": f"scratch-{number}", "mountPath": path})
    if planned.configuration:
        volumes.append({"name": "configuration", "configMap": {"name": options.config_map}})
        mounts.append({"name": "configuration", "mountPath": planned.configuration.folder, "readOnly": True})
    if options.secret is not None:
        volumes.append({"name": "database", "secret": {"secretName": options.secret, "defaultMode": 0o440}})
        mounts.append({"name": "database", "mountPath": SECRETS, "readOnly": True})
    return volumes, mounts


def _size(options: str) -> str:
    """Return the size in the options of a tmpfs (`size=64m,mode=1777`) as a quantity."""
    size = dict(word.split("=", 1) for word in options.split(","))["size"]
    return f"{size[:-1]}{_SIZES[size[-1]]}"


def topology_spread(pods: PodGroup) -> list[Object]:
    """Return constraints that spread replicas over nodes and zones, if possible."""
    return [
        {
            "maxSkew": 1,
            "topologyKey": key,
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": pods.selector},
            "matchLabelKeys": ["pod-template-hash"],
        }
        for key in ("kubernetes.io/hostname", "topology.kubernetes.io/zone")
    ]
