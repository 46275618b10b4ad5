"""What a repository does with an environment on a cluster, beside deploying it.

Run in the folder of the Pulumi program, as `python -m pulumi_stacks.targets.kubernetes`:

    check ENV          see that this is the cluster, and the namespace, that its stack is in
    check-refresh ENV  the same where the namespace may have been deleted by hand
    backend ENV        print where its state is, or nothing where Pulumi chooses that
    backend-up ENV     the same before a deployment: cn.yaml has to say where
    confirm ENV        have it confirmed, by CN_CONFIRM or on the terminal, that it is taken down
    confirm-delete ENV the same where all its data is deleted
    manifests ENV      write what it consists of to manifests/ENV/
    rights ENV         print the Role that whoever deploys needs in the namespace
    kept ENV           tell what is left of it after it was taken down
    delete-data ENV    delete its namespace, with the volumes of its databases and all else in it
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
from ...stack_state import StateError, release
from ...system import make_plan
from .cluster import cluster_of
from .kubectl import Kubectl, KubectlError
from .kustomize import files, secrets
from .live import backend, claim, rights, state
from .live.state import Recorded
from .manifests.workloads import READY_SECONDS, Limits
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
    known = state.recorded(plan.environment, backend.chosen(cluster.state))
    try:
        found = claim.look(cluster.namespace, _kubectl(cluster, settings))
    except KubectlError:
        return  # nothing can be changed there either, and that will be told
    if fault := claim.fault(plan.project, plan.environment, cluster, found, known, refresh=refresh):
        raise UsageError(fault)


def _backend(plan: DeploymentPlan, cluster: Cluster, _: Mapping[str, Any], *, deploys: bool = False) -> None:
    given = os.environ.get(backend.VARIABLE, "")
    if (deploys or cluster.state) and (fault := backend.fault(plan.environment, cluster.state, given)):
        raise UsageError(fault)
    _say(backend.chosen(cluster.state) or given)


def _confirm(plan: DeploymentPlan, cluster: Cluster, _: Mapping[str, Any], *, delete: bool = False) -> None:
    if cluster.protected:
        _ask(plan, cluster, delete=delete)
    # Also what is no longer protected by cn.yaml may still be so in the state.
    kept = backend.chosen(cluster.state)
    known = state.recorded(plan.environment, kept)
    if not known.objects:
        _say(f"environments.{plan.environment}: nothing was deployed from the state that is in use here")
    if known.protected:
        release(plan.environment, known.protected, kept)


def _ask(plan: DeploymentPlan, cluster: Cluster, *, delete: bool) -> None:
    name = f"{plan.project}-{plan.environment}"
    given = os.environ.get("CN_CONFIRM", "")
    what = f"down removes all that runs in the namespace {cluster.namespace}, and keeps its volumes"
    if delete:
        what = f"DATA=delete deletes the namespace {cluster.namespace}, with all databases and all else in it"
    if not given and sys.stdin.isatty():
        with suppress(EOFError):
            given = input(f"{what}. Type {name} to continue: ").strip()
    if given != name:
        raise UsageError(f"environments.{plan.environment}: {what}; say CONFIRM={name}, if that is meant")


def _manifests(plan: DeploymentPlan, _: Cluster, settings: Mapping[str, Any]) -> None:
    if problems := tuple(missing(plan)):
        raise UsageError("\n".join(problems))
    folder = Path("manifests") / plan.environment
    folder.mkdir(parents=True, exist_ok=True)
    texts = files(plan, _limits(settings))
    for old in set(folder.glob("service-*.yaml")) - {folder / name for name in texts}:
        old.unlink()
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    _say(f"infra/{folder}/: {len(texts)} files; `kubectl apply -k infra/{folder}` makes all of it")
    for name, keys in secrets(plan).items():
        _say(f"make the Secret {name} with {' and '.join(keys)} first; it is in none of them")


def _rights(plan: DeploymentPlan, _: Cluster, __: Mapping[str, Any]) -> None:
    sys.stdout.write(yaml.safe_dump(rights.role(plan), sort_keys=False))


def _kept(plan: DeploymentPlan, cluster: Cluster, settings: Mapping[str, Any]) -> None:
    try:
        told = _kubectl(cluster, settings, cluster.namespace).run(
            "get", "persistentvolumeclaims", "--output=name"
        )
    except KubectlError as error:
        _say(f"kept: the namespace {cluster.namespace}; what is in it cannot be asked: {error}")
        return
    claims = [word.rpartition("/")[2] for word in told.split()]
    _say(f"kept: the namespace {cluster.namespace}, with {', '.join(claims) or 'nothing in it'}")
    _say(f"`make down ENV={plan.environment} DATA=delete` deletes it")


def _delete_data(plan: DeploymentPlan, cluster: Cluster, settings: Mapping[str, Any]) -> None:
    kubectl = _kubectl(cluster, settings)
    found = claim.look(cluster.namespace, kubectl)
    # What this state had there, it has taken down just now, its mark included.
    owner = claim.stranger(plan.project, cluster, found) or claim.other_state(cluster, found, Recorded())
    if owner:
        raise UsageError(f"the namespace {cluster.namespace} is not deleted: {owner}")
    if found.uid and (running := _kubectl(cluster, settings, cluster.namespace).run(*_RUNNING).split()):
        raise UsageError(
            f"the namespace {cluster.namespace} is not deleted: {', '.join(running)} run there, and are not "
            "of this stack; delete them first"
        )
    words = ("delete", "namespace", cluster.namespace, "--ignore-not-found")
    kubectl.run(*words, patience=300)
    _say(f"{plan.environment}: the namespace {cluster.namespace} is gone, and all claims in it")


def _kubectl(cluster: Cluster, settings: Mapping[str, Any], namespace: str = "") -> Kubectl:
    return Kubectl(
        context=cluster.context or str(settings.get("kubernetes:context", "")),
        namespace=namespace,
        kubeconfig=str(settings.get("kubernetes:kubeconfig", "")),
    )


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _limits(settings: Mapping[str, Any]) -> Limits:
    given = settings.get("cn:timeout") or 0
    try:
        return Limits(ready_seconds=int(given) or READY_SECONDS)
    except (TypeError, ValueError):
        raise UsageError(f"cn:timeout: {given!r} is not a whole number of seconds") from None


def _plan(environment: str, settings: Mapping[str, Any]) -> DeploymentPlan:
    system = stack.read_system(Path("../cn.yaml"))
    config = stack.read_config(lambda name: settings.get(f"{stack.SETTINGS}:{name}"))
    if _named_secret(system, environment):
        # With both, a deployment is refused; all else goes on.
        config = replace(config, pulls=False)
    plan = make_plan(system, environment, config)
    if plan.target != spec_checks.NAME:
        raise UsageError(f"environments.{environment}: is not on a cluster")
    return plan


def _named_secret(system: Context, environment: str) -> bool:
    return any(each.settings.pull_secret for each in system.environments if each.name == environment)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
