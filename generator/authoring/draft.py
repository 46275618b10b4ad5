"""A system under construction, from flags or from the wizard: plain values and edits of them. Pure.

Nothing is validated here; the loader validates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pulumi_stacks import targets
from pulumi_stacks.spec.environment import Environment
from pulumi_stacks.spec.model import DEFAULT_TARGET, OWN_DOCKERFILE, OWN_FIELDS, Service, Spec

from .spec_writer import Document

# Defaults that a new cn.yaml contains explicitly, so that a reader sees them.
_EXPLICIT_DEFAULTS: dict[str, Any] = {"spec": 1, "environments": {"dev": {"target": DEFAULT_TARGET}}}
_PORT: int = Service.model_fields["port"].default
_READY: str = Service.model_fields["ready"].default
# Likely values for a prebuilt image; services built from a runtime follow the contract.
_IMAGE_PORT, _IMAGE_READY = 80, "none"


@dataclass(frozen=True)
class ServiceDraft:
    """One service; an empty text means "not specified". `kept` holds all its fields in the file.

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
    most: int = 0  # replicas under load; 0 means "not specified"
    kept: Document = field(default_factory=dict)
    was: str = ""

    @property
    def own(self) -> bool:
        """Return whether it brings its own image, so that no runtime defines its port and readiness."""
        return self.runtime in {"", OWN_DOCKERFILE}


@dataclass(frozen=True)
class EnvironmentDraft:
    """One environment. `kept` holds all its fields in the file except the target, `was` its name there."""

    name: str
    target: str
    kept: Document = field(default_factory=dict)
    was: str = ""

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that only its target reads."""
        found = targets.known().get(self.target)
        return found.spec.fields if found else ()

    @property
    def pulls(self) -> bool:
        """Whether its target pulls images from a registry."""
        found = targets.known().get(self.target)
        return found is not None and found.context.pulls

    @property
    def scales(self) -> bool:
        """Whether its target starts more replicas under load."""
        found = targets.known().get(self.target)
        return found is not None and found.context.scales


@dataclass(frozen=True)
class Draft:
    """A whole system; an empty text means "not specified". `kept` holds the top-level fields of the file."""

    name: str
    description: str = ""
    owner: str = ""
    registry: str = ""
    ci: str = ""
    environments: tuple[EnvironmentDraft, ...] = (EnvironmentDraft("dev", DEFAULT_TARGET),)
    services: tuple[ServiceDraft, ...] = ()
    kept: Document = field(default_factory=lambda: _EXPLICIT_DEFAULTS)

    def service(self, name: str) -> ServiceDraft:
        """Return the service of a name; StopIteration when there is none."""
        return next(service for service in self.services if service.name == name)


def from_spec(spec: Spec, *, new: bool = False) -> Draft:
    """Return a draft that keeps all fields of a loaded file; `new` adds the explicit defaults."""
    fields: dict[str, Any] = spec.model_dump(mode="json", exclude_unset=True)
    return Draft(
        name=spec.name,
        description=spec.description,
        owner=spec.owner or "",
        registry=spec.registry or "",
        ci=fields.get("ci", ""),
        environments=tuple(
            EnvironmentDraft(
                name,
                environment.target,
                fields["environments"][name]
                if "environments" in fields
                else _EXPLICIT_DEFAULTS["environments"][name],
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
                kept=fields["services"][name],
                was=name,
            )
            for name, service in spec.services.items()
        ),
        kept={**_EXPLICIT_DEFAULTS, **fields} if new else fields,
    )


def to_document(draft: Draft) -> dict[str, Any]:
    """Return the cn.yaml of the draft: the kept fields, overridden by the values of the draft."""
    texts = {key: getattr(draft, key) for key in ("name", "description", "owner", "registry", "ci")}
    found = _overlaid(draft.kept, {key: (text, "") for key, text in texts.items()})
    environments = {environment.name: _environment(environment) for environment in draft.environments}
    if "environments" in found or environments != _EXPLICIT_DEFAULTS["environments"]:
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


def _overlaid(kept: Document, fields: Mapping[str, tuple[Any, Any]]) -> dict[str, Any]:
    """Return the kept fields, with the given ones (value and default) in place of those that differ."""
    found = dict(kept)
    for key, (value, default) in fields.items():
        before = found.get(key)
        if value == (default if before is None else before):
            continue
        found[key] = value
        if value == default:
            del found[key]
    return found


def _ordered(fields: Document, order: Mapping[str, Any]) -> dict[str, Any]:
    return {key: fields[key] for key in order if key in fields}


def previous_names(draft: Draft) -> dict[tuple[str, ...], str]:
    """Return the name in the file of each entry, by the path of the entry in the document of the draft."""
    environments = {entry.name: entry.was for entry in draft.environments if entry.was}
    found: dict[tuple[str, ...], str] = {("environments", name): was for name, was in environments.items()}
    for service in draft.services:
        if service.was:
            place = ("services", service.name)
            found[place] = service.was
            found |= {(*place, "environments", name): was for name, was in environments.items()}
    return found


def with_service(draft: Draft, old: str, new: ServiceDraft) -> Draft:
    """Replace the service named `old`; its callers call the new one."""

    def changed(service: ServiceDraft) -> ServiceDraft:
        if service.name == old:
            return new
        return replace(
            service, calls=tuple(new.name if callee == old else callee for callee in service.calls)
        )

    return replace(draft, services=tuple(map(changed, draft.services)))


def without_service(draft: Draft, name: str) -> Draft:
    """Remove a service and all calls to it."""
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
    """Change the source of a service's image, and set the usual port and readiness path for it."""
    if runtime not in {"", OWN_DOCKERFILE}:
        kept = {key: value for key, value in service.kept.items() if key not in OWN_FIELDS}
        return replace(service, runtime=runtime, image="", port=_PORT, ready=_READY, kept=kept)
    if image and not service.image:
        return replace(service, runtime="", image=image, port=_IMAGE_PORT, ready=_IMAGE_READY)
    if runtime and service.image:
        return replace(service, runtime=runtime, image="", port=_PORT, ready=_READY)
    return replace(service, runtime=runtime, image=image)


def with_target(environment: EnvironmentDraft, target: str) -> EnvironmentDraft:
    """Change the target of an environment; fields that the other target does not read are removed."""
    there = replace(environment, target=target)
    removed = set(environment.fields).difference(there.fields)
    return replace(there, kept={key: value for key, value in there.kept.items() if key not in removed})


def with_setting(environment: EnvironmentDraft, key: str, value: str, usual: str = "") -> EnvironmentDraft:
    """Set a field of an environment; a usual value is written only if the file already has the field."""
    return replace(environment, kept=_overlaid(environment.kept, {key: (value, usual)}))


def with_environment(draft: Draft, old: str, new: EnvironmentDraft) -> Draft:
    """Replace the environment named `old`, also in the overrides of services."""
    environments = tuple(new if entry.name == old else entry for entry in draft.environments)
    return _overrides(
        replace(draft, environments=environments), lambda name: new.name if name == old else name
    )


def without_environment(draft: Draft, name: str) -> Draft:
    """Remove an environment and its overrides in services."""
    environments = tuple(entry for entry in draft.environments if entry.name != name)
    return _overrides(
        replace(draft, environments=environments), lambda other: None if other == name else other
    )


def _overrides(draft: Draft, renamed: Callable[[str], str | None]) -> Draft:
    """Rename the environments in the overrides of services; remove those renamed to None."""

    def changed(service: ServiceDraft) -> ServiceDraft:
        fields = service.kept.get("environments")
        if not fields:
            return service
        pairs = ((renamed(name), override) for name, override in fields.items())
        found = {name: override for name, override in pairs if name is not None}
        kept = {key: value for key, value in service.kept.items() if key != "environments"}
        return replace(service, kept={**kept, "environments": found} if found else kept)

    return replace(draft, services=tuple(map(changed, draft.services)))
