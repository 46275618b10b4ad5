"""Pulumi resource hooks: what runs before an object changes, and after a change failed."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pulumi

from ...error_report import report
from .manifests.metadata import COMPONENT, NAME, selector
from .rollout_hooks import delete_autoscaler, job_names, keep_replicas, restart_timed_out, stop_unstarted_job

if TYPE_CHECKING:
    from collections.abc import Callable

    from .diagnose import Diagnosis
    from .manifests.metadata import Object


def report_failure(name: str, text: str) -> pulumi.ErrorHook:
    """Return the hook that reports a text if a change fails."""

    def on_error(_: pulumi.ErrorHookArgs) -> bool:
        if not pulumi.runtime.is_dry_run():
            report(text)
        return False

    return pulumi.ErrorHook(name, on_error)


def wait_hooks(name: str, workload: Object, diagnosis: Diagnosis, seconds: int) -> pulumi.ResourceHookBinding:
    """Return the hooks of a workload, which report the diagnosis if pods are not ready within `seconds`."""
    failure = _FailureReport(workload, diagnosis)
    kubectl = diagnosis.kubectl
    failed = [pulumi.ErrorHook(f"{workload['kind']}-{name}", failure.on_error)]
    if workload["kind"] == "Job":

        def watch() -> None:
            words = (kubectl, failure.selector, job_names(kubectl, failure.selector), seconds, failure.report)
            threading.Thread(target=stop_unstarted_job, args=words, daemon=True).start()

        return pulumi.ResourceHookBinding(before_create=[_hook(f"watch-{name}", watch)], on_error=failed)
    if workload["kind"] == "Deployment":

        def prepare() -> None:
            restart_timed_out(kubectl, name)
            if "replicas" in workload["spec"]:
                delete_autoscaler(kubectl, name)
            else:
                keep_replicas(kubectl, name)

        return pulumi.ResourceHookBinding(before_update=[_hook(f"prepare-{name}", prepare)], on_error=failed)
    return pulumi.ResourceHookBinding(on_error=failed)


def _hook(name: str, do: Callable[[], None]) -> pulumi.ResourceHook:
    def run(_: pulumi.ResourceHookArgs) -> None:
        if not pulumi.runtime.is_dry_run():
            do()

    return pulumi.ResourceHook(name, run)


class _FailureReport:
    """Reports once why the pods of a workload are not ready."""

    def __init__(self, workload: Object, diagnosis: Diagnosis) -> None:
        labels = workload["metadata"]["labels"]
        self._kind = workload["kind"].lower()
        self._labels = selector(labels[NAME], labels[COMPONENT])
        self._diagnosis = diagnosis
        self._done = False

    @property
    def selector(self) -> str:
        return ",".join(f"{key}={value}" for key, value in self._labels.items())

    def report(self) -> None:
        if not self._done:
            self._done = True
            report(self._diagnosis.explain(self._labels, self._kind))

    def on_error(self, _: pulumi.ErrorHookArgs) -> bool:
        """Report why a change failed, and do not retry it."""
        if not pulumi.runtime.is_dry_run():
            self.report()
        return False
