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
    """One change, in the words of cn.yaml."""

    area: Area = Field(description="The kind of change.")
    what: What = Field(description="What happened to it.")
    weight: Weight = Field(
        description="`danger`: data stays behind or a system loses its connection; `attention`: more is "
        "reachable than before; else `info`."
    )
    service: str | None = Field(description="The service, by its new name, or null.")
    subject: str = Field(
        description="The subject: a path, the called service, the name of a setting, a volume."
    )
    before: str | None = Field(description="The value before, or null.")
    after: str | None = Field(description="The value after, or null.")
    text: str = Field(description="The finding as a sentence.")


class ContainerChange(Document):
    """What a deployment does to the containers of one kind of one service."""

    service: str | None = Field(description="The service, or null for the gateway and its router.")
    role: Literal["service", "migration", "database", "gateway", "router"] = Field(description="Their role.")
    action: Literal["create", "replace", "update", "delete"] = Field(description="The action.")
    count: int = Field(description="How many.")
    risk: Risk = Field(
        description="`interrupts`: the old ones stop before the new ones start, or permanently; `rolls`: the "
        "new ones serve before the old ones stop; `in place`: the same ones keep running; `none`: nothing "
        "that serves is affected."
    )
    reasons: tuple[str, ...] = Field(description="What changed of them.")


class NetworkChanges(Document):
    """Networks, by their names without the prefix of system and environment."""

    created: tuple[str, ...] = Field(description="Created.")
    replaced: tuple[str, ...] = Field(description="Recreated, with every container on them.")
    deleted: tuple[str, ...] = Field(description="Deleted.")


class EnvironmentDiff(Document):
    """What changed in one environment."""

    name: str = Field(description="Name of the environment.")
    state: Literal["stays", "added", "removed", "recreated"] = Field(
        description="Whether it is in both specs (`stays`), in one of them (`added`, `removed`), or in both "
        "but created again under another name of the system or at another place (`recreated`)."
    )
    findings: tuple[Finding, ...] = Field(description="The changes, dangerous ones first.")
    containers: tuple[ContainerChange, ...] = Field(description="The containers, by falling risk.")
    networks: NetworkChanges = Field(description="The networks.")
    notes: tuple[str, ...] = Field(description="Other information.")


class Diff(Document):
    """What changed between two specs for the running system."""

    diff: Literal[1] = Field(default=1, description="Version of this document.")
    before: str = Field(description="Source of the first spec.")
    after: str = Field(description="Source of the second spec.")
    name: str = Field(description="Name of the system, in the second spec.")
    changed: bool = Field(description="Whether anything changed for a running system.")
    environments: tuple[EnvironmentDiff, ...] = Field(
        description="Every environment of either spec, in the order of the second."
    )


def schema() -> dict[str, Any]:
    """Return the JSON schema of a diff (draft 2020-12)."""
    return Diff.schema_of_output()
