"""A system on a cluster as its program registers it, and questions to what it registered."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml

from pulumi_stacks import program
from tests.stacks.graph import SECRET, Registration, run

STACK = "dev"  # what the mocks call it
DIGEST = f"@sha256:{'1' * 64}"
IMAGES = {name: f"ghcr.io/acme/shop-{name}{DIGEST}" for name in ("orders", "billing", "own")}
SPEC: dict[str, Any] = {
    "name": "shop",
    "registry": "ghcr.io/acme",
    "environments": {STACK: {"target": "kubernetes", "namespace": "here", "state": "local"}},
    "services": {
        "orders": {
            "runtime": "python",
            "route": "/orders",
            "database": "postgres",
            "calls": ["billing"],
            "scale": {"min": 2, "max": 4},
        },
        "billing": {"runtime": "go", "id": "bills", "database": "postgres"},
        "own": {"runtime": "dockerfile", "database": "postgres"},
        "site": {"image": "caddy:2", "ready": "none"},
    },
}
SECRET_KEYS = ("cn:database_urls", "cn:pull_config")


def registered(
    spec: dict[str, Any] = SPEC, *, preview: bool = True, secret: Iterable[str] = SECRET_KEYS, **config: Any
) -> list[Registration]:
    with_images = {"images": IMAGES, **config}
    settings = {
        f"cn:{key}": value if isinstance(value, str) else json.dumps(value)
        for key, value in with_images.items()
    }
    path = Path.cwd() / "cn.yaml"
    path.write_text(yaml.safe_dump(spec, sort_keys=False))
    return run(lambda: program.run(str(path)), preview=preview, config=settings, secret=secret)


def environment(**fields: Any) -> dict[str, Any]:
    return {**SPEC, "environments": {STACK: {**SPEC["environments"][STACK], **fields}}}


def every(made: list[Registration], kind: str) -> list[Registration]:
    """Return the resources of a kind; components are none."""
    return [entry for entry in made if entry.request.custom and entry.type.rpartition(":")[2] == kind]


def of(made: list[Registration], kind: str, name: str) -> Registration:
    [found] = [entry for entry in every(made, kind) if entry.name == name]
    return found


def before(made: list[Registration], entry: Registration) -> set[str]:
    """Return the URNs of all that has to be there before an entry is made."""
    known = {each.urn: each for each in made}
    found: set[str] = set()
    waiting = set(entry.dependencies)
    while waiting:
        urn = waiting.pop()
        if urn not in found:
            found.add(urn)
            waiting |= set(known[urn].dependencies) if urn in known else set()
    return found


def texts(value: Any, *, secret: bool = False) -> Iterator[tuple[str, bool]]:
    """Yield every text in the inputs of a resource, and whether it travels as a secret."""
    if isinstance(value, dict):
        inner = secret or SECRET in value
        for item in value.values():
            yield from texts(item, secret=inner)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item, secret=secret)
    elif isinstance(value, str):
        yield value, secret


def refusal(spec: dict[str, Any] = SPEC, **config: Any) -> list[str]:
    with pytest.raises(pulumi.RunError) as refused:
        registered(spec, **config)
    return str(refused.value).splitlines()
