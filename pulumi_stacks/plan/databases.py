"""The database of a service as the container that it runs in, and the address that the service gets. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..network import subnets
from ..quantities import memory_bytes
from . import postgres
from .model import Check, Container, Database, Secret

if TYPE_CHECKING:
    from ..context.model import Service
    from .scope import PlanScope

_DATABASE_URL = "DATABASE_URL"


def database(scope: PlanScope, service: Service) -> Database | None:
    """Decide the database of a service; None where it has none, or has it outside the system."""
    if not service.database or scope.environment.settings.external:
        return None
    name = f"{scope.prefix}_{subnets.database(service.id)}"
    return Database(
        key=service.id,
        volume=scope.rules.database_volume(name, service.id),
        container=Container(
            key=name,
            place=f"services.{service.name}: database",
            image=scope.base_image("postgres"),
            fixed_name=True,
            command=postgres.COMMAND,
            variables=(("PGDATA", postgres.DATA_PATH),),
            secrets=(Secret(variable=postgres.PASSWORD_VARIABLE),),
            links=scope.links(subnets.database(service.id), aliases=(scope.rules.database_host(service.id),)),
            user=postgres.USER,
            tmpfs=postgres.TMPFS,
            volumes=((name, postgres.VOLUME_PATH),),
            cpu_millis=1000,
            memory_bytes=memory_bytes("512Mi"),
            check=Check(test=postgres.READY),
            labels=scope.labels_of(service.id, "database"),
        ),
    )


def database_url(scope: PlanScope, service: Service) -> tuple[Secret, ...]:
    """Return the variable with the address of a service's database, or nothing."""
    if not service.database:
        return ()
    if scope.environment.settings.external:
        return (Secret(variable=_DATABASE_URL, given_for=service.name),)
    host = scope.rules.database_host(service.id)
    return (
        Secret(
            variable=_DATABASE_URL,
            before=f"postgresql://{postgres.ROLE}:",
            after=f"@{host}:{postgres.PORT}/{postgres.ROLE}",
        ),
    )
