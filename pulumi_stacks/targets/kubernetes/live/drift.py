"""What people and other tools have changed on a cluster since the last deployment, and how it is set back.

Server-side apply records in each object which manager set which field: a field that a stack set and that is
not its own any more was changed by hand.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..manifests.metadata import lasting_name
from ..manifests.system import System
from .claim import MARK

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ....plan.model import DeploymentPlan
    from ..kubectl import Kubectl
    from ..manifests.workloads import Limits
    from .state import Made

Path = tuple[str, ...]

# The content of a Secret is encrypted in the state; a Job is over once it has run.
_LEFT = {"Job", "Secret"}
_IDENTITY = {"apiVersion", "kind", "status"}
_OF_METADATA = ("annotations", "labels")
# What a cluster adds to the keys of lists: a port without a protocol is one of TCP.
_ADDED = {"protocol": "TCP"}
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
    ours = [one["fieldsV1"] for one in managed if one["manager"] == made.manager]
    asked = {key: value for key, value in made.inputs.items() if key not in _IDENTITY}
    asked["metadata"] = {key: asked["metadata"][key] for key in _OF_METADATA if key in asked["metadata"]}
    lost = sorted(set(_lost(ours[0] if ours else {"f:": {}}, asked)))
    if not lost:
        return None
    others = [one for one in managed if one["manager"] != made.manager and one.get("subresource") != "status"]
    takers = [one for one in others if any(_has(one["fieldsV1"], path) for path in lost)]
    by = f"{takers[-1]['manager']}, at {takers[-1].get('time', 'no known time')}," if takers else "somebody"
    return Change(made, tuple(".".join(path) for path in lost), by)


def _lost(tree: Mapping[str, Any], value: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the paths of the fields of a value that are not in a tree of `fieldsV1`."""
    if not any(key != "." for key in tree):
        return  # owned as a whole
    if isinstance(value, dict):
        each = [(f"f:{key}", key, item) for key, item in value.items() if item is not None]
    else:
        each = [(_entry(tree, item), _title(item), item) for item in value]
    for key, title, item in each:
        if key not in tree:
            yield (*path, title)
        elif isinstance(item, dict | list) and item:
            yield from _lost(tree[key], item, (*path, title))


def _entry(tree: Mapping[str, Any], item: Any) -> str:
    """Return the key of an item of a list in a tree."""
    for key in tree:
        sort, _, text = key.partition(":")
        if sort == "v" and json.loads(text) == item:
            return key
        if sort == "k" and isinstance(item, dict) and json.loads(text).items() <= {**_ADDED, **item}.items():
            return key
    return ""


def _title(item: Any) -> str:
    return str(item.get("name") or next(iter(item.values()), "")) if isinstance(item, dict) else str(item)


def _has(tree: Mapping[str, Any], path: Path) -> bool:
    """Return whether a tree has the field at a path, as far as names tell."""
    if not path:
        return True
    below = [sub for key, sub in tree.items() if key == f"f:{path[0]}" or f'"{path[0]}"' in key]
    return any(_has(sub, path[1:]) for sub in below)


def unchanged(change: Change, objects: Sequence[Made], plan: DeploymentPlan, limits: Limits) -> bool:
    """Return whether a plan has an object as it was made: then no deployment touches it.

    Names that the provider has completed are compared without what it added, and the notes for Pulumi not at
    all. An object that is gone needs only to be in the plan: to change it, it has to be there. The mark
    of the state is in no plan and never changes.
    """
    if change.made.inputs["metadata"]["name"] == MARK:
        return True
    planned = {(one["kind"], lasting_name(one)): one for one in System(plan, limits).objects()}
    titles = {
        one.inputs["metadata"]["name"]: one.inputs["metadata"]["name"].rpartition("-")[0]
        for one in objects
        if one.inputs["kind"] == "ConfigMap" or one.inputs.get("type") == "Opaque"
    }
    same = {
        _key(one.inputs, titles): _text(one.inputs, titles) == _text(planned[_key(one.inputs, titles)], {})
        for one in objects
        if _key(one.inputs, titles) in planned
    }
    key = _key(change.made.inputs, titles)
    if not change.fields:
        return key in same and key[1] == change.made.inputs["metadata"]["name"]
    used = [title for title in set(titles.values()) if f'"{title}"' in _text(change.made.inputs, titles)]
    return same.get(key, False) and all(same.get(("ConfigMap", title), True) for title in used)


def _key(made: Mapping[str, Any], titles: Mapping[str, str]) -> tuple[str, str]:
    name = made["metadata"]["name"]
    return made["kind"], titles.get(name, name) if made["kind"] == "ConfigMap" else name


def _text(made: Mapping[str, Any], titles: Mapping[str, str]) -> str:
    kept = {key: value for key, value in made.items() if key not in {"metadata", "status"}}
    text = json.dumps([made["metadata"].get("labels"), kept], sort_keys=True)
    for name, title in titles.items():
        text = text.replace(f'"{name}"', f'"{title}"')
    return text


def restore(change: Change, kubectl: Kubectl) -> None:
    """Set an object back to what was deployed, as the manager that deployed it. KubectlError when refused."""
    manager = f"--field-manager={change.made.manager}"
    words = ("apply", "--server-side", "--force-conflicts", manager, "--filename=-")
    kubectl.run(*words, given=json.dumps(change.made.inputs))
