"""The summary of a created repository, as text. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Collection
from pathlib import Path

from generator.result import printable
from pulumi_stacks.context.model import Context, Service


def created(context: Context, paths: Collection[str], destination: Path, notes: Collection[str]) -> str:
    """Return what was created, the notes, and the next commands."""
    names = ", ".join(service.name for service in context.services)
    plural = "service" if len(context.services) == 1 else "services"
    made = f"{len(paths)} files, {len(context.services)} {plural} ({names})"
    head = f"Created {printable(str(destination))}: {made}."
    return "\n".join([head, *(f"Note: {note}" for note in notes), "", "Next:", *_next(context, destination)])


def notes(context: Context) -> list[str]:
    """Return notes on the spec: fields without an effect yet, call cycles, unreachable services."""
    later = ["ci: gitlab is saved in cn.yaml; a later version of cn-new generates its pipeline."]
    return [
        *(later if context.ci == "gitlab" else []),
        *(f"{warning}." for warning in context.cycles()),
        *(
            f"services.{service.name} has no route and no callers: it is not reachable yet."
            for service in context.services
            if not service.route and not service.callers
        ),
    ]


def _page(service: Service) -> str:
    """Return a path of the service that returns content."""
    if service.own or not service.strip:
        return ""
    return "items" if service.database else "openapi.json"


def _next(context: Context, destination: Path) -> list[str]:
    environment = context.environments[0]
    routed = [service for service in context.services if service.route]
    state = environment.settings.state
    backend = f"PULUMI_BACKEND_URL={shlex.quote(state)} " if state not in {"", "local"} else ""
    gateway = environment.url or f'"$({backend}pulumi --cwd infra stack output url)"'
    pushed = environment.pulls and any(service.folder for service in context.services)
    place = f"environments.{environment.name}"
    unset = [
        f"  # first set {place}.{field} in cn.yaml: {hint}" for field, hint in environment.required.items()
    ]
    return [
        f"  cd {printable(shlex.quote(str(destination)))}",
        *unset,
        *([f"  make push ENV={environment.name}"] if pushed else []),
        f"  make up ENV={environment.name}",
        *(f"  curl {gateway}{service.route.rstrip('/')}/{_page(service)}" for service in routed[:1]),
        "",
        "Without Pulumi: see README.md for Docker Compose.",
    ]
