"""Reads the configuration of a stack from its file, for commands that run without the Pulumi program."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from .errors import ExpectedError

if TYPE_CHECKING:
    from collections.abc import Mapping


class StackFileError(ExpectedError):
    """The file of a stack is missing or invalid."""


def settings(environment: str) -> Mapping[str, Any]:
    """Return the configuration of a stack, in the folder of its program. StackFileError if invalid."""
    found = _read(f"Pulumi.{environment}.yaml").get("config") or {}
    if not isinstance(found, dict):
        raise StackFileError(f"infra/Pulumi.{environment}.yaml: config: not a mapping")
    return found


def project() -> str:
    """Return the name of the system, in the folder of its program. StackFileError when it is missing."""
    name = _read("Pulumi.yaml").get("name")
    if not isinstance(name, str):
        raise StackFileError("infra/Pulumi.yaml: name: is required")
    return name


def _read(name: str) -> Mapping[str, Any]:
    try:
        found = yaml.safe_load(Path(name).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StackFileError(f"infra/{name}: no such file; restore it with git restore") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise StackFileError(f"infra/{name}: {error}") from None
    if not isinstance(found, dict | None):
        raise StackFileError(f"infra/{name}: not a mapping")
    return found or {}
