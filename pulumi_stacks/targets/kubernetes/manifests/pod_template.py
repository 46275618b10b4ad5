"""A planned container as the pod that runs it: hardened, bounded, asked whether it is well. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ....quantities import canonical_cpu, canonical_memory

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ....plan.model import Container
    from .metadata import Object, Part

PORT = "http"
# Of its CPU a replica has this part for itself, and takes the rest when it is free. Memory it has whole.
RESERVED = 4
# Where secrets lie in the file system, and the file in there that a service or a database reads.
SECRETS = "/run/secrets/database"
ADDRESS, PASSWORD = "url", "password"
# By this the cluster's autoscaler knows which volumes on a node's disk hold nothing that has to be kept: a
# pod with any other keeps it from removing the node.
EVICTABLE = "cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes"
_SIZES = {"k": "Ki", "m": "Mi", "g": "Gi"}


@dataclass(frozen=True)
class Extras:
    """What a pod has beside its container's plan.

    `settings` and `secret` are the names of its ConfigMap and its Secret, texts or outputs. The ConfigMap has
    the configuration of the container, or else its variables.
    """

    port: int = 0
    port_name: str = PORT
    probes: Mapping[str, Object] | None = None
    settings: Any = None
    secret: Any = None
    variables: tuple[Object, ...] = ()
    arguments: tuple[str, ...] = ()
    drain_seconds: int = 0
    claim: str = ""


def template(part: Part, box: Container, name: str, extras: Extras) -> Object:
    """Return the template of a pod with one container of a name."""
    user, _, group = box.user.partition(":")
    volumes, mounts = _volumes(box, extras)
    container: Object = {
        "name": name,
        "image": box.image.reference or box.image.name,
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": _capabilities(box),
        },
        "resources": _resources(box),
        **_words(box, extras),
        **(extras.probes or {}),
    }
    if mounts:
        container["volumeMounts"] = mounts
    spec: Object = {
        "serviceAccountName": part.name,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": box.grace_seconds + extras.drain_seconds,
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
    return {"metadata": {"labels": part.labels, **_evictable(box, volumes)}, "spec": spec}


def _evictable(box: Container, volumes: list[Object]) -> Object:
    """Return the annotation that names the scratch volumes of a pod; what runs once is left to its end."""
    names = [] if box.runs_once else [volume["name"] for volume in volumes if "emptyDir" in volume]
    return {"annotations": {EVICTABLE: ",".join(names)}} if names else {}


def _words(box: Container, extras: Extras) -> Object:
    """Return command, variables, port and the wait before the end."""
    found: Object = {}
    if extras.arguments or box.command:
        found["args"] = list(map(_literal, extras.arguments or box.command))
    if extras.settings is not None and not box.configuration:
        found["envFrom"] = [{"configMapRef": {"name": extras.settings}}]
    if extras.variables:
        found["env"] = list(extras.variables)
    if extras.port:
        found["ports"] = [{"name": extras.port_name, "containerPort": extras.port}]
    if extras.drain_seconds:
        # Those that send requests learn of the end at the same moment, and not at once.
        found["lifecycle"] = {"preStop": {"sleep": {"seconds": extras.drain_seconds}}}
    return found


def _literal(word: str) -> str:
    """Write a word so that the cluster does not put a variable into it."""
    return re.sub(r"\$(?=[$(])", "$$", word)


def _capabilities(box: Container) -> Object:
    added = [capability.removeprefix("CAP_") for capability in box.capabilities]
    return {"drop": ["ALL"], **({"add": added} if added else {})}


def _resources(box: Container) -> Object:
    memory = canonical_memory(f"{box.mebibytes}Mi")
    return {
        "requests": {"cpu": f"{-(-box.cpu_millis // RESERVED)}m", "memory": memory},
        "limits": {"cpu": canonical_cpu(f"{box.cpu_millis}m"), "memory": memory},
    }


def _volumes(box: Container, extras: Extras) -> tuple[list[Object], list[Object]]:
    """Return the volumes of a pod and where its container has them."""
    volumes: list[Object] = []
    mounts: list[Object] = []
    for _, path in box.volumes if extras.claim else ():
        mounts.append({"name": extras.claim, "mountPath": path})
    for number, (path, options) in enumerate(box.tmpfs, 1):
        volumes.append({"name": f"scratch-{number}", "emptyDir": {"sizeLimit": _size(options)}})
        mounts.append({"name": f"scratch-{number}", "mountPath": path})
    if box.configuration:
        volumes.append({"name": "configuration", "configMap": {"name": extras.settings}})
        mounts.append({"name": "configuration", "mountPath": box.configuration.folder, "readOnly": True})
    if extras.secret is not None:
        volumes.append({"name": "database", "secret": {"secretName": extras.secret, "defaultMode": 0o440}})
        mounts.append({"name": "database", "mountPath": SECRETS, "readOnly": True})
    return volumes, mounts


def _size(options: str) -> str:
    """Return the size in the options of a tmpfs (`size=64m,mode=1777`) as a quantity."""
    size = dict(word.split("=", 1) for word in options.split(","))["size"]
    return f"{size[:-1]}{_SIZES[size[-1]]}"


def spread(part: Part) -> list[Object]:
    """Ask for the replicas of a part to be on different nodes and in different zones, where there are."""
    return [
        {
            "maxSkew": 1,
            "topologyKey": key,
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": part.selector},
            "matchLabelKeys": ["pod-template-hash"],
        }
        for key in ("kubernetes.io/hostname", "topology.kubernetes.io/zone")
    ]
