"""Quantities of CPU and memory, as Kubernetes writes them. Pure."""

from __future__ import annotations

import re
from decimal import Decimal

CPU_PATTERN = "^([0-9]+m|[0-9]+([.][0-9]{1,3})?)$"
MEMORY_PATTERN = "^[0-9]+(k|M|G|Ki|Mi|Gi)?$"
_MEMORY_UNITS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30}


def cpu_millis(quantity: str) -> int:
    """Return a CPU quantity in thousandths of a core; ValueError when it is invalid."""
    if not re.match(CPU_PATTERN + r"\Z", quantity):
        raise ValueError(quantity)
    if quantity.endswith("m"):
        return int(quantity[:-1])
    return int(Decimal(quantity) * 1000)


def memory_bytes(quantity: str) -> int:
    """Return a memory quantity in bytes; ValueError when it is invalid."""
    match = re.match(r"^([0-9]+)(k|M|G|Ki|Mi|Gi)?\Z", quantity)
    if match is None:
        raise ValueError(quantity)
    return int(match[1]) * _MEMORY_UNITS[match[2] or ""]


def canonical_cpu(quantity: str) -> str:
    """Write a CPU quantity in its shortest form: whole cores, else thousandths (`2`, `500m`)."""
    millis = cpu_millis(quantity)
    return str(millis // 1000) if millis % 1000 == 0 else f"{millis}m"


def canonical_memory(quantity: str) -> str:
    """Write a memory quantity in the largest binary unit that divides it (`256Mi`)."""
    count = memory_bytes(quantity)
    for unit in ("Gi", "Mi", "Ki"):
        if count % _MEMORY_UNITS[unit] == 0:
            return f"{count // _MEMORY_UNITS[unit]}{unit}"
    return str(count)
