"""The target `kubernetes`: a deployment plan as resources on a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

from ...plan import postgres
from ...refusal import refusal
from ...stack_state import StateError
from .cluster import cluster_of
from .components import System
from .kubectl import Kubectl, KubectlError
from .live import backend, state
from .live.drift import changes, restore, unchanged
from .live.history import older
from .live.standing import unwell
from .manifests.workloads import READY_SECONDS, Limits
from .preflight import faults, warnings
from .required_config import given_urls, missing, missing_urls

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ...plan.model import DeploymentPlan
    from .cluster import Cluster
    from .live.state import Recorded

__all__ = ["System", "deploy"]


def deploy(plan: DeploymentPlan) -> pulumi.Output[str]:
    """Make everything in a plan; the output, the gateway's address, is there when all of it answers.

    Reads `cn:timeout`, the seconds in which pods have to be ready, `cn:database_urls`, the addresses of
    databases elsewhere by services, `cn:pull_config`, a configuration of Docker's client that opens the
    registry, and the provider's `kubernetes:kubeconfig` and `kubernetes:context`.
    """
    _check_backend(plan.environment, cluster_of(plan))
    config, provider = pulumi.Config("cn"), pulumi.Config("kubernetes")
    kubectl = Kubectl(
        context=plan.settings.kube_context or provider.get("context") or "",
        kubeconfig=provider.get("kubeconfig") or "",
    )
    urls = config.get("database_urls")
    _refuse((*missing(plan), *missing_urls(plan, urls), *_open_secrets()))
    recorded = _recorded()
    problems, found = faults(plan, kubectl, recorded)
    _refuse(problems or tuple(_another_major(plan, recorded)))
    for warning in warnings(kubectl):
        pulumi.log.warn(warning)
    limits = Limits(ready_seconds=config.get_int("timeout") or READY_SECONDS)
    inside = Kubectl(kubectl.context, plan.settings.namespace, kubectl.kubeconfig)
    _refuse_older(plan, inside, recorded)
    _set_back(plan, limits, recorded, inside)
    system = System(
        plan,
        limits=limits,
        kubectl=inside,
        addresses={name: pulumi.Output.secret(url) for name, url in given_urls(urls).items()},
        pull_config=config.get_secret("pull_config"),
        found=found,
        recorded=recorded,
    )

    return system.address.apply(lambda address: _answering(plan, inside, limits, address))


async def _answering(plan: DeploymentPlan, kubectl: Kubectl, limits: Limits, address: str) -> str:
    dry = pulumi.runtime.is_dry_run()
    if reason := "" if dry else await unwell(plan, kubectl, limits.ready_seconds):
        raise refusal(reason)
    return plan.url or (f"http://{address}" if address else "")


def _another_major(plan: DeploymentPlan, recorded: Recorded) -> Iterator[str]:
    stored = [service.database.container for service in plan.services if service.database]
    before = [
        each["image"]
        for made in recorded.objects
        if made.inputs["kind"] == "StatefulSet"
        for each in made.inputs["spec"]["template"]["spec"]["containers"]
    ]
    if stored and (reason := postgres.another_major(before, stored[0].image.reference)):
        yield reason


def _refuse(problems: Sequence[str]) -> None:
    if problems:
        raise pulumi.RunError("\n".join(problems))


def _check_backend(environment: str, cluster: Cluster) -> None:
    """Stop before anything is made where the state of the stack would be in no place that cn.yaml names."""
    try:
        used = backend.in_use() if cluster.state else ""
    except StateError as error:
        raise pulumi.RunError(str(error)) from None
    if fault := backend.fault(environment, cluster.state, used):
        raise pulumi.RunError(fault)


def _recorded() -> state.Recorded:
    stack = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    try:
        return state.recorded(stack)
    except StateError as error:
        raise pulumi.RunError(str(error)) from None


def _refuse_older(plan: DeploymentPlan, kubectl: Kubectl, recorded: Recorded) -> None:
    """Stop before an image that ran before takes the place of a newer one; a preview says so."""
    try:
        found = list(older(plan, kubectl, recorded))
    except KubectlError:
        return  # it may not look
    if found and pulumi.runtime.is_dry_run():
        pulumi.log.warn("\n".join(found))
    else:
        _refuse(found)


def _set_back(plan: DeploymentPlan, limits: Limits, recorded: Recorded, kubectl: Kubectl) -> None:
    """Report what was changed by hand, and set back what no other change does; a preview only reports."""
    try:
        found = list(changes(recorded.objects, kubectl))
    except KubectlError as error:
        pulumi.log.warn(f"what was changed by hand cannot be seen: {error}")
        return
    for change in found:
        end = "`make up` sets it back"
        if not pulumi.runtime.is_dry_run():
            end = "it gets what cn.yaml says"
            if unchanged(change, recorded.objects, plan, limits):
                try:
                    restore(change, kubectl)
                except KubectlError as error:
                    end = f"it cannot be set back: {error}"
        pulumi.log.warn(f"{change.text}; {end}")


def _open_secrets() -> Iterator[str]:
    """Name each key that holds a secret in plain text, in a file that is committed."""
    for key in ("cn:database_urls", "cn:pull_config"):
        if pulumi.Config("cn").get(key.removeprefix("cn:")) and not pulumi.runtime.is_config_secret(key):
            yield f"{key}: is in plain text; set it again with `pulumi config set --secret`"
