"""The target `kubernetes`: a deployment plan as resources on a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

from .components import System
from .kubectl import Kubectl
from .preflight import faults
from .settings import IDENTITY, given_urls, missing, missing_urls
from .workloads import READY_SECONDS, Limits

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    urls = config.get("database_urls")
    problems = (*missing(plan), *missing_urls(plan, urls), *_open_secrets()) or faults(plan, kubectl)
    if problems:
        raise pulumi.RunError("\n".join(problems))
    limits = Limits(ready_seconds=config.get_int("timeout") or READY_SECONDS)
    inside = Kubectl(kubectl.context, plan.cluster.namespace, kubectl.kubeconfig)
    system = System(
        plan,
        limits=limits,
        kubectl=inside,
        addresses={name: pulumi.Output.secret(url) for name, url in given_urls(urls).items()},
        pull_config=config.get_secret("pull_config"),
    )
    pulumi.export(IDENTITY, system.identity)
    return system.address.apply(lambda address: plan.url or (f"http://{address}" if address else ""))


def _open_secrets() -> Iterator[str]:
    """Name each key that holds a secret in plain text, in a file that is committed."""
    for key in ("cn:database_urls", "cn:pull_config"):
        if pulumi.Config("cn").get(key.removeprefix("cn:")) and not pulumi.runtime.is_config_secret(key):
            yield f"{key}: is in plain text; set it again with `pulumi config set --secret`"
