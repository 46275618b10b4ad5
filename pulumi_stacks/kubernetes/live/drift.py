"""What people and other tools have changed on a cluster since the last deployment, and how it is set back.

Server-side apply records in each object which manager set which field. A field that a stack set, and that is
another manager's alone now, was changed by hand.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..kubectl import Kubectl  # noqa: TID252
    from .state import Made

Path = tuple[str, ...]

# The content of a Secret is encrypted in the state; a Job is over once it has run.
_LEFT = {"Job", "Secret"}
_SHOWN = 3  # fields of one object that a warning names


@dataclass(frozen=True)
class Change:
    """An object that is not as it was `made`: `by` has set `fields` instead. Without fields it is gone."""

    made: Made
    fields: tuple[str, ...] = ()
    by: str = ""

    @property
    def text(self) -> str:
        """Say what is different."""
        title = f"{self.made.inputs['kind']} {self.made.inputs['metadata']['name']}"
        if not self.fields:
            return f"{title}: was deleted by hand"
        more = len(self.fields) - _SHOWN
        shown = ", ".join(self.fields[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
        return f"{title}: {self.by} has set {shown}"


def changes(objects: Sequence[Made], kubectl: Kubectl) -> Iterator[Change]:
    """Find what is different from the `objects` of a state. KubectlError when the cluster does not tell."""
    made = [one for one in objects if _is_watched(one.inputs)]
    if not made:
        return
    kinds = ",".join(sorted({_kind(one.inputs) for one in made}))
    found = kubectl.get(kinds, "--show-managed-fields")["items"]
    live = {(one["kind"], one["metadata"]["name"]): one for one in found}
    for one in made:
        there = live.get((one.inputs["kind"], one.inputs["metadata"]["name"]))
        if there is None:
            yield Change(one)
        elif change := _changed(one, there["metadata"].get("managedFields") or ()):
            yield change


def _is_watched(made: Mapping[str, Any]) -> bool:
    return bool(made["metadata"].get("namespace")) and made["kind"] not in _LEFT


def _kind(made: Mapping[str, Any]) -> str:
    group = made["apiVersion"].rpartition("/")[0]
    return f"{made['kind'].lower()}{f'.{group}' if group else ''}"


def _changed(made: Made, managed: Sequence[Mapping[str, Any]]) -> Change | None:
    others = [one for one in managed if one.get("subresource") != "status" and one["manager"] != made.manager]
    ours = {path for one in managed if one["manager"] == made.manager for path in _paths(one, made)}
    for other in others:
        taken = sorted(".".join(path) for path in set(_paths(other, made)) - ours)
        if taken:
            return Change(made, tuple(taken), f"{other['manager']}, at {other.get('time', 'no known time')},")
    return None


def _paths(entry: Mapping[str, Any], made: Made) -> Iterator[Path]:
    return _fields(entry.get("fieldsV1") or {}, made.inputs)


def _fields(tree: Mapping[str, Any], value: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the paths of the fields in a tree of `fieldsV1` that a value has, too."""
    inner = {key: sub for key, sub in tree.items() if key != "."}
    if not inner:
        yield path
        return
    for key, sub in inner.items():
        sort, _, name = key.partition(":")
        if sort == "f" and isinstance(value, dict) and name in value:
            yield from _fields(sub, value[name], (*path, name))
        elif sort == "k" and isinstance(value, list):
            wanted = json.loads(name)
            for item in value:
                if isinstance(item, dict) and wanted.items() <= {**_DEFAULTS, **item}.items():
                    yield from _fields(sub, item, (*path, str(next(iter(wanted.values())))))
        elif sort == "v" and isinstance(value, list) and json.loads(name) in value:
            yield (*path, name)


# What a cluster adds to the keys of lists: a port without a protocol is one of TCP.
_DEFAULTS = {"protocol": "TCP"}


def restore(change: Change, kubectl: Kubectl) -> None:
    """Set an object back to what was deployed, as the manager that deployed it. KubectlError when refused."""
    manager = f"--field-manager={change.made.manager}"
    words = ("apply", "--server-side", "--force-conflicts", manager, "--filename=-")
    kubectl.run(*words, given=json.dumps(change.made.inputs))
