"""Finds changes on a cluster since the last deployment, and reverts them.

Server-side apply records in each object which manager owns which field: a field that the stack has set and no
longer owns was changed by a person or another tool.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..manifests.metadata import lasting_name
from ..manifests.system import SystemManifests
from .ownership import OWNER_CONFIG_MAP

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ....plan.model import DeploymentPlan
    from ..kubectl import Kubectl
    from ..manifests.workloads import Timeouts
    from .recorded_state import DeployedObject

Path = tuple[str, ...]

# The content of a Secret is encrypted in the state; a Job is of no use after it has run.
_IGNORED = {"Job", "Secret"}
_IDENTITY = {"apiVersion", "kind", "status"}
_OF_METADATA = ("annotations", "labels")
# The defaults that a cluster adds to the keys of lists.
_DEFAULTS = {"protocol": "TCP"}
_MAX_FIELDS = 3  # of one object in a warning


@dataclass(frozen=True)
class Change:
    """An object that differs from the `deployed` one: `by` has set `fields`. Without fields it is deleted."""

    deployed: DeployedObject
    fields: tuple[str, ...] = ()
    by: str = ""

    @property
    def text(self) -> str:
        """Describe the change."""
        title = f"{self.deployed.inputs['kind']} {self.deployed.inputs['metadata']['name']}"
        if not self.fields:
            return f"{title}: deleted outside of Pulumi"
        more = len(self.fields) - _MAX_FIELDS
        shown = ", ".join(self.fields[:_MAX_FIELDS]) + (f" and {more} more" if more > 0 else "")
        return f"{title}: {self.by} changed {shown}"


def changes(objects: Sequence[DeployedObject], kubectl: Kubectl) -> Iterator[Change]:
    """Yield the changes of the `objects` of a state. KubectlError when kubectl fails."""
    watched = [one for one in objects if _is_watched(one.inputs)]
    if not watched:
        return
    kinds = ",".join(sorted({_kind(one.inputs) for one in watched}))
    items = kubectl.get(kinds, "--show-managed-fields")["items"]
    live = {(one["kind"], one["metadata"]["name"]): one for one in items}
    for one in watched:
        found = live.get((one.inputs["kind"], one.inputs["metadata"]["name"]))
        if found is None:
            yield Change(one)
        elif change := _changed(one, found["metadata"].get("managedFields") or ()):
            yield change


def _is_watched(made: Mapping[str, Any]) -> bool:
    return bool(made["metadata"].get("namespace")) and made["kind"] not in _IGNORED


def _kind(made: Mapping[str, Any]) -> str:
    group = made["apiVersion"].rpartition("/")[0]
    return f"{made['kind'].lower()}{f'.{group}' if group else ''}"


def _changed(made: DeployedObject, managed: Sequence[Mapping[str, Any]]) -> Change | None:
    ours = [one["fieldsV1"] for one in managed if one["manager"] == made.manager]
    asked = {key: value for key, value in made.inputs.items() if key not in _IDENTITY}
    asked["metadata"] = {key: asked["metadata"][key] for key in _OF_METADATA if key in asked["metadata"]}
    lost = sorted(set(_lost(ours[0] if ours else {"f:": {}}, asked)))
    if not lost:
        return None
    others = [one for one in managed if one["manager"] != made.manager and one.get("subresource") != "status"]
    managers = [one for one in others if any(_has(one["fieldsV1"], path) for path in lost)]
    by = (
        f"{managers[-1]['manager']}, at {managers[-1].get('time', 'an unknown time')},"
        if managers
        else "an unknown manager"
    )
    return Change(made, tuple(".".join(path) for path in lost), by)


def _lost(tree: Mapping[str, Any], value: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the paths of the fields of a value that are not in a `fieldsV1` tree."""
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
    """Return the key of a list item in a `fieldsV1` tree."""
    for key in tree:
        sort, _, text = key.partition(":")
        if sort == "v" and json.loads(text) == item:
            return key
        if (
            sort == "k"
            and isinstance(item, dict)
            and json.loads(text).items() <= {**_DEFAULTS, **item}.items()
        ):
            return key
    return ""


def _title(item: Any) -> str:
    return str(item.get("name") or next(iter(item.values()), "")) if isinstance(item, dict) else str(item)


def _has(tree: Mapping[str, Any], path: Path) -> bool:
    """Return whether a tree contains the field at a path, judged by names."""
    if not path:
        return True
    below = [sub for key, sub in tree.items() if key == f"f:{path[0]}" or f'"{path[0]}"' in key]
    return any(_has(sub, path[1:]) for sub in below)


def unchanged(
    change: Change, objects: Sequence[DeployedObject], plan: DeploymentPlan, timeouts: Timeouts
) -> bool:
    """Return whether a plan has an object as it was deployed: then no deployment would revert the change.

    Names are compared without the suffix of autonaming, annotations for Pulumi are ignored. A deleted object
    only needs to be in the plan: Pulumi can update it only after it is restored. The ConfigMap of the owner
    is in no plan and never changes.
    """
    if change.deployed.inputs["metadata"]["name"] == OWNER_CONFIG_MAP:
        return True
    planned = {(one["kind"], lasting_name(one)): one for one in SystemManifests(plan, timeouts).objects()}
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
    key = _key(change.deployed.inputs, titles)
    if not change.fields:
        return key in same and key[1] == change.deployed.inputs["metadata"]["name"]
    used = [title for title in set(titles.values()) if f'"{title}"' in _text(change.deployed.inputs, titles)]
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
    """Apply an object as it was deployed, with the same field manager. KubectlError when kubectl fails."""
    manager = f"--field-manager={change.deployed.manager}"
    words = ("apply", "--server-side", "--force-conflicts", manager, "--filename=-")
    kubectl.run(*words, stdin=json.dumps(change.deployed.inputs))
