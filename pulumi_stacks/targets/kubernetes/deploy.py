"""The target `kubernetes`: a deployment plan as resources on a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

from ...error_report import deployment_error
from ...plan import postgres
from ...stack_state import StateError
from .cluster import cluster_of
from .components import System
from .kubectl import Kubectl, KubectlError
from .live import backend, recorded_state
from .live.drift import changes, restore, unchanged
from .live.history import older_images
from .live.readiness import unhealthy
from .manifests.workloads import READY_SECONDS, Timeouts
from .preflight import faults, warnings
from .required_config import given_urls, missing, missing_urls

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ...plan.model import DeploymentPlan
    from .cluster import Cluster
    from .live.recorded_state import RecordedState

__all__ = ["System", "deploy"]


def deploy(plan: DeploymentPlan) -> pulumi.Output[str]:
    """Create the resources of a plan; return the address of the gateway once all pods are ready.

    Reads `cn:timeout`, the seconds until pods have to be ready, `cn:database_urls`, the URLs of external
    databases by service, `cn:pull_config`, a Docker client configuration with the login of the registry, and
    `kubernetes:kubeconfig` and `kubernetes:context` of the provider.
    """
    _check_backend(plan.environment, cluster_of(plan))
    config, provider = pulumi.Config("cn"), pulumi.Config("kubernetes")
    kubectl = Kubectl(
        context=plan.settings.kube_context or provider.get("context") or "",
        kubeconfig=provider.get("kubeconfig") or "",
    )
    urls = config.get("database_urls")
    _raise_any((*missing(plan), *missing_urls(plan, urls), *_plain_text_secrets()))
    recorded = _read_state()
    problems, found = faults(plan, kubectl, recorded)
    _raise_any(problems or tuple(_another_major(plan, recorded)))
    for warning in warnings(kubectl):
        pulumi.log.warn(warning)
    timeouts = Timeouts(ready_seconds=config.get_int("timeout") or READY_SECONDS)
    inside = Kubectl(kubectl.context, plan.settings.namespace, kubectl.kubeconfig)
    _check_rollback(plan, inside, recorded)
    _revert_drift(plan, timeouts, recorded, inside)
    system = System(
        plan,
        timeouts=timeouts,
        kubectl=inside,
        addresses={name: pulumi.Output.secret(url) for name, url in given_urls(urls).items()},
        pull_config=config.get_secret("pull_config"),
        found=found,
        recorded=recorded,
    )

    return system.address.apply(lambda address: _ready_url(plan, inside, timeouts, address))


async def _ready_url(plan: DeploymentPlan, kubectl: Kubectl, timeouts: Timeouts, address: str) -> str:
    dry = pulumi.runtime.is_dry_run()
    if reason := "" if dry else await unhealthy(plan, kubectl, timeouts.ready_seconds):
        raise deployment_error(reason)
    return plan.url or (f"http://{address}" if address else "")


def _another_major(plan: DeploymentPlan, recorded: RecordedState) -> Iterator[str]:
    stored = [service.database.container for service in plan.services if service.database]
    before = [
        each["image"]
        for made in recorded.objects
        if made.inputs["kind"] == "StatefulSet"
        for each in made.inputs["spec"]["template"]["spec"]["containers"]
    ]
    if stored and (reason := postgres.another_major(before, stored[0].image.reference)):
        yield reason


def _raise_any(problems: Sequence[str]) -> None:
    if problems:
        raise pulumi.RunError("\n".join(problems))


def _check_backend(environment: str, cluster: Cluster) -> None:
    """Raise before any change unless the state of the stack is in the backend that cn.yaml names."""
    try:
        used = backend.in_use() if cluster.state else ""
    except StateError as error:
        raise pulumi.RunError(str(error)) from None
    if fault := backend.fault(environment, cluster.state, used):
        raise pulumi.RunError(fault)


def _read_state() -> recorded_state.RecordedState:
    stack = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    try:
        return recorded_state.read_state(stack)
    except StateError as error:
        raise pulumi.RunError(str(error)) from None


def _check_rollback(plan: DeploymentPlan, kubectl: Kubectl, recorded: RecordedState) -> None:
    """Raise before a former image replaces a newer one; a preview only warns."""
    try:
        found = list(older_images(plan, kubectl, recorded))
    except KubectlError:
        return  # this user may not read ReplicaSets
    if found and pulumi.runtime.is_dry_run():
        pulumi.log.warn("\n".join(found))
    else:
        _raise_any(found)


def _revert_drift(
    plan: DeploymentPlan, timeouts: Timeouts, recorded: RecordedState, kubectl: Kubectl
) -> None:
    """Warn of drift, and revert what the deployment itself would not; a preview only warns."""
    try:
        found = list(changes(recorded.objects, kubectl))
    except KubectlError as error:
        pulumi.log.warn(f"cannot detect changes outside of Pulumi: {error}")
        return
    for change in found:
        end = "`make up` reverts it"
        if not pulumi.runtime.is_dry_run():
            end = "reverted to cn.yaml"
            if unchanged(change, recorded.objects, plan, timeouts):
                try:
                    restore(change, kubectl)
                except KubectlError as error:
                    end = f"cannot revert it: {error}"
        pulumi.log.warn(f"{change.text}; {end}")


def _plain_text_secrets() -> Iterator[str]:
    """Yield an error for each secret in plain text: the file of the stack is committed."""
    keys = {"cn:database_urls": "--path cn:database_urls.SERVICE", "cn:pull_config": "cn:pull_config"}
    for key, words in keys.items():
        if pulumi.Config("cn").get(key.removeprefix("cn:")) and not pulumi.runtime.is_config_secret(key):
            command = f"pulumi config set --secret --stack {pulumi.get_stack()} {words}"
            yield f"{key}: is in plain text; run `{command}` in infra/, with the value on stdin"
