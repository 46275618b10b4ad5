"""Faults of a spec that no single field shows: unknown names, clashing routes. Pure.

Lenient: it reads the plain values of a document whose fields may be wrong, so that all faults come at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ...messages import Offers, listing, near, show
from ..model import OWN_DOCKERFILE, OWN_FIELDS
from ..patterns import address_variable
from .lenient import Fault, Path, SpecData, mapping, read, texts
from .scale_checks import scale_faults
from .secret_checks import secrets

if TYPE_CHECKING:
    from ..target_rules import SpecRules


def faults(
    data: Mapping[str, Any],
    runtimes: Collection[str] | None,
    targets: Mapping[str, SpecRules] | None = None,
    offers: Offers | None = None,
) -> Iterator[Fault]:
    """Yield (path, message) for each fault between fields.

    `runtimes` or `targets` that are None accept any runtime or target.
    """
    offers = offers or Offers()
    found = read(data)
    services, environments = found.services, found.environments
    checks: tuple[Callable[[], Iterator[Fault]], ...] = (
        lambda: _runtimes(services, runtimes, offers),
        lambda: _images(services, runtimes),
        lambda: _targets(found, targets or {}, offers),
        lambda: _calls(services, offers),
        lambda: _routes(services),
        lambda: _identities(services),
        lambda: _overrides(services, environments, offers),
        lambda: scale_faults(services),
        lambda: _config(services),
        lambda: secrets(data, services, offers),
    )
    for check in checks:
        yield from check()


def _runtimes(
    services: Mapping[str, Any], runtimes: Collection[str] | None, offers: Offers
) -> Iterator[Fault]:
    for name, service in services.items():
        runtime = service.get("runtime")
        if isinstance(runtime, str) and runtimes is not None and runtime not in runtimes:
            choice = f"; choose from {listing(runtimes)}{near(runtime, runtimes)}" if offers.take() else ""
            yield ("services", name, "runtime"), f"no runtime named {show(runtime)}{choice}"


def _images(services: Mapping[str, Any], runtimes: Collection[str] | None) -> Iterator[Fault]:
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


def _targets(data: SpecData, targets: Mapping[str, SpecRules], offers: Offers) -> Iterator[Fault]:
    """Check that each environment has a target that is here, fields that it reads, and what it can run."""
    for name, environment in data.environments.items():
        target = environment.get("target")
        if not isinstance(target, str) or not targets:
            continue
        if target not in targets:
            offer = near(target, targets) if offers.take() else ""
            yield ("environments", name, "target"), f"{show(target)} is not one of: {listing(targets)}{offer}"
            continue
        for field in environment:
            readers = [key for key, rules in targets.items() if field in rules.fields]
            if readers and target not in readers:
                reason = f"requires target {listing(readers)} (remove it, or change the target)"
                yield ("environments", name, field), reason
    for rules in targets.values():
        yield from rules.faults(data)


def _calls(services: Mapping[str, Any], offers: Offers) -> Iterator[Fault]:
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


def _choice(services: Mapping[str, Any], name: str, callee: str) -> str:
    others = [other for other in services if other != name]
    return f" (services: {listing(others)}){near(callee, others)}" if others else ""


def _routes(services: Mapping[str, Any]) -> Iterator[Fault]:
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


def _identities(services: Mapping[str, Any]) -> Iterator[Fault]:
    """Check that ids are unique."""
    owners: dict[str, str] = {}
    for name, service in services.items():
        identity = service.get("id")
        identity = identity if isinstance(identity, str) else name
        path: Path = ("services", name, "id") if "id" in service else ("services", name)
        if identity in owners:
            yield path, f"the id {show(identity)} belongs to services.{owners[identity]} already"
        owners.setdefault(identity, name)


def _overrides(
    services: Mapping[str, Any], environments: Mapping[str, Any], offers: Offers
) -> Iterator[Fault]:
    for name, service in services.items():
        for environment in mapping(service.get("environments")):
            if environment not in environments:
                choice = ""
                if offers.take():
                    choice = f" (environments: {listing(environments)}){near(environment, environments)}"
                yield ("services", name, "environments", environment), f"no environment of this name{choice}"


def _config(services: Mapping[str, Any]) -> Iterator[Fault]:
    for name, service in services.items():
        callees = {address_variable(c): c for _, c in texts(service.get("calls"))}
        for variable in mapping(service.get("config")):
            if variable in callees:
                path = ("services", name, "config", variable)
                yield path, f"is the address of services.{callees[variable]}, which the platform sets"
