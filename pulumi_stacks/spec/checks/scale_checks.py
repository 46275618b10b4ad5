"""Faults between the numbers of replicas of one service. Pure and lenient."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .spec_data import Fault, mapping, set_fields


def scale_faults(services: Mapping[str, Any]) -> Iterator[Fault]:
    """Check that no environment has a maximum of replicas below the minimum."""
    for name, service in services.items():
        base = mapping(service.get("scale"))
        yield from _scale(("services", name, "scale"), base, {})
        for environment, override in mapping(service.get("environments")).items():
            own = mapping(mapping(override).get("scale"))
            if own:
                path = ("services", name, "environments", environment, "scale")
                yield from _scale(path, own, base)


def _scale(path: tuple[str, ...], own: Mapping[str, Any], base: Mapping[str, Any]) -> Iterator[Fault]:
    """Compare both numbers; the fault is at the one that is set here, `base` may have the other."""
    own, base = set_fields(own), set_fields(base)
    scale = {"min": 1, **base, **own}
    low, high = scale["min"], scale.get("max")
    if type(low) is int and type(high) is int and 1 <= high < low:
        word, other = ("max", "min") if "max" in own else ("min", "max")
        fault = f"{high} is less than" if word == "max" else f"{low} is more than"
        if word in own:
            place = "scale" if other in own else f"{'.'.join(path[:2])}.scale"
            choice = "" if other in own else f"; set {other} here too"
            yield (*path, word), f"{fault} {place}.{other} ({low if word == 'max' else high}){choice}"
