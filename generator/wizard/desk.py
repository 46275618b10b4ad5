"""What the rooms of the wizard share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.disk import DestinationError, check
from generator.draft import Draft
from generator.project import Project

from .asking import Asker
from .rules import Rules

Place = Callable[[str], Path]
Build = Callable[[bytes, str], Project]


@dataclass(frozen=True)
class Origin:
    """The file that a draft began with."""

    path: Path
    data: bytes


@dataclass(frozen=True)
class State:
    """What has been said so far, and what it began with."""

    draft: Draft
    begun: Draft
    origin: Origin | None = None


@dataclass(frozen=True)
class Desk:
    """Who asks, by which rules, for which folder."""

    asker: Asker
    rules: Rules
    runtimes: Mapping[str, Mapping[str, Any]]
    place: Place
    build: Build
    options: tuple[str, ...]
    writes: bool
    unicode: bool

    def name_fault(self, draft: Draft) -> str | None:
        """Say why a system cannot have its name: by the rules, or because its folder is taken."""
        return self.rules.fault(draft) or self.place_fault(draft.name)

    def place_fault(self, name: str) -> str | None:
        """Say why the folder of a system cannot be made."""
        try:
            check(self.place(name))
        except DestinationError as error:
            return str(error)
        return None

    def title(self, runtime: str) -> str:
        """Return what people call a runtime; one without a name is a ready image."""
        return str(self.runtimes[runtime]["title"]) if runtime else "Ready image"
