"""The target `kubernetes`: a deployment plan as resources on a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

from .components import System
from .kubectl import Kubectl
from .preflight import faults
from .settings import IDENTITY, SettingsError, database_url, missing
from .workloads import READY_SECONDS, Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..deployment import DeploymentPlan  # noqa: TID252

__all__ = ["System", "deploy"]


def deploy(plan: DeploymentPlan) -> pulumi.Output[str]:
    """Make everything in a plan; the output, the gateway's address, is there when all of it answers.

    Reads `cn:timeout`, the seconds in which pods have to be ready, `cn:database_urls`, the addresses of
    databases elsewhere by services, `cn:pull_config`, a configuration of Docker's client that opens the
    registry, and the provider's `kubernetes:kubeconfig` and `kubernetes:context`.
    """
    assert plan.cluster is not None  # noqa: S101
    config, provider = pulumi.Config("cn"), pulumi.Config("kubernetes")
    kubectl = Kubectl(
        context=plan.cluster.context or provider.get("context") or "",
        kubeconfig=provider.get("kubeconfig") or "",
    )
    problems = (*missing(plan), *_open_secrets()) or faults(plan, kubectl)
    if problems:
        raise pulumi.RunError("\n".join(problems))
    limits = Limits(ready_seconds=config.get_int("timeout") or READY_SECONDS)
    inside = Kubectl(kubectl.context, plan.cluster.namespace, kubectl.kubeconfig)
    system = System(
        plan,
        limits=limits,
        kubectl=inside,
        addresses=_addresses(plan, config),
        pull_config=config.get_secret("pull_config"),
    )
    pulumi.export(IDENTITY, system.identity)
    return system.address.apply(lambda address: plan.url or (f"http://{address}" if address else ""))


def _open_secrets() -> Iterator[str]:
    """Name each key that holds a secret in plain text, in a file that is committed."""
    for key in ("cn:database_urls", "cn:pull_config"):
        if pulumi.Config("cn").get(key.removeprefix("cn:")) and not pulumi.runtime.is_config_secret(key):
            yield f"{key}: is in plain text; set it again with `pulumi config set --secret`"


def _addresses(plan: DeploymentPlan, config: pulumi.Config) -> dict[str, pulumi.Output[str]]:
    """Return the addresses of databases that are elsewhere, by services."""
    names = {service.given_for for service in plan.services if service.given_for}
    if not names:
        return {}
    given = config.get_secret("database_urls") or pulumi.Output.from_input("{}")
    return {name: given.apply(_of(name, plan.environment)) for name in sorted(names)}


def _of(name: str, environment: str) -> Callable[[str], str]:
    def address(text: str) -> str:
        try:
            return database_url(text, name, environment)
        except SettingsError as error:
            raise pulumi.RunError(str(error)) from None

    return address
