"""The commands of a repository for an environment on a cluster, besides its deployment.

Run in the folder of the Pulumi program, as `python -m pulumi_stacks.targets.kubernetes`:

    check ENV          check that the cluster and the namespace are those of its stack
    check-refresh ENV  the same, if the namespace may have been deleted outside of Pulumi
    backend ENV        print the backend of its state, or nothing if Pulumi chooses it
    backend-up ENV     the same before a deployment: cn.yaml must name the backend
    confirm ENV        ask to confirm, by CN_CONFIRM or on the terminal, that it is destroyed
    confirm-delete ENV the same if its data is deleted too
    manifests ENV      write its manifests to manifests/ENV/
    rights ENV         print the Role that a deployment needs in the namespace
    kept ENV           print what remains after it was destroyed
    delete-data ENV    delete its namespace, with the volumes of its databases and everything else in it
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from ... import stack, stack_file
from ...errors import ExpectedError, UsageError
from ...stack_state import StateError, unprotect
from ...system import make_plan
from .cluster import cluster_of
from .kubectl import Kubectl, KubectlError
from .kustomize import files, secrets
from .live import backend, ownership, permissions, recorded_state
from .live.recorded_state import RecordedState
from .manifests.workloads import READY_SECONDS, Timeouts
from .required_config import missing
from .rules import spec_checks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ...context.model import Context
    from ...plan.model import DeploymentPlan
    from .cluster import Cluster

FAILED, BAD_INPUT = 1, 2
_RUNNING = ("get", "deployments,statefulsets", "--output=name")


def main(argv: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    commands: dict[str, Callable[[DeploymentPlan, Cluster, Mapping[str, Any]], None]] = {
        "check": _check,
        "check-refresh": partial(_check, refresh=True),
        "backend": _backend,
        "backend-up": partial(_backend, deploys=True),
        "confirm": _confirm,
        "confirm-delete": partial(_confirm, delete=True),
        "manifests": _manifests,
        "rights": _rights,
        "kept": _kept,
        "delete-data": _delete_data,
    }
    if len(argv) != 2 or argv[0] not in commands:
        sys.stderr.write(f"{__doc__}")
        return BAD_INPUT
    try:
        settings = stack_file.settings(argv[1])
        plan = _plan(argv[1], settings)
        commands[argv[0]](plan, cluster_of(plan), settings)
    except (KubectlError, StateError, OSError) as error:
        sys.stderr.write(f"{argv[0]} {argv[1]}: {error}\n")
        return FAILED
    except ExpectedError as error:
        sys.stderr.write(f"{error}\n")
        return error.code
    return 0


def _check(
    plan: DeploymentPlan, cluster: Cluster, settings: Mapping[str, Any], *, refresh: bool = False
) -> None:
    known = recorded_state.read_state(plan.environment, backend.chosen(cluster.state))
    try:
        found = ownership.read_namespace(cluster.namespace, _kubectl(cluster, settings))
    except KubectlError:
        return  # the deployment itself will report it
    if fault := ownership.fault(plan.project, plan.environment, cluster, found, known, refresh=refresh):
        raise UsageError(fault)


def _backend(plan: DeploymentPlan, cluster: Cluster, _: Mapping[str, Any], *, deploys: bool = False) -> None:
    given = os.environ.get(backend.VARIABLE, "")
    if (deploys or cluster.state) and (fault := backend.fault(plan.environment, cluster.state, given)):
        raise UsageError(fault)
    _print(backend.chosen(cluster.state) or given)


def _confirm(plan: DeploymentPlan, cluster: Cluster, _: Mapping[str, Any], *, delete: bool = False) -> None:
    if cluster.protected:
        _ask(plan, cluster, delete=delete)
    # The state may still protect an environment that cn.yaml protects no longer.
    address = backend.chosen(cluster.state)
    known = recorded_state.read_state(plan.environment, address)
    if not known.objects:
        _print(f"environments.{plan.environment}: this Pulumi state has no objects")
    if known.protected:
        unprotect(plan.environment, known.protected, address)


def _ask(plan: DeploymentPlan, cluster: Cluster, *, delete: bool) -> None:
    name = f"{plan.project}-{plan.environment}"
    given = os.environ.get("CN_CONFIRM", "")
    what = f"down removes all workloads in the namespace {cluster.namespace} and keeps its volumes"
    if delete:
        what = (
            f"DATA=delete deletes the namespace {cluster.namespace} and everything in it, with all databases"
        )
    if not given and sys.stdin.isatty():
        with suppress(EOFError):
            given = input(f"{what}. Type {name} to continue: ").strip()
    if given != name:
        raise UsageError(f"environments.{plan.environment}: not confirmed: {what}; add CONFIRM={name}")


def _manifests(plan: DeploymentPlan, _: Cluster, settings: Mapping[str, Any]) -> None:
    if problems := tuple(missing(plan)):
        raise UsageError("\n".join(problems))
    folder = Path("manifests") / plan.environment
    folder.mkdir(parents=True, exist_ok=True)
    texts = files(plan, _timeouts(settings))
    for old in set(folder.glob("service-*.yaml")) - {folder / name for name in texts}:
        old.unlink()
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    _print(f"infra/{folder}/: {len(texts)} files; apply them with `kubectl apply -k infra/{folder}`")
    for name, keys in secrets(plan).items():
        _print(f"create the Secret {name} with {' and '.join(keys)} first; the files do not include it")


def _rights(plan: DeploymentPlan, _: Cluster, __: Mapping[str, Any]) -> None:
    sys.stdout.write(yaml.safe_dump(permissions.role(plan), sort_keys=False))


def _kept(plan: DeploymentPlan, cluster: Cluster, settings: Mapping[str, Any]) -> None:
    try:
        output = _kubectl(cluster, settings, cluster.namespace).run(
            "get", "persistentvolumeclaims", "--output=name"
        )
    except KubectlError as error:
        _print(f"kept: the namespace {cluster.namespace}; cannot list its volumes: {error}")
        return
    claims = [word.rpartition("/")[2] for word in output.split()]
    _print(f"kept: the namespace {cluster.namespace}, with {', '.join(claims) or 'no volumes'}")
    _print(f"delete it with `make down ENV={plan.environment} DATA=delete`")


def _delete_data(plan: DeploymentPlan, cluster: Cluster, settings: Mapping[str, Any]) -> None:
    kubectl = _kubectl(cluster, settings)
    found = ownership.read_namespace(cluster.namespace, kubectl)
    # This state owns nothing there any more: `pulumi destroy` has run before.
    owner = ownership.other_owner(plan.project, cluster, found) or ownership.other_state(
        cluster, found, RecordedState()
    )
    if owner:
        raise UsageError(f"namespace {cluster.namespace} not deleted: {owner}")
    if found.uid and (running := _kubectl(cluster, settings, cluster.namespace).run(*_RUNNING).split()):
        raise UsageError(
            f"namespace {cluster.namespace} not deleted: it contains {', '.join(running)}, not part of "
            "this stack; delete them first"
        )
    words = ("delete", "namespace", cluster.namespace, "--ignore-not-found")
    kubectl.run(*words, timeout=300)
    _print(f"{plan.environment}: deleted the namespace {cluster.namespace} and all volumes in it")


def _kubectl(cluster: Cluster, settings: Mapping[str, Any], namespace: str = "") -> Kubectl:
    return Kubectl(
        context=cluster.kube_context or str(settings.get("kubernetes:context", "")),
        namespace=namespace,
        kubeconfig=str(settings.get("kubernetes:kubeconfig", "")),
    )


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _timeouts(settings: Mapping[str, Any]) -> Timeouts:
    given = settings.get("cn:timeout") or 0
    try:
        return Timeouts(ready_seconds=int(given) or READY_SECONDS)
    except (TypeError, ValueError):
        raise UsageError(f"cn:timeout: {given!r} is not a whole number of seconds") from None


def _plan(environment: str, settings: Mapping[str, Any]) -> DeploymentPlan:
    system = stack.read_system(Path("../cn.yaml"))
    config = stack.read_config(lambda name: settings.get(f"{stack.SETTINGS}:{name}"))
    if _named_secret(system, environment):
        # A deployment with both is an error; the other commands ignore cn:pull_config.
        config = replace(config, registry_login=False)
    plan = make_plan(system, environment, config)
    if plan.target != spec_checks.NAME:
        raise UsageError(f"environments.{environment}: is not on a cluster")
    return plan


def _named_secret(system: Context, environment: str) -> bool:
    return any(each.settings.pull_secret for each in system.environments if each.name == environment)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
