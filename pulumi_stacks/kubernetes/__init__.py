"""The target `kubernetes`: a deployment plan as resources on a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

from ..refusal import refusal  # noqa: TID252
from .components import System
from .kubectl import Kubectl, KubectlError
from .live import state
from .live.claim import Found, look
from .live.drift import changes, restore
from .live.history import older
from .live.standing import unwell
from .preflight import faults
from .settings import given_urls, missing, missing_urls
from .workloads import READY_SECONDS, Limits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..deployment import DeploymentPlan  # noqa: TID252
    from .live.state import Recorded

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
    problems = (*missing(plan), *missing_urls(plan, urls), *_open_secrets())
    recorded = state.recorded(plan.environment)
    problems = problems or faults(plan, kubectl, recorded)
    if problems:
        raise pulumi.RunError("\n".join(problems))
    limits = Limits(ready_seconds=config.get_int("timeout") or READY_SECONDS)
    inside = Kubectl(kubectl.context, plan.cluster.namespace, kubectl.kubeconfig)
    _refuse_older(plan, inside)
    _set_back(recorded, inside)
    system = System(
        plan,
        limits=limits,
        kubectl=inside,
        addresses={name: pulumi.Output.secret(url) for name, url in given_urls(urls).items()},
        pull_config=config.get_secret("pull_config"),
        found=_found(plan.cluster.namespace, kubectl),
        recorded=recorded,
    )

    async def answering(address: str) -> str:
        dry = pulumi.runtime.is_dry_run()
        if reason := "" if dry else await unwell(plan, inside, limits.ready_seconds):
            raise refusal(reason)
        return plan.url or (f"http://{address}" if address else "")

    return system.address.apply(answering)


def _refuse_older(plan: DeploymentPlan, kubectl: Kubectl) -> None:
    """Stop before an image that ran before takes the place of a newer one; a preview says so."""
    try:
        found = "\n".join(older(plan, kubectl))
    except KubectlError:
        return  # it may not look
    if found and pulumi.runtime.is_dry_run():
        pulumi.log.warn(found)
    elif found:
        raise pulumi.RunError(found)


def _set_back(recorded: Recorded, kubectl: Kubectl) -> None:
    """Set back what was changed by hand since the last deployment, and report it; a preview reports only."""
    try:
        for change in changes(recorded.objects, kubectl):
            if not pulumi.runtime.is_dry_run():
                restore(change, kubectl)
            pulumi.log.warn(f"{change.text}; what cn.yaml says holds again")
    except KubectlError as error:
        pulumi.log.warn(f"what was changed by hand cannot be seen or set back: {error}")


def _found(namespace: str, kubectl: Kubectl) -> Found:
    try:
        return look(namespace, kubectl)
    except KubectlError:
        return Found()


def _open_secrets() -> Iterator[str]:
    """Name each key that holds a secret in plain text, in a file that is committed."""
    for key in ("cn:database_urls", "cn:pull_config"):
        if pulumi.Config("cn").get(key.removeprefix("cn:")) and not pulumi.runtime.is_config_secret(key):
            yield f"{key}: is in plain text; set it again with `pulumi config set --secret`"
