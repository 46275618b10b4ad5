"""What is done before an object is changed, and when the change fails."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pulumi

from ....refusal import tell as tell_of
from ..manifests.metadata import COMPONENT, NAME, selector
from ..rollout_hooks import end_scaling, end_unstarted, hand_over, jobs, restart_expired

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..diagnose import Witness
    from ..manifests.metadata import Object


def told(name: str, text: str) -> pulumi.ErrorHook:
    """Return the hook that tells a text when a change fails."""

    def tell(_: pulumi.ErrorHookArgs) -> bool:
        if not pulumi.runtime.is_dry_run():
            tell_of(text)
        return False

    return pulumi.ErrorHook(name, tell)


def awaited(name: str, made: Object, witness: Witness, seconds: int) -> pulumi.ResourceHookBinding:
    """Return the hooks of an object whose pods get ready in so many seconds; else the `witness` says why."""
    says = _Told(made, witness)
    kubectl = witness.kubectl
    failed = [pulumi.ErrorHook(f"{made['kind']}-{name}", says.fail)]
    if made["kind"] == "Job":

        def watch() -> None:
            words = (kubectl, says.selector, jobs(kubectl, says.selector), seconds, says.tell)
            threading.Thread(target=end_unstarted, args=words, daemon=True).start()

        return pulumi.ResourceHookBinding(before_create=[_hook(f"watch-{name}", watch)], on_error=failed)
    if made["kind"] == "Deployment":

        def prepare() -> None:
            restart_expired(kubectl, name)
            if "replicas" in made["spec"]:
                end_scaling(kubectl, name)
            else:
                hand_over(kubectl, name)

        return pulumi.ResourceHookBinding(before_update=[_hook(f"prepare-{name}", prepare)], on_error=failed)
    return pulumi.ResourceHookBinding(on_error=failed)


def _hook(name: str, do: Callable[[], None]) -> pulumi.ResourceHook:
    def run(_: pulumi.ResourceHookArgs) -> None:
        if not pulumi.runtime.is_dry_run():
            do()

    return pulumi.ResourceHook(name, run)


class _Told:
    """Says once why the pods of an object are not well."""

    def __init__(self, made: Object, witness: Witness) -> None:
        labels = made["metadata"]["labels"]
        self._kind = made["kind"].lower()
        self._labels = selector(labels[NAME], labels[COMPONENT])
        self._witness = witness
        self._done = False

    @property
    def selector(self) -> str:
        return ",".join(f"{key}={value}" for key, value in self._labels.items())

    def tell(self) -> None:
        if not self._done:
            self._done = True
            tell_of(self._witness.tell(self._labels, self._kind))

    def fail(self, _: pulumi.ErrorHookArgs) -> bool:
        """Tell why a change failed; it is not tried again."""
        if not pulumi.runtime.is_dry_run():
            self.tell()
        return False
