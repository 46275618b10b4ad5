"""The metadata of all objects of a system: names and labels. Pure."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..rules.plan_part import database_host

if TYPE_CHECKING:
    from collections.abc import Mapping

Object = dict[str, Any]

NAME = "app.kubernetes.io/name"
COMPONENT = "app.kubernetes.io/component"
SYSTEM = "app.kubernetes.io/part-of"
_HASH_LENGTH = 10
_NAMED_BY_CONTENT = {"ConfigMap", "Job"}


def selector(name: str, component: str) -> dict[str, str]:
    """Return the labels that select the pods of a group in the namespace. They are immutable."""
    return {NAME: name, COMPONENT: component}


@dataclass(frozen=True)
class PodGroup:
    """The pods of one workload and their objects: `name` is the service or the gateway.

    `component` is `service`, `migration`, `database` or `gateway`.
    """

    system: str
    namespace: str
    name: str
    component: str

    @property
    def object_name(self) -> str:
        """Name of its objects."""
        return {
            "database": database_host(self.name),
            # As with databases, no service can have this name.
            "migration": f"migrate--{self.name}",
        }.get(self.component, self.name)

    @property
    def selector(self) -> dict[str, str]:
        """Labels that select its pods."""
        return selector(self.name, self.component)

    @property
    def labels(self) -> dict[str, str]:
        """All labels of its objects."""
        return {**self.selector, SYSTEM: self.system}

    def manifest(self, kind: str, version: str = "v1", /, name: str | None = None, **fields: Any) -> Object:
        """Return an object of a kind; its default name is `object_name`."""
        metadata = {"name": name or self.object_name, "namespace": self.namespace, "labels": self.labels}
        return {"apiVersion": version, "kind": kind, "metadata": metadata, **fields}


def named_by_content(title: str, content: Mapping[str, Any]) -> str:
    """Return a name with a hash of the content, so that a new object never replaces the one in use.

    Outputs of Pulumi do not count: Pulumi names such objects by itself.
    """
    text = json.dumps(content, sort_keys=True, default=lambda _: "")
    return f"{title}-{hashlib.sha256(text.encode()).hexdigest()[:_HASH_LENGTH]}"


def lasting_name(made: Object) -> str:
    """Return the name of an object without the hash of its content."""
    name = str(made["metadata"]["name"])
    return name.rpartition("-")[0] if made["kind"] in _NAMED_BY_CONTENT else name
