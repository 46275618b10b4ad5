"""The Kubernetes objects in the state of a stack, from the resources that `stack_state` reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ....stack_state import GUARD, OWNER, RANDOM_ID, read_resources, state_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_NAMESPACE = "kubernetes:core/v1:Namespace"


@dataclass(frozen=True)
class DeployedObject:
    """An object as Pulumi applied it, without what the cluster added, and the manager of its fields."""

    inputs: Mapping[str, Any]
    manager: str


@dataclass(frozen=True)
class RecordedState:
    """An environment in the state of its stack; all fields are empty before the first deployment.

    `namespace` is the uid of the namespace, `state_id` identifies the state. `objects` are those that the
    stack created, and `created_namespace` is true if the namespace is one of them. `protected` are the URNs
    of the resources that protect all others against a plain `pulumi destroy`.
    """

    namespace: str = ""
    state_id: str = ""
    objects: tuple[DeployedObject, ...] = ()
    created_namespace: bool = False
    protected: tuple[str, ...] = ()

    @property
    def deployments(self) -> tuple[DeployedObject, ...]:
        """The Deployments among its objects."""
        return tuple(one for one in self.objects if one.inputs["kind"] == "Deployment")


def read_state(stack: str, backend: str = "") -> RecordedState:
    """Read the state of a stack, in the folder of its program. StateError when pulumi fails.

    Without a `backend` pulumi chooses it.
    """
    return from_resources(read_resources(stack, backend))


def from_resources(resources: Sequence[Mapping[str, Any]]) -> RecordedState:
    """Return the environment in the resources of a state; those that are pending deletion do not count."""
    current = [one for one in resources if not one.get("delete")]
    namespaces = [one for one in current if one["type"] == _NAMESPACE]
    uids = [((one.get("outputs") or {}).get("metadata") or {}).get("uid") for one in namespaces]
    return RecordedState(
        namespace=next(filter(None, uids), ""),
        state_id=state_id(current),
        objects=tuple(
            DeployedObject(one["inputs"], str((one.get("outputs") or {}).get("__fieldManager") or ""))
            for one in current
            if one["type"].startswith("kubernetes:") and not one.get("external") and one.get("inputs")
        ),
        created_namespace=any(not one.get("external") for one in namespaces),
        protected=tuple(
            one["urn"]
            for one in current
            if one["type"] == RANDOM_ID
            and one.get("protect")
            and one["urn"].endswith((f"::{OWNER}", f"::{GUARD}"))
        ),
    )
