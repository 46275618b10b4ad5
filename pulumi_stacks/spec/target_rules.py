"""What a target adds to the rules of the spec, as a value that `load` is given. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .checks.spec_data import Fault, SpecData


@dataclass(frozen=True, kw_only=True)
class SpecRules:
    """The fields of an environment that only this target reads, and what it cannot run."""

    fields: tuple[str, ...] = ()
    faults: Callable[[SpecData], Iterable[Fault]] = lambda _: ()
