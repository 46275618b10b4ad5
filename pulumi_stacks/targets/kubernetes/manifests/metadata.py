"""What all objects of a system on a cluster have in common: names, labels, the way to write them. Pure."""

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
    """Return the labels that find pods of one kind, and no others of the namespace. They never change."""
    return {NAME: name, COMPONENT: component}


@dataclass(frozen=True)
class Part:
    """Pods of one kind, and what else belongs to them: `name` says of what, `component` which kind.

    Components are `service`, `migration`, `database` and `gateway`.
    """

    system: str
    namespace: str
    name: str
    component: str

    @property
    def title(self) -> str:
        """Name of its objects."""
        return {
            "database": database_host(self.name),
            # As with databases, no service is called so.
            "migration": f"migrate--{self.name}",
        }.get(self.component, self.name)

    @property
    def selector(self) -> dict[str, str]:
        """Labels that find its pods."""
        return selector(self.name, self.component)

    @property
    def labels(self) -> dict[str, str]:
        """All labels of its objects."""
        return {**self.selector, SYSTEM: self.system}

    def make(self, kind: str, version: str = "v1", /, name: str | None = None, **fields: Any) -> Object:
        """Return an object of a kind; without a name it has the part's."""
        metadata = {"name": name or self.title, "namespace": self.namespace, "labels": self.labels}
        return {"apiVersion": version, "kind": kind, "metadata": metadata, **fields}


def named_by_content(title: str, content: Mapping[str, Any]) -> str:
    """Return a name that changes with the content, so that what is new never replaces what is in use.

    Outputs of a stack do not count; a stack names such objects by itself.
    """
    text = json.dumps(content, sort_keys=True, default=lambda _: "")
    return f"{title}-{hashlib.sha256(text.encode()).hexdigest()[:_HASH_LENGTH]}"


def lasting_name(made: Object) -> str:
    """Return the name of an object without what its content adds to it."""
    name = str(made["metadata"]["name"])
    return name.rpartition("-")[0] if made["kind"] in _NAMED_BY_CONTENT else name
