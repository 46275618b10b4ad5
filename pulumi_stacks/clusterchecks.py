"""Faults between the fields that only a cluster honours: scale, environments, names. Pure and lenient."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .spec import CLUSTER_FIELDS
from .text import show

Fault = tuple[tuple[str | int, ...], str]

_LONGEST_LABEL = 63
_TLS = ("ingress", "gateway-api")


def scale_faults(services: Mapping[str, Any]) -> Iterator[Fault]:
    """Check that no service has fewer replicas at most than at least, in any environment."""
    for name, service in services.items():
        base = _mapping(service.get("scale"))
        yield from _scale(("services", name, "scale"), {"min": 1, **base}, base)
        for environment, override in _mapping(service.get("environments")).items():
            own = _mapping(_mapping(override).get("scale"))
            if own:
                path = ("services", name, "environments", environment, "scale")
                yield from _scale(path, {"min": 1, **base, **own}, own)


def _scale(path: tuple[str, ...], scale: Mapping[str, Any], own: Mapping[str, Any]) -> Iterator[Fault]:
    """Compare both numbers; the fault belongs to the one that is written here."""
    low, high = scale.get("min"), scale.get("max")
    if type(low) is int and type(high) is int and high < low:
        if "max" in own:
            yield (*path, "max"), f"{high} is less than the {low} of scale.min"
        elif "min" in own:
            yield (*path, "min"), f"{low} is more than the {high} of scale.max"


def cluster_faults(
    system: object, registry: object, services: Mapping[str, Any], environments: Mapping[str, Any]
) -> Iterator[Fault]:
    """Check what environments say of clusters, and what clusters ask of services."""
    clusters = {
        name: environment
        for name, environment in environments.items()
        if isinstance(environment, dict) and environment.get("target") == "kubernetes"
    }
    for name, environment in environments.items():
        if isinstance(environment, dict) and environment.get("target") == "docker":
            for field in CLUSTER_FIELDS:
                if field in environment:
                    yield ("environments", name, field), "is for target kubernetes only"
    yield from _domains(clusters)
    yield from _namespaces(system, clusters)
    if clusters:
        yield from _taken_names(services)
        yield from _registry(registry, services, next(iter(clusters)))
    for name, environment in clusters.items():
        if environment.get("database") == "external":
            yield from _external(name, services)


def _domains(clusters: Mapping[str, Any]) -> Iterator[Fault]:
    for name, environment in clusters.items():
        gateway = environment.get("gateway")
        if gateway in _TLS and environment.get("domain") is None:
            yield ("environments", name, "gateway"), f"{gateway} needs the domain that it answers for"


def _namespaces(system: object, clusters: Mapping[str, Any]) -> Iterator[Fault]:
    """Check that each environment has a namespace of its own, and that a derived one is not too long."""
    owners: dict[tuple[str, str], str] = {}
    for name, environment in clusters.items():
        given = environment.get("namespace")
        namespace = given if isinstance(given, str) else f"{system}-{name}"
        path = ("environments", name, *(["namespace"] if given else []))
        if given is None and len(namespace) > _LONGEST_LABEL:
            yield path, f"its namespace would have {len(namespace)} characters (at most 63): name one"
        place = (str(environment.get("kube_context")), namespace)
        if place in owners:
            yield path, f"the namespace {show(namespace)} is that of environments.{owners[place]}"
        owners.setdefault(place, name)


def _taken_names(services: Mapping[str, Any]) -> Iterator[Fault]:
    """Check that no service is called as an object that a cluster has beside it."""
    taken = {"default-deny": "the policy that forbids all other traffic"}
    for name, service in services.items():
        identity = service.get("id") or name
        if service.get("database"):
            taken[f"{identity}-database"] = f"the database of services.{name}"
            taken[f"{identity}-migrate"] = f"the migration of services.{name}"
    for name, service in services.items():
        for word in dict.fromkeys((name, str(service.get("id") or name))):
            if word in taken:
                path = ("services", name) if word == name else ("services", name, "id")
                yield path, f"{show(word)} is the name of {taken[word]} on kubernetes; choose another name"


def _registry(registry: object, services: Mapping[str, Any], environment: str) -> Iterator[Fault]:
    if registry is None and any("image" not in service for service in services.values()):
        reason = "a cluster takes images from a registry, and there is none"
        yield ("environments", environment, "target"), f"{reason} (such as registry: ghcr.io/acme)"


def _external(environment: str, services: Mapping[str, Any]) -> Iterator[Fault]:
    for name, service in services.items():
        override = _mapping(_mapping(service.get("environments")).get(environment))
        egress = override.get("egress", service.get("egress"))
        if service.get("database") and egress in (None, "none"):
            advice = "let egress name its network and port (such as [10.20.0.0/16:5432])"
            yield ("services", name, "database"), f"is external in environments.{environment}: {advice}"


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
