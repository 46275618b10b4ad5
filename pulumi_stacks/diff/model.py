"""What changed for a running system, as a document with a version of its own and a JSON schema."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from ..documents import Document

Area = Literal[
    "system", "environment", "data", "route", "diagnostics", "service", "edge", "image", "setting", "variable"
]
What = Literal["added", "removed", "changed", "renamed"]
Weight = Literal["danger", "attention", "info"]
Risk = Literal["interrupts", "rolls", "in place", "none"]


class Finding(Document):
    """One thing that changed, as cn.yaml says it."""

    area: Area = Field(description="What kind of thing it is.")
    what: What = Field(description="What became of it.")
    weight: Weight = Field(
        description="`danger`: data is left behind or a system is cut off; `attention`: more is reachable "
        "than before; else `info`."
    )
    service: str | None = Field(description="The service that it is about, by its new name, or null.")
    subject: str = Field(
        description="What it is about: a path, the called service, the name of a setting, a volume."
    )
    before: str | None = Field(description="What it was, or null.")
    after: str | None = Field(description="What it is, or null.")
    text: str = Field(description="All of it in words.")


class ContainerChange(Document):
    """What a deployment does to the containers of one kind of one service."""

    service: str | None = Field(description="The service, or null for the gateway and its router.")
    role: Literal["service", "migration", "database", "gateway", "router"] = Field(
        description="What they are there for."
    )
    action: Literal["create", "replace", "update", "delete"] = Field(description="What happens to them.")
    count: int = Field(description="How many they are.")
    risk: Risk = Field(
        description="`interrupts`: the old ones end before the new ones begin, or for good; `rolls`: the "
        "new ones serve before the old ones end; `in place`: the same ones live on; `none`: nothing that "
        "served is touched."
    )
    reasons: tuple[str, ...] = Field(description="What of them changed, in words.")


class NetworkChanges(Document):
    """Networks, by their names without the prefix of system and environment."""

    created: tuple[str, ...] = Field(description="Made.")
    replaced: tuple[str, ...] = Field(description="Removed and made anew, with every container on them.")
    deleted: tuple[str, ...] = Field(description="Removed.")


class EnvironmentDiff(Document):
    """What changed in one environment."""

    name: str = Field(description="Name of the environment.")
    state: Literal["stays", "added", "removed", "recreated"] = Field(
        description="Whether it is in both specs (`stays`), in one of them (`added`, `removed`), or in both "
        "but created again under another name of the system or at another place (`recreated`)."
    )
    findings: tuple[Finding, ...] = Field(description="What changed, the dangerous first.")
    containers: tuple[ContainerChange, ...] = Field(
        description="What becomes of containers, by falling risk."
    )
    networks: NetworkChanges = Field(description="What becomes of networks.")
    notes: tuple[str, ...] = Field(description="What else is to know.")


class Diff(Document):
    """What changed between two specs for the running system."""

    diff: Literal[1] = Field(default=1, description="Version of this document.")
    before: str = Field(description="Where the first spec comes from.")
    after: str = Field(description="Where the second spec comes from.")
    name: str = Field(description="Name of the system, in the second spec.")
    changed: bool = Field(description="Whether anything changed for a running system.")
    environments: tuple[EnvironmentDiff, ...] = Field(
        description="Every environment of either spec, in the order of the second."
    )


def schema() -> dict[str, Any]:
    """Return the JSON schema of a diff (draft 2020-12)."""
    return Diff.schema_of_output()
