"""A system while it is being said, in flags or to the wizard: plain values, and the edits of them. Pure.

Nothing here is checked: checking is the loader's business.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pulumi_stacks.spec.environment import Environment
from pulumi_stacks.spec.model import (
    CLUSTER,
    CLUSTER_FIELDS,
    OWN_DOCKERFILE,
    OWN_FIELDS,
    Service,
    Spec,
)

from .spec_writer import Document

# What a new cn.yaml says although it is the default: a reader should see it.
_SAID: dict[str, Any] = {"spec": 1, "environments": {"dev": {"target": "docker"}}}
_PORT: int = Service.model_fields["port"].default
_READY: str = Service.model_fields["ready"].default
# What a ready image most likely does; services built here keep the contract, or are written to.
_IMAGE_PORT, _IMAGE_READY = 80, "none"


@dataclass(frozen=True)
class ServiceDraft:
    """One service as said; empty texts say nothing. `kept` is all that a file says of it.

    `was` is its name in that file.
    """

    name: str
    runtime: str = ""
    route: str = ""
    database: str = ""
    calls: tuple[str, ...] = ()
    image: str = ""
    port: int = _PORT
    ready: str = _READY
    replicas: int = 1
    most: int = 0  # replicas under load; 0 says nothing
    kept: Document = field(default_factory=dict)
    was: str = ""

    @property
    def own(self) -> bool:
        """Say whether its image is its own, and no runtime of the template says how it behaves."""
        return self.runtime in {"", OWN_DOCKERFILE}


@dataclass(frozen=True)
class EnvironmentDraft:
    """One environment as said. `kept` is all that is said beside its target, `was` its name in a file."""

    name: str
    target: str
    kept: Document = field(default_factory=dict)
    was: str = ""

    @property
    def on_cluster(self) -> bool:
        """Say whether it has what only a cluster has."""
        return self.target == CLUSTER


@dataclass(frozen=True)
class Draft:
    """A whole system as said; empty texts say nothing. `kept` is all that a file says at its top."""

    name: str
    description: str = ""
    owner: str = ""
    registry: str = ""
    ci: str = ""
    environments: tuple[EnvironmentDraft, ...] = (EnvironmentDraft("dev", "docker"),)
    services: tuple[ServiceDraft, ...] = ()
    kept: Document = field(default_factory=lambda: _SAID)

    def service(self, name: str) -> ServiceDraft:
        """Return the service of a name; StopIteration when there is none."""
        return next(service for service in self.services if service.name == name)


def from_spec(spec: Spec, *, new: bool = False) -> Draft:
    """Return a draft of a loaded file that keeps all it says; a `new` one says the usual things too."""
    said: dict[str, Any] = spec.model_dump(mode="json", exclude_unset=True)
    return Draft(
        name=spec.name,
        description=spec.description,
        owner=spec.owner or "",
        registry=spec.registry or "",
        ci=said.get("ci", ""),
        environments=tuple(
            EnvironmentDraft(
                name,
                environment.target,
                said["environments"][name] if "environments" in said else _SAID["environments"][name],
                name,
            )
            for name, environment in spec.environments.items()
        ),
        services=tuple(
            ServiceDraft(
                name=name,
                runtime=service.runtime or "",
                route=service.route or "",
                database=service.database or "",
                calls=service.calls,
                image=service.image or "",
                port=service.port,
                ready=service.ready,
                replicas=service.scale.min,
                most=service.scale.max or 0,
                kept=said["services"][name],
                was=name,
            )
            for name, service in spec.services.items()
        ),
        kept={**_SAID, **said} if new else said,
    )


def to_document(draft: Draft) -> dict[str, Any]:
    """Return what a cn.yaml says of the draft: what was kept, but for what the draft says otherwise."""
    texts = {key: getattr(draft, key) for key in ("name", "description", "owner", "registry", "ci")}
    found = _overlaid(draft.kept, {key: (text, "") for key, text in texts.items()})
    environments = {environment.name: _environment(environment) for environment in draft.environments}
    if "environments" in found or environments != _SAID["environments"]:
        found["environments"] = environments
    found["services"] = {service.name: _service(service) for service in draft.services}
    return _ordered(found, Spec.model_fields)


def _environment(environment: EnvironmentDraft) -> dict[str, Any]:
    return _ordered({**environment.kept, "target": environment.target}, Environment.model_fields)


def _service(service: ServiceDraft) -> dict[str, Any]:
    kept = dict(service.kept)
    scale = _overlaid(kept.get("scale", {}), {"min": (service.replicas, 1), "max": (service.most, 0)})
    if scale or not service.kept.get("scale", True):
        kept["scale"] = scale
    else:
        kept.pop("scale", None)
    if not service.route:
        kept.pop("strip", None)
    texts = {key: (getattr(service, key), "") for key in ("runtime", "image", "route", "database")}
    others = {
        "port": (service.port, _PORT),
        "ready": (service.ready, _READY),
        "calls": (list(service.calls), []),
    }
    return _ordered(_overlaid(kept, {**texts, **others}), Service.model_fields)


def _overlaid(kept: Document, said: Mapping[str, tuple[Any, Any]]) -> dict[str, Any]:
    """Return kept fields with what was said (value and default) in place of those that say something else."""
    found = dict(kept)
    for key, (value, default) in said.items():
        before = found.get(key)
        if value == (default if before is None else before):
            continue
        found[key] = value
        if value == default:
            del found[key]
    return found


def _ordered(fields: Document, order: Mapping[str, Any]) -> dict[str, Any]:
    return {key: fields[key] for key in order if key in fields}


def earlier(draft: Draft) -> dict[tuple[str, ...], str]:
    """Return what had another name in the file, by its path in the document of the draft."""
    environments = {entry.name: entry.was for entry in draft.environments if entry.was}
    found: dict[tuple[str, ...], str] = {("environments", name): was for name, was in environments.items()}
    for service in draft.services:
        if service.was:
            place = ("services", service.name)
            found[place] = service.was
            found |= {(*place, "environments", name): was for name, was in environments.items()}
    return found


def with_service(draft: Draft, old: str, new: ServiceDraft) -> Draft:
    """Put a service in the place of the one named `old`; whoever calls that one calls the new one."""

    def changed(service: ServiceDraft) -> ServiceDraft:
        if service.name == old:
            return new
        return replace(
            service, calls=tuple(new.name if callee == old else callee for callee in service.calls)
        )

    return replace(draft, services=tuple(map(changed, draft.services)))


def without_service(draft: Draft, name: str) -> Draft:
    """Remove a service, and all calls of it."""
    rest = (service for service in draft.services if service.name != name)
    return replace(
        draft,
        services=tuple(
            replace(service, calls=tuple(callee for callee in service.calls if callee != name))
            for service in rest
        ),
    )


def callers(draft: Draft, name: str) -> tuple[str, ...]:
    """Return the names of the services that call one."""
    return tuple(service.name for service in draft.services if name in service.calls)


def with_image(service: ServiceDraft, *, runtime: str = "", image: str = "") -> ServiceDraft:
    """Change where a service's image comes from, with the port and the readiness that are usual for that."""
    if runtime not in {"", OWN_DOCKERFILE}:
        kept = {key: value for key, value in service.kept.items() if key not in OWN_FIELDS}
        return replace(service, runtime=runtime, image="", port=_PORT, ready=_READY, kept=kept)
    if image and not service.image:
        return replace(service, runtime="", image=image, port=_IMAGE_PORT, ready=_IMAGE_READY)
    if runtime and service.image:
        return replace(service, runtime=runtime, image="", port=_PORT, ready=_READY)
    return replace(service, runtime=runtime, image=image)


def with_target(environment: EnvironmentDraft, target: str) -> EnvironmentDraft:
    """Let an environment run on something; what only a cluster has does not go with it to another target."""
    kept = environment.kept
    if target != CLUSTER:
        kept = {key: value for key, value in kept.items() if key not in CLUSTER_FIELDS}
    return replace(environment, target=target, kept=kept)


def with_setting(environment: EnvironmentDraft, key: str, value: str, usual: str = "") -> EnvironmentDraft:
    """Let an environment say something of its cluster; what is usual is said only where it was before."""
    return replace(environment, kept=_overlaid(environment.kept, {key: (value, usual)}))


def with_environment(draft: Draft, old: str, new: EnvironmentDraft) -> Draft:
    """Put an environment in the place of the one named `old`, also where services say what differs there."""
    environments = tuple(new if entry.name == old else entry for entry in draft.environments)
    return _overrides(
        replace(draft, environments=environments), lambda name: new.name if name == old else name
    )


def without_environment(draft: Draft, name: str) -> Draft:
    """Remove an environment, and what services say of it."""
    environments = tuple(entry for entry in draft.environments if entry.name != name)
    return _overrides(
        replace(draft, environments=environments), lambda other: None if other == name else other
    )


def _overrides(draft: Draft, renamed: Callable[[str], str | None]) -> Draft:
    """Rename the environments in what services say of them; those renamed to None go."""

    def changed(service: ServiceDraft) -> ServiceDraft:
        said = service.kept.get("environments")
        if not said:
            return service
        pairs = ((renamed(name), override) for name, override in said.items())
        found = {name: override for name, override in pairs if name is not None}
        kept = {key: value for key, value in service.kept.items() if key != "environments"}
        return replace(service, kept={**kept, "environments": found} if found else kept)

    return replace(draft, services=tuple(map(changed, draft.services)))
