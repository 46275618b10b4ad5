"""Checks between fields of a spec: unknown names, conflicting routes. Pure.

Lenient: reads the plain values of a document that may be invalid, so that all faults are reported at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from ..messages import SuggestionLimit, listing, near, show
from .cluster_checks import Fault, Path, cluster_faults, mapping, scale_faults, texts
from .model import OWN_DOCKERFILE, OWN_FIELDS
from .patterns import address_variable
from .secret_checks import secrets


def faults(
    data: Mapping[str, Any], runtimes: Collection[str] | None, suggestions: SuggestionLimit | None = None
) -> Iterator[Fault]:
    """Yield (path, message) for each fault between fields; without `runtimes` any runtime is valid."""
    suggestions = suggestions or SuggestionLimit()
    services = {
        name: service if isinstance(service, dict) else {}
        for name, service in mapping(data.get("services")).items()
    }
    environments = mapping(data.get("environments", {"dev": {}}))
    checks: tuple[Callable[[], Iterator[Fault]], ...] = (
        lambda: _runtimes(services, runtimes, suggestions),
        lambda: _images(services, runtimes),
        lambda: _calls(services, suggestions),
        lambda: _routes(services),
        lambda: _identities(services),
        lambda: _overrides(services, environments, suggestions),
        lambda: scale_faults(services),
        lambda: cluster_faults(data.get("name"), data.get("registry"), services, environments),
        lambda: _config(services),
        lambda: secrets(data, services, suggestions),
    )
    for check in checks:
        yield from check()


def _runtimes(
    services: dict[str, Any], runtimes: Collection[str] | None, suggestions: SuggestionLimit
) -> Iterator[Fault]:
    for name, service in services.items():
        runtime = service.get("runtime")
        if isinstance(runtime, str) and runtimes is not None and runtime not in runtimes:
            choice = (
                f"; choose from {listing(runtimes)}{near(runtime, runtimes)}" if suggestions.take() else ""
            )
            yield ("services", name, "runtime"), f"no runtime named {show(runtime)}{choice}"


def _images(services: dict[str, Any], runtimes: Collection[str] | None) -> Iterator[Fault]:
    """Check the source of each image, and that only custom images have the fields of one."""
    for name, service in services.items():
        runtime, image = service.get("runtime"), service.get("image")
        if runtime is None and image is None:
            yield ("services", name, "runtime"), "is required, unless image is set"
        elif runtime is not None and image is not None:
            yield ("services", name, "image"), "cannot be set with runtime; remove one of them"
        elif isinstance(runtime, str) and runtime != OWN_DOCKERFILE and (not runtimes or runtime in runtimes):
            message = f"cannot be set with runtime {show(runtime)}; it is for image and runtime: dockerfile"
            for field in OWN_FIELDS:
                if field in service:
                    yield ("services", name, field), message


def _calls(services: dict[str, Any], suggestions: SuggestionLimit) -> Iterator[Fault]:
    for name, service in services.items():
        seen: set[str] = set()
        for index, callee in texts(service.get("calls")):
            path = ("services", name, "calls", index)
            if callee == name:
                yield path, "a service cannot call itself"
            elif callee not in services:
                choice = _choice(services, name, callee) if suggestions.take() else ""
                yield path, f"no service named {show(callee)}{choice}"
            elif callee in seen:
                yield path, f"duplicate entry {show(callee)}"
            seen.add(callee)


def _choice(services: dict[str, Any], name: str, callee: str) -> str:
    others = [other for other in services if other != name]
    return f" (services: {listing(others)}){near(callee, others)}" if others else ""


def _routes(services: dict[str, Any]) -> Iterator[Fault]:
    """Check that no two services have the same route; a request goes to the longest route that matches."""
    owners: dict[str, str] = {}
    for name, service in services.items():
        route = service.get("route")
        if isinstance(route, str) and route.startswith("/"):
            owner = owners.setdefault(route.rstrip("/"), name)
            if owner != name:
                fault = f"{show(route)} is already the route of services.{owner}; choose another path"
                yield ("services", name, "route"), fault
        elif route is None and "strip" in service:
            yield ("services", name, "strip"), "requires a route; add one, or remove this"


def _identities(services: dict[str, Any]) -> Iterator[Fault]:
    """Check that ids are unique."""
    owners: dict[str, str] = {}
    for name, service in services.items():
        identity = service.get("id")
        identity = identity if isinstance(identity, str) else name
        path: Path = ("services", name, "id") if "id" in service else ("services", name)
        if identity in owners:
            yield (
                path,
                f"id {show(identity)} is already used by services.{owners[identity]}; choose another id",
            )
        owners.setdefault(identity, name)


def _overrides(
    services: dict[str, Any], environments: dict[str, Any], suggestions: SuggestionLimit
) -> Iterator[Fault]:
    for name, service in services.items():
        for environment in mapping(service.get("environments")):
            if environment not in environments:
                choice = ""
                if suggestions.take():
                    choice = f" (environments: {listing(environments)}){near(environment, environments)}"
                yield ("services", name, "environments", environment), f"no such environment{choice}"


def _config(services: dict[str, Any]) -> Iterator[Fault]:
    for name, service in services.items():
        callees = {address_variable(c): c for _, c in texts(service.get("calls"))}
        for variable in mapping(service.get("config")):
            if variable in callees:
                path = ("services", name, "config", variable)
                yield (
                    path,
                    f"is set by the platform to the URL of services.{callees[variable]}; choose another name",
                )
