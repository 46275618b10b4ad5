"""Checks between fields of a spec: unknown names, conflicting routes. Pure.

Lenient: reads the plain values of a document that may be invalid, so that all faults are reported at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ...messages import SuggestionLimit, listing, near, show
from ..model import OWN_DOCKERFILE, OWN_FIELDS
from ..patterns import address_variable
from .scale_checks import scale_faults
from .secret_checks import secrets
from .spec_data import Fault, Path, SpecData, mapping, read, texts

if TYPE_CHECKING:
    from ..target_rules import SpecRules


def faults(
    data: Mapping[str, Any],
    runtimes: Collection[str] | None,
    targets: Mapping[str, SpecRules] | None = None,
    suggestions: SuggestionLimit | None = None,
) -> Iterator[Fault]:
    """Yield (path, message) for each fault between fields.

    Without `runtimes` or `targets` any is valid.
    """
    suggestions = suggestions or SuggestionLimit()
    found = read(data)
    services, environments = found.services, found.environments
    checks: tuple[Callable[[], Iterator[Fault]], ...] = (
        lambda: _runtimes(services, runtimes, suggestions),
        lambda: _images(services, runtimes),
        lambda: _targets(found, targets or {}, suggestions),
        lambda: _calls(services, suggestions),
        lambda: _routes(services),
        lambda: _identities(services),
        lambda: _overrides(services, environments, suggestions),
        lambda: scale_faults(services),
        lambda: _config(services),
        lambda: secrets(data, services, suggestions),
    )
    for check in checks:
        yield from check()


def _runtimes(
    services: Mapping[str, Any], runtimes: Collection[str] | None, suggestions: SuggestionLimit
) -> Iterator[Fault]:
    for name, service in services.items():
        runtime = service.get("runtime")
        if isinstance(runtime, str) and runtimes is not None and runtime not in runtimes:
            choice = (
                f"; choose from {listing(runtimes)}{near(runtime, runtimes)}" if suggestions.take() else ""
            )
            yield ("services", name, "runtime"), f"no runtime named {show(runtime)}{choice}"


def _images(services: Mapping[str, Any], runtimes: Collection[str] | None) -> Iterator[Fault]:
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


def _targets(
    data: SpecData, targets: Mapping[str, SpecRules], suggestions: SuggestionLimit
) -> Iterator[Fault]:
    """Check that each environment has a target that is here, fields that it reads, and what it can run."""
    for name, environment in data.environments.items():
        target = environment.get("target")
        if not isinstance(target, str) or not targets:
            continue
        if target not in targets:
            offer = near(target, targets) if suggestions.take() else ""
            yield ("environments", name, "target"), f"{show(target)} is not one of: {listing(targets)}{offer}"
            continue
        for field in environment:
            readers = [key for key, rules in targets.items() if field in rules.fields]
            if readers and target not in readers:
                reason = f"requires target {listing(readers)} (remove it, or change the target)"
                yield ("environments", name, field), reason
    for rules in targets.values():
        yield from rules.faults(data)


def _calls(services: Mapping[str, Any], suggestions: SuggestionLimit) -> Iterator[Fault]:
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


def _choice(services: Mapping[str, Any], name: str, callee: str) -> str:
    others = [other for other in services if other != name]
    return f" (services: {listing(others)}){near(callee, others)}" if others else ""


def _routes(services: Mapping[str, Any]) -> Iterator[Fault]:
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


def _identities(services: Mapping[str, Any]) -> Iterator[Fault]:
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
    services: Mapping[str, Any], environments: Mapping[str, Any], suggestions: SuggestionLimit
) -> Iterator[Fault]:
    for name, service in services.items():
        for environment in mapping(service.get("environments")):
            if environment not in environments:
                choice = ""
                if suggestions.take():
                    choice = f" (environments: {listing(environments)}){near(environment, environments)}"
                yield ("services", name, "environments", environment), f"no such environment{choice}"


def _config(services: Mapping[str, Any]) -> Iterator[Fault]:
    for name, service in services.items():
        callees = {address_variable(c): c for _, c in texts(service.get("calls"))}
        for variable in mapping(service.get("config")):
            if variable in callees:
                path = ("services", name, "config", variable)
                yield (
                    path,
                    f"is set by the platform to the URL of services.{callees[variable]}; choose another name",
                )
