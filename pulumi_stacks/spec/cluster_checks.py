"""Faults between the fields that only a cluster honours: scale, environments, names. Pure and lenient."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..messages import show
from .model import CLUSTER, CLUSTER_FIELDS, TLS_GATEWAYS
from .patterns import VARIABLE_PATTERN

Path = tuple[str | int, ...]
Fault = tuple[Path, str]

_LONGEST_LABEL = 63
# What to do in place of a field of load balancers, by the way in.
_CONTROLLER = "let the Service of its controller have externalTrafficPolicy: Local, and remove this"
# Of the 256 KiB that an object may have, some is for ours.
_MOST_ANNOTATED = 250_000
_BALANCED = {
    "sources": {
        "ingress": "an annotation of its controller does it (such as "
        "nginx.ingress.kubernetes.io/whitelist-source-range)",
        "gateway-api": "a policy of its controller, or an annotation of it, does it",
    },
    "client_address": {"ingress": _CONTROLLER, "gateway-api": _CONTROLLER},
}
_NO_DOMAIN = "{} needs the domain that it answers for (such as domain: shop.example.com)"


def scale_faults(services: Mapping[str, Any]) -> Iterator[Fault]:
    """Check that no service has fewer replicas at most than at least, in any environment."""
    for name, service in services.items():
        base = mapping(service.get("scale"))
        yield from _scale(("services", name, "scale"), base, {})
        for environment, override in mapping(service.get("environments")).items():
            own = mapping(mapping(override).get("scale"))
            if own:
                path = ("services", name, "environments", environment, "scale")
                yield from _scale(path, own, base)


def _scale(path: tuple[str, ...], own: Mapping[str, Any], base: Mapping[str, Any]) -> Iterator[Fault]:
    """Compare both numbers; the fault belongs to the one that is written here, `base` may have the other."""
    own, base = _said(own), _said(base)
    scale = {"min": 1, **base, **own}
    low, high = scale["min"], scale.get("max")
    if type(low) is int and type(high) is int and 1 <= high < low:
        word, other = ("max", "min") if "max" in own else ("min", "max")
        fault = f"{high} is less than the {low}" if word == "max" else f"{low} is more than the {high}"
        if word in own:
            place = "scale" if other in own else f"{'.'.join(path[:2])}.scale"
            choice = "" if other in own else f"; say {other} here too"
            yield (*path, word), f"{fault} of {place}.{other}{choice}"


def cluster_faults(
    system: object, registry: object, services: Mapping[str, Any], environments: Mapping[str, Any]
) -> Iterator[Fault]:
    """Check what environments say of clusters, and what clusters ask of services."""
    clusters = {
        name: environment
        for name, environment in environments.items()
        if isinstance(environment, dict) and environment.get("target") == CLUSTER
    }
    for name, environment in environments.items():
        if isinstance(environment, dict) and environment.get("target") == "docker":
            for field in CLUSTER_FIELDS:
                if field in environment:
                    yield (
                        ("environments", name, field),
                        "is for target kubernetes only (remove it, or choose that)",
                    )
    yield from _domains(clusters)
    yield from _namespaces(system, clusters)
    yield from _metrics(system, clusters)
    yield from _balancers(clusters)
    yield from _annotations(clusters)
    if clusters:
        yield from _variables(services, next(iter(clusters)))
        yield from _registry(registry, services, next(iter(clusters)))
    for name, environment in clusters.items():
        if environment.get("database") == "external":
            yield from _external(name, services)


def _domains(clusters: Mapping[str, Any]) -> Iterator[Fault]:
    for name, environment in clusters.items():
        gateway = environment.get("gateway")
        if gateway in TLS_GATEWAYS and environment.get("domain") is None:
            yield ("environments", name, "gateway"), _NO_DOMAIN.format(gateway)


def _namespaces(system: object, clusters: Mapping[str, Any]) -> Iterator[Fault]:
    """Check that each environment has a namespace of its own, and that a derived one is not too long."""
    owners: dict[tuple[str, str], str] = {}
    for name, environment in clusters.items():
        given = environment.get("namespace")
        namespace = given if isinstance(given, str) else f"{system}-{name}"
        path = ("environments", name, *(["namespace"] if given else []))
        if given is None and len(namespace) > _LONGEST_LABEL:
            yield path, f"its namespace would have {len(namespace)} characters (at most 63): name one here"
        elif given is None and namespace.startswith("kube-"):
            yield (
                path,
                f"its namespace would be {show(namespace)}, and kube-... is the cluster's: name one here",
            )
        place = (str(environment.get("kube_context")), namespace)
        if place in owners:
            fault = f"the namespace {show(namespace)} is that of environments.{owners[place]}"
            yield path, f"{fault}; name another one{'' if given else ' here (as namespace)'}"
        owners.setdefault(place, name)


def _metrics(system: object, clusters: Mapping[str, Any]) -> Iterator[Fault]:
    """Check that no environment opens its services to its own namespace, where each pod has its callers."""
    for name, environment in clusters.items():
        own = environment.get("namespace") or f"{system}-{name}"
        for index, namespace in texts(environment.get("metrics_from")):
            if namespace == own:
                reason = (
                    "is the namespace of the environment itself, and all of its pods would reach each other"
                )
                advice = "remove it, and let what reads the metrics run in another one"
                yield ("environments", name, "metrics_from", index), f"{show(namespace)} {reason}; {advice}"


def _balancers(clusters: Mapping[str, Any]) -> Iterator[Fault]:
    """Check that what only a Service of type LoadBalancer knows is said of no other way in."""
    for name, environment in clusters.items():
        gateway = environment.get("gateway")
        for field, advice in _BALANCED.items():
            if environment.get(field) and gateway in TLS_GATEWAYS:
                reason = f"is for gateway: loadbalancer only; with {gateway} {advice[gateway]}"
                yield ("environments", name, field), reason


def _annotations(clusters: Mapping[str, Any]) -> Iterator[Fault]:
    for name, environment in clusters.items():
        given = mapping(environment.get("annotations"))
        size = sum(len(str(text).encode()) for entry in given.items() for text in entry)
        if size > _MOST_ANNOTATED:
            reason = f"are {size} bytes together (a cluster takes {_MOST_ANNOTATED})"
            yield ("environments", name, "annotations"), reason


def _registry(registry: object, services: Mapping[str, Any], environment: str) -> Iterator[Fault]:
    if registry is None and any("image" not in service for service in services.values()):
        reason = "a cluster takes images from a registry, and there is none"
        yield ("environments", environment, "target"), f"{reason} (such as registry: ghcr.io/acme)"


def _variables(services: Mapping[str, Any], environment: str) -> Iterator[Fault]:
    """Check that a cluster takes the names of all variables: there they are the keys of a ConfigMap."""
    for name, service in services.items():
        for variable in mapping(service.get("config")):
            if re.search("[:/]", variable) and re.match(VARIABLE_PATTERN + r"\Z", variable):
                advice = f"write {variable.replace(':', '__')}, which .NET reads alike"
                advice = advice if "/" not in variable else "let the image read it under another name"
                reason = f"a cluster takes no : or / in the name of a variable (environments.{environment})"
                yield ("services", name, "config", variable), f"{reason}; {advice}"


def _external(environment: str, services: Mapping[str, Any]) -> Iterator[Fault]:
    for name, service in services.items():
        override = mapping(mapping(service.get("environments")).get(environment))
        egress = {**_said(service), **_said(override)}.get("egress")
        if service.get("database") and egress in (None, "none"):
            advice = "let egress name its network and port (such as [10.20.0.0/16:5432])"
            yield ("services", name, "database"), f"is external in environments.{environment}: {advice}"


def _said(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out fields without a value: they say nothing, not even over what is said elsewhere."""
    return {key: value for key, value in fields.items() if value is not None}


def mapping(value: Any) -> dict[str, Any]:
    """Return a value that should be a mapping, or an empty one."""
    return value if isinstance(value, dict) else {}


def texts(value: Any) -> list[tuple[int, str]]:
    """Return the texts of a value that should be a list of them, each with its index."""
    return (
        [(i, item) for i, item in enumerate(value) if isinstance(item, str)]
        if isinstance(value, list)
        else []
    )
