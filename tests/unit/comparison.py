"""The shop that tests of a diff change, and the diff of two specs."""

from typing import Any

from generator.rendering.yaml_text import dump
from pulumi_stacks.diff import run as diff
from pulumi_stacks.diff.git_revisions import Source
from pulumi_stacks.diff.model import Diff

PYTHON: dict[str, Any] = {"runtime": "python"}
SHOP: dict[str, Any] = {
    "name": "shop",
    "services": {
        "orders": {**PYTHON, "route": "/orders", "database": "postgres", "calls": ["billing"]},
        "billing": PYTHON,
    },
}


def compare(before: dict[str, Any], after: dict[str, Any], environment: str | None = None) -> Diff:
    old, new = (Source(name, dump(spec).encode()) for name, spec in (("old", before), ("new", after)))
    return diff.changes(old, new, environment)


def orders(**fields: Any) -> dict[str, Any]:
    """Return the shop with other fields of orders; None leaves one out."""
    service = {
        key: value for key, value in {**SHOP["services"]["orders"], **fields}.items() if value is not None
    }
    return {**SHOP, "services": {**SHOP["services"], "orders": service}}
