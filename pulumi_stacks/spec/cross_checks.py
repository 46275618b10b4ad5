"""Faults of a spec that no single field shows: unknown names, clashing routes. Pure.

Lenient: it reads the plain values of a document whose fields may be wrong, so that all faults come at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from ..messages import Offers, listing, near, show
from .cluster_checks import Fault, Path, cluster_faults, mapping, scale_faults, texts
from .model import OWN_DOCKERFILE, OWN_FIELDS
from .patterns import address_variable
from .secret_checks import secrets


def faults(
    data: Mapping[str, Any], runtimes: Collection[str] | None, offers: Offers | None = None
) -> Iterator[Fault]:
    """Yield (path, message) for each fault between fields; `runtimes` None accepts any runtime."""
    offers = offers or Offers()
    services = {
        name: service if isinstance(service, dict) else {}
        for name, service in mapping(data.get("services")).items()
    }
    environments = mapping(data.get("environments", {"dev": {}}))
    checks: tuple[Callable[[], Iterator[Fault]], ...] = (
        lambda: _runtimes(services, runtimes, offers),
        lambda: _images(services, runtimes),
        lambda: _calls(services, offers),
        lambda: _routes(services),
        lambda: _identities(services),
        lambda: _overrides(services, environments, offers),
        lambda: scale_faults(services),
        lambda: cluster_faults(data.get("name"), data.get("registry"), services, environments),
        lambda: _config(services),
        lambda: secrets(data, services, offers),
    )
    for check in checks:
        yield from check()


def _runtimes(services: dict[str, Any], runtimes: Collection[str] | None, offers: Offers) -> Iterator[Fault]:
    for name, service in services.items():
        runtime = service.get("runtime")
        if isinstance(runtime, str) and runtimes is not None and runtime not in runtimes:
            choice = f"; choose from {listing(runtimes)}{near(runtime, runtimes)}" if offers.take() else ""
            yield ("services", name, "runtime"), f"no runtime named {show(runtime)}{choice}"


def _images(services: dict[str, Any], runtimes: Collection[str] | None) -> Iterator[Fault]:
    """Check where each image comes from, and that only an image of one's own says how it differs."""
    for name, service in services.items():
        runtime, image = service.get("runtime"), service.get("image")
        if runtime is None and image is None:
            yield ("services", name, "runtime"), "is required (or image, for a ready image)"
        elif runtime is not None and image is not None:
            yield ("services", name, "image"), "stands beside runtime (choose one of the two)"
        elif isinstance(runtime, str) and runtime != OWN_DOCKERFILE and (not runtimes or runtime in runtimes):
            message = f"is the business of runtime {show(runtime)} (only for image or runtime: dockerfile)"
            for field in OWN_FIELDS:
                if field in service:
                    yield ("services", name, field), message


def _calls(services: dict[str, Any], offers: Offers) -> Iterator[Fault]:
    for name, service in services.items():
        seen: set[str] = set()
        for index, callee in texts(service.get("calls")):
            path = ("services", name, "calls", index)
            if callee == name:
                yield path, "a service does not call itself"
            elif callee not in services:
                choice = _choice(services, name, callee) if offers.take() else ""
                yield path, f"no service named {show(callee)}{choice}"
            elif callee in seen:
                yield path, f"{show(callee)} stands here twice"
            seen.add(callee)


def _choice(services: dict[str, Any], name: str, callee: str) -> str:
    others = [other for other in services if other != name]
    return f" (services: {listing(others)}){near(callee, others)}" if others else ""


def _routes(services: dict[str, Any]) -> Iterator[Fault]:
    """Check that no two services have the same route; of several that match, the longest gets a request."""
    owners: dict[str, str] = {}
    for name, service in services.items():
        route = service.get("route")
        if isinstance(route, str) and route.startswith("/"):
            owner = owners.setdefault(route.rstrip("/"), name)
            if owner != name:
                fault = f"{show(route)} is the route of services.{owner} already; choose another path"
                yield ("services", name, "route"), fault
        elif route is None and "strip" in service:
            yield ("services", name, "strip"), "is for a service with a route (remove it, or add a route)"


def _identities(services: dict[str, Any]) -> Iterator[Fault]:
    """Check that ids are unique."""
    owners: dict[str, str] = {}
    for name, service in services.items():
        identity = service.get("id")
        identity = identity if isinstance(identity, str) else name
        path: Path = ("services", name, "id") if "id" in service else ("services", name)
        if identity in owners:
            yield path, f"the id {show(identity)} belongs to services.{owners[identity]} already"
        owners.setdefault(identity, name)


def _overrides(services: dict[str, Any], environments: dict[str, Any], offers: Offers) -> Iterator[Fault]:
    for name, service in services.items():
        for environment in mapping(service.get("environments")):
            if environment not in environments:
                choice = ""
                if offers.take():
                    choice = f" (environments: {listing(environments)}){near(environment, environments)}"
                yield ("services", name, "environments", environment), f"no environment of this name{choice}"


def _config(services: dict[str, Any]) -> Iterator[Fault]:
    for name, service in services.items():
        callees = {address_variable(c): c for _, c in texts(service.get("calls"))}
        for variable in mapping(service.get("config")):
            if variable in callees:
                path = ("services", name, "config", variable)
                yield path, f"is the address of services.{callees[variable]}, which the platform sets"
