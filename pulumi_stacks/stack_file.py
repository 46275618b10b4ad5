"""The plain configuration of a stack, as its file has it, for what runs beside the Pulumi program."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from .errors import ExpectedError

if TYPE_CHECKING:
    from collections.abc import Mapping


class StackFileError(ExpectedError):
    """The file of a stack is not there, or no configuration."""


def settings(environment: str) -> Mapping[str, Any]:
    """Read the configuration of a stack, in the folder of its program. StackFileError when it cannot be."""
    found = _read(f"Pulumi.{environment}.yaml").get("config") or {}
    if not isinstance(found, dict):
        raise StackFileError(f"infra/Pulumi.{environment}.yaml: config is not a map")
    return found


def project() -> str:
    """Return the name of the system, in the folder of its program. StackFileError when nothing tells it."""
    name = _read("Pulumi.yaml").get("name")
    if not isinstance(name, str):
        raise StackFileError("infra/Pulumi.yaml: name is missing")
    return name


def _read(name: str) -> Mapping[str, Any]:
    try:
        found = yaml.safe_load(Path(name).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StackFileError(f"there is no infra/{name}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise StackFileError(f"infra/{name}: {error}") from None
    if not isinstance(found, dict | None):
        raise StackFileError(f"infra/{name}: is not a map")
    return found or {}
