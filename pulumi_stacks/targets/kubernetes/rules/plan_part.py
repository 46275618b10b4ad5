"""What a deployment plan is on a cluster: names, problems and warnings. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ....context.model import Context, Environment
    from ....plan.stack_config import StackConfig

# In the key of an annotation, what makes a load balancer an internal one, whatever the cloud.
_PRIVATE = re.compile("internal$|load-balancer-(type|scheme)$")
_PUBLIC = {"external", "false", "internet-facing", "no"}
_EVERYWHERE = {"0.0.0.0/0", "::/0"}
_CLOSED = (
    "choose gateway: ingress with a domain, or set the networks of its clients in sources (such as sources: "
    "[203.0.113.0/24])"
)


def database_host(service: str) -> str:
    """Return the name of the Service of a database."""
    # No service's name holds two hyphens in a row, and `xn--` begins one of another alphabet.
    return f"database--{service}"


def database_volume(_name: str, service: str) -> str:
    """Return the name of the claim that the StatefulSet of a database creates."""
    return f"data-{database_host(service)}-0"


def problems(environment: Environment, config: StackConfig) -> Iterator[str]:
    """Refuse two Secrets for one registry."""
    if config.registry_login and environment.settings.pull_secret:
        advice = f"`pulumi config rm cn:pull_config --stack {environment.name}` in infra/"
        yield (
            f"cn:pull_config: environments.{environment.name}.pull_secret already names a Secret with the "
            f"login; remove one of the two (this one by {advice})"
        )


def warnings(_context: Context, environment: Environment) -> Iterator[str]:
    """Warn of a load balancer that accepts passwords from everywhere, unencrypted."""
    settings = environment.settings
    internal = any(
        _PRIVATE.search(key.lower()) and value.lower() not in _PUBLIC
        for key, value in settings.annotations.items()
    )
    bounded = settings.sources and not _EVERYWHERE & set(settings.sources)
    if settings.gateway == "loadbalancer" and not bounded and not internal:
        place = f"environments.{environment.name}.gateway"
        yield f"{place}: the load balancer is public and speaks plain HTTP; {_CLOSED}"
