"""What a target adds to a deployment plan, as a value that `make_plan` is given. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..context.model import Context, Environment
    from .stack_config import StackConfig


def database_host(service: str) -> str:
    """Return the host name of a service's database on a network."""
    # A dot keeps it apart from every service's name.
    return f"{service}.database"


@dataclass(frozen=True, kw_only=True)
class PlanRules:
    """How a plan for this target differs from one for a single Docker engine.

    `networks`: containers are isolated, and found, by networks; else the target has its own means.
    `egress`: it can limit what a service reaches outside. `database_volume` gets the name of the database's
    container and the id of its service. `problems` and `warnings` are printed before a
    deployment.
    """

    networks: bool = True
    egress: bool = False
    database_host: Callable[[str], str] = database_host
    database_volume: Callable[[str, str], str] = lambda name, _: name
    problems: Callable[[Environment, StackConfig], Iterable[str]] = lambda *_: ()
    warnings: Callable[[Context, Environment], Iterable[str]] = lambda *_: ()
