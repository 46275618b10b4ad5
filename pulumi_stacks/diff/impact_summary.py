"""Consequences for single containers, put together by what they risk. Pure."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from .model import ContainerChange

if TYPE_CHECKING:
    from .container_impact import Consequence
    from .model import Risk

_RISKS: tuple[Risk, ...] = ("interrupts", "rolls", "in place", "none")
_ROLES = ("gateway", "router", "database", "migration", "service")


def grouped(found: tuple[Consequence, ...]) -> tuple[ContainerChange, ...]:
    """Put containers together that share a fate, those at the highest risk first."""

    def key(each: Consequence) -> tuple[int, int, str, str, tuple[str, ...]]:
        return (
            _RISKS.index(_risk(each)), _ROLES.index(each.role), each.service, each.action, each.reasons,
        )  # fmt: skip

    groups = [list(group) for _, group in groupby(sorted(found, key=key), key=key)]
    return tuple(
        ContainerChange(
            service=group[0].service or None,
            role=group[0].role,
            action=group[0].action,
            count=len(group),
            risk=_risk(group[0]),
            reasons=group[0].reasons,
        )
        for group in groups
    )


def _risk(found: Consequence) -> Risk:
    if found.action == "create":
        return "none"
    if found.action == "update":
        return "in place"
    if found.interrupts:
        return "interrupts"
    return "none" if found.role == "migration" and found.action == "delete" else "rolls"
