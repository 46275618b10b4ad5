"""What the state of a stack says of its environment, as the pulumi command tells it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ....stack_state import GUARD, OWNER, RANDOM_ID, mark, resources

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_NAMESPACE = "kubernetes:core/v1:Namespace"


@dataclass(frozen=True)
class Made:
    """An object as it was deployed, without what the cluster added, and the manager of its fields."""

    inputs: Mapping[str, Any]
    manager: str


@dataclass(frozen=True)
class Recorded:
    """What a state has of an environment: `namespace` is the uid, `mark` what tells this state from others.

    `objects` are what it made on the cluster, and `made_namespace` says whether the namespace is one of them.
    `protected` are the URNs of its resources that hold the rest against a plain `pulumi destroy`. While
    nothing was deployed, all of it is empty.
    """

    namespace: str = ""
    mark: str = ""
    objects: tuple[Made, ...] = ()
    made_namespace: bool = False
    protected: tuple[str, ...] = ()

    @property
    def deployments(self) -> tuple[Made, ...]:
        """Its objects that are Deployments."""
        return tuple(one for one in self.objects if one.inputs["kind"] == "Deployment")


def recorded(stack: str, backend: str = "") -> Recorded:
    """Ask for the state of a stack, in the folder of its program; StateError when it cannot be read.

    Without a `backend` it is where pulumi has it.
    """
    return of(resources(stack, backend))


def of(found: Sequence[Mapping[str, Any]]) -> Recorded:
    """Return what the resources of a state say; those that wait for their deletion do not count."""
    lasting = [one for one in found if not one.get("delete")]
    namespaces = [one for one in lasting if one["type"] == _NAMESPACE]
    uids = [((one.get("outputs") or {}).get("metadata") or {}).get("uid") for one in namespaces]
    return Recorded(
        namespace=next(filter(None, uids), ""),
        mark=mark(lasting),
        objects=tuple(
            Made(one["inputs"], str((one.get("outputs") or {}).get("__fieldManager") or ""))
            for one in lasting
            if one["type"].startswith("kubernetes:") and not one.get("external") and one.get("inputs")
        ),
        made_namespace=any(not one.get("external") for one in namespaces),
        protected=tuple(
            one["urn"]
            for one in lasting
            if one["type"] == RANDOM_ID
            and one.get("protect")
            and one["urn"].endswith((f"::{OWNER}", f"::{GUARD}"))
        ),
    )
