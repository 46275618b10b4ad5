"""What an environment on a cluster is: its settings with defaults, its address, where it runs. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....context.model import Settings
from ....spec.model import TLS_GATEWAYS

if TYPE_CHECKING:
    from ....spec.environment import Environment

# The fields of an environment that only a cluster reads.
FIELDS = (
    "domain",
    "namespace",
    "kube_context",
    "storage_class",
    "gateway",
    "database",
    "state",
    "protected",
    "pull_secret",
    "metrics_from",
    "annotations",
    "sources",
    "client_address",
)


def settings(system: str, name: str, environment: Environment) -> Settings:
    """Fill in the defaults of an environment."""
    return Settings(
        namespace=environment.namespace or f"{system}-{name}",
        kube_context=environment.kube_context or "",
        storage_class=environment.storage_class or "",
        gateway=environment.gateway or "loadbalancer",
        domain=environment.domain or "",
        database=environment.database or "in-cluster",
        state=environment.state or "",
        protected=environment.protected is not False,
        pull_secret=environment.pull_secret or "",
        metrics_from=tuple(sorted(set(environment.metrics_from or ()))),
        annotations=dict(sorted((environment.annotations or {}).items())),
        sources=tuple(dict.fromkeys(environment.sources or ())),
        client_address=bool(environment.client_address),
    )


def url(found: Settings, _port: int) -> str:
    """Return the address of the gateway, or empty where only the cluster knows it."""
    return f"http{'s' if proxied(found) else ''}://{found.domain}" if found.domain else ""


def proxied(found: Settings) -> bool:
    """Return whether a controller before the gateway terminates TLS."""
    return found.gateway in TLS_GATEWAYS


def location(found: Settings) -> tuple[str, ...]:
    """Return where the environment runs, in words."""
    words = (
        f"namespace {found.namespace}",
        found.gateway,
        found.domain,
        "external databases" if found.external else "",
    )
    return tuple(filter(None, words))


def required(found: Settings) -> dict[str, str]:
    """Return the fields that a deployment requires and that are not set."""
    return {} if found.state else {"state": "s3://... for a team, or local for one person"}
