"""What a spec cannot ask of a cluster: domains, namespaces, load balancers, variables. Pure and lenient."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ....messages import show
from ....spec.checks.spec_data import Fault, SpecData, mapping, set_fields, texts
from ....spec.model import TLS_GATEWAYS
from ....spec.patterns import VARIABLE_PATTERN

NAME = "kubernetes"
_LONGEST_LABEL = 63
# What replaces a field of load balancers, by the kind of gateway.
_CONTROLLER = "set externalTrafficPolicy: Local on the Service of its controller, and remove this field"
# An object may have 256 KiB of annotations; the rest is for ours.
_MOST_ANNOTATED = 250_000
_BALANCED = {
    "sources": {
        "ingress": "use an annotation of its controller (such as "
        "nginx.ingress.kubernetes.io/whitelist-source-range)",
        "gateway-api": "use a policy or an annotation of its controller",
    },
    "client_address": {"ingress": _CONTROLLER, "gateway-api": _CONTROLLER},
}
_NO_DOMAIN = "{} requires domain (such as domain: shop.example.com)"


def faults(data: SpecData) -> Iterator[Fault]:
    """Check what environments set for clusters, and what clusters require of services."""
    clusters = data.of_target(NAME)
    yield from _domains(clusters)
    yield from _namespaces(data.name, clusters)
    yield from _metrics(data.name, clusters)
    yield from _balancers(clusters)
    yield from _annotations(clusters)
    if clusters:
        yield from _variables(data.services, next(iter(clusters)))
        yield from _registry(data.registry, data.services, next(iter(clusters)))
    for name, environment in clusters.items():
        if environment.get("database") == "external":
            yield from _external(name, data.services)


def _domains(clusters: Mapping[str, Any]) -> Iterator[Fault]:
    for name, environment in clusters.items():
        gateway = environment.get("gateway")
        if gateway in TLS_GATEWAYS and environment.get("domain") is None:
            yield ("environments", name, "gateway"), _NO_DOMAIN.format(gateway)


def _namespaces(system: object, clusters: Mapping[str, Any]) -> Iterator[Fault]:
    """Check that each environment has its own namespace, and that a derived name is valid."""
    owners: dict[tuple[str, str], str] = {}
    for name, environment in clusters.items():
        given = environment.get("namespace")
        namespace = given if isinstance(given, str) else f"{system}-{name}"
        path = ("environments", name, *(["namespace"] if given else []))
        if given is None and len(namespace) > _LONGEST_LABEL:
            yield path, f"the default namespace has {len(namespace)} characters (at most 63); set namespace"
        elif given is None and namespace.startswith("kube-"):
            yield (
                path,
                f"the default namespace {show(namespace)} is reserved (kube-...); set namespace",
            )
        place = (str(environment.get("kube_context")), namespace)
        if place in owners:
            fault = f"the namespace {show(namespace)} is already used by environments.{owners[place]}"
            yield path, f"{fault}; choose another {'one' if given else 'one (set namespace)'}"
        owners.setdefault(place, name)


def _metrics(system: object, clusters: Mapping[str, Any]) -> Iterator[Fault]:
    """Check that no environment opens its services to its own namespace, where each pod has its callers."""
    for name, environment in clusters.items():
        own = environment.get("namespace") or f"{system}-{name}"
        for index, namespace in texts(environment.get("metrics_from")):
            if namespace == own:
                reason = "is the namespace of this environment, and would open every service to all its pods"
                advice = "remove it, and run the reader of the metrics in another namespace"
                yield ("environments", name, "metrics_from", index), f"{show(namespace)} {reason}; {advice}"


def _balancers(clusters: Mapping[str, Any]) -> Iterator[Fault]:
    """Check that fields of load balancers are set for no other kind of gateway."""
    for name, environment in clusters.items():
        gateway = environment.get("gateway")
        for field, advice in _BALANCED.items():
            if environment.get(field) and gateway in TLS_GATEWAYS:
                reason = f"requires gateway: loadbalancer; with {gateway} {advice[gateway]}"
                yield ("environments", name, field), reason


def _annotations(clusters: Mapping[str, Any]) -> Iterator[Fault]:
    for name, environment in clusters.items():
        given = mapping(environment.get("annotations"))
        size = sum(len(str(text).encode()) for entry in given.items() for text in entry)
        if size > _MOST_ANNOTATED:
            reason = f"are {size} bytes in total (at most {_MOST_ANNOTATED})"
            yield ("environments", name, "annotations"), reason


def _registry(registry: object, services: Mapping[str, Any], environment: str) -> Iterator[Fault]:
    if registry is None and any("image" not in service for service in services.values()):
        reason = "a cluster pulls images from a registry, and no registry is set"
        yield ("environments", environment, "target"), f"{reason} (such as registry: ghcr.io/acme)"


def _variables(services: Mapping[str, Any], environment: str) -> Iterator[Fault]:
    """Check that the names of all variables are valid keys of a ConfigMap."""
    for name, service in services.items():
        for variable in mapping(service.get("config")):
            if re.search("[:/]", variable) and re.match(VARIABLE_PATTERN + r"\Z", variable):
                advice = f"write {variable.replace(':', '__')}, which .NET reads as the same name"
                advice = advice if "/" not in variable else "use another name in the image"
                reason = f"Kubernetes allows no : or / in a variable's name (environments.{environment})"
                yield ("services", name, "config", variable), f"{reason}; {advice}"


def _external(environment: str, services: Mapping[str, Any]) -> Iterator[Fault]:
    for name, service in services.items():
        override = mapping(mapping(service.get("environments")).get(environment))
        egress = {**set_fields(service), **set_fields(override)}.get("egress")
        if service.get("database") and egress in (None, "none"):
            advice = "add its network and port to egress (such as [10.20.0.0/16:5432])"
            yield ("services", name, "database"), f"is external in environments.{environment}; {advice}"
