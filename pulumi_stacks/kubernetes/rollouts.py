"""What is done to a Deployment before it is changed. What goes wrong here, the change itself will tell."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING

from .kubectl import KubectlError

if TYPE_CHECKING:
    from .kubectl import Kubectl

_EXPIRED = "ProgressDeadlineExceeded"
# Owns the number of replicas from when the stack lets go of it until the autoscaler sets another one.
_HEIR = "cn-new-replicas"


def restart_expired(kubectl: Kubectl, name: str) -> None:
    """Restart a roll-out that has run out of time before, or it would count as failed at once."""
    with suppress(KubectlError):
        status = kubectl.get("deployment", name).get("status", {})
        if any(condition.get("reason") == _EXPIRED for condition in status.get("conditions") or ()):
            kubectl.run("rollout", "restart", f"deployment/{name}")
            kubectl.run("wait", "--for=condition=Progressing", f"deployment/{name}", "--timeout=10s")


def hand_over(kubectl: Kubectl, name: str) -> None:
    """Keep the number of replicas as it is when nobody says it any more: without an owner it falls to one."""
    with suppress(KubectlError):
        replicas = kubectl.get("deployment", name)["spec"]["replicas"]
        owned = {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": name},
            "spec": {"replicas": replicas},
        }
        words = ("apply", "--server-side", f"--field-manager={_HEIR}", "--validate=false", "--filename=-")
        kubectl.run(*words, given=json.dumps(owned))
