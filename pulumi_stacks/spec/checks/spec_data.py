"""How checks read a document whose fields may be wrong, so that all faults are found at once. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Path = tuple[str | int, ...]
# Where a fault is, and its message.
Fault = tuple[Path, str]


@dataclass(frozen=True, kw_only=True)
class SpecData:
    """The plain values of a spec: every service and every environment is a mapping, with any fields."""

    name: object
    registry: object
    services: Mapping[str, Mapping[str, Any]]
    environments: Mapping[str, Mapping[str, Any]]

    def of_target(self, name: str) -> dict[str, Mapping[str, Any]]:
        """Return the environments that run on a target."""
        return {
            key: environment
            for key, environment in self.environments.items()
            if environment.get("target") == name
        }


def read(data: Mapping[str, Any]) -> SpecData:
    """Read a document; a value that should be a mapping but is not counts as an empty one."""
    return SpecData(
        name=data.get("name"),
        registry=data.get("registry"),
        services=_mappings(data.get("services")),
        environments=_mappings(data.get("environments", {"dev": {}})),
    )


def set_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that have a value: null sets nothing and overrides nothing."""
    return {key: value for key, value in fields.items() if value is not None}


def mapping(value: Any) -> dict[str, Any]:
    """Return a value that should be a mapping, or an empty one."""
    return value if isinstance(value, dict) else {}


def texts(value: Any) -> list[tuple[int, str]]:
    """Return the texts of a value that should be a list of them, each with its index."""
    if not isinstance(value, list):
        return []
    return [(index, item) for index, item in enumerate(value) if isinstance(item, str)]


def _mappings(value: Any) -> dict[str, Mapping[str, Any]]:
    return {key: mapping(entry) for key, entry in mapping(value).items()}
