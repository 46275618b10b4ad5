"""What happened or would happen, as text. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Collection
from pathlib import Path

from generator.result import printable
from pulumi_stacks.context.model import Context, Service


def created(context: Context, paths: Collection[str], destination: Path, notes: Collection[str]) -> str:
    """Say what was made, what to know about it, and the next commands."""
    names = ", ".join(service.name for service in context.services)
    plural = "service" if len(context.services) == 1 else "services"
    made = f"{len(paths)} files, {len(context.services)} {plural} ({names})"
    head = f"Created {printable(str(destination))}: {made}."
    return "\n".join([head, *(f"Note: {note}" for note in notes), "", "Next:", *_next(context, destination)])


def notes(context: Context) -> list[str]:
    """Say what of the spec is accepted and not acted on yet."""
    later = ["ci: gitlab is kept; its pipeline comes with a later version of cn-new."]
    return [
        *(later if context.ci == "gitlab" else []),
        *(f"{warning}." for warning in context.cycles()),
        *(
            f"services.{service.name} has no route and no caller: nothing can reach it yet."
            for service in context.services
            if not service.route and not service.callers
        ),
    ]


def _page(service: Service) -> str:
    """Name something that the service has to show."""
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
    unset = [f"  # first set {place}.{field}: {hint}" for field, hint in environment.required.items()]
    return [
        f"  cd {printable(shlex.quote(str(destination)))}",
        *unset,
        *([f"  make push ENV={environment.name}"] if pushed else []),
        f"  make up ENV={environment.name}",
        *(f"  curl {gateway}{service.route.rstrip('/')}/{_page(service)}" for service in routed[:1]),
        "",
        "Without Pulumi: README.md there tells how Docker Compose runs the same.",
    ]
