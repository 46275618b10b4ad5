"""The plain configuration of a stack, as its file has it, for what runs beside the Pulumi program."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping


class StackFileError(Exception):
    """The file of a stack is not there, or no configuration."""


def settings(environment: str) -> Mapping[str, Any]:
    """Read the configuration of a stack, in the folder of its program. StackFileError when it cannot be."""
    path = Path(f"Pulumi.{environment}.yaml")
    try:
        read = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except FileNotFoundError:
        raise StackFileError(f"there is no infra/{path}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise StackFileError(f"infra/{path}: {error}") from None
    found = read.get("config") if isinstance(read, dict) else None
    return found if isinstance(found, dict) else {}
