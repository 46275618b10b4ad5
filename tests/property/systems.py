"""Systems with many services and calls, for what draws them."""

import json
import random
from typing import Any

from hypothesis import strategies as st

from pulumi_stacks.context.model import Context
from pulumi_stacks.spec.model import OWN_DOCKERFILE
from pulumi_stacks.system import load, resolve
from tests.property.specs import DATABASE, RUNTIMES, callees, images, printable_lines, some, sometimes

# Some mean something to Mermaid or to scripts; some are as long as names get.
NAMES = (
    *("end", "graph", "class", "click", "style", "o", "x", "v1-0", "constructor", "proto"),
    *("services", "view", "orders", "billing", "catalog", "a-b-c", "a1"),
    *("m" * 40, f"{'n' * 20}-{'o' * 19}", f"{'n' * 20}-{'p' * 19}"),
)
FIELDS = some(
    DATABASE,
    sometimes("config", st.dictionaries(st.sampled_from(["GREETING", "NOTE"]), printable_lines())),
)


def context_of(spec: dict[str, Any]) -> Context:
    """Return the context of a spec given as plain values."""
    return resolve(load(json.dumps(spec, ensure_ascii=False).encode(), runtimes=[*RUNTIMES, OWN_DOCKERFILE]))


def large(count: int, seed: int = 1) -> Context:
    """Return a system of `count` services as real ones are: some with routes, most called by a few."""
    chance = random.Random(seed)  # noqa: S311
    kinds = ("orders", "billing", "catalog", "stock", "search", "mail", "users", "images", "prices", "audit")
    names = [f"{kinds[index % 10]}{f'-{index // 10}' if index >= 10 else ''}" for index in range(count)]
    services: dict[str, Any] = {}
    for index, name in enumerate(names):
        near = names[index + 1 : index + 20]
        services[name] = {
            "runtime": "python",
            "calls": chance.sample(near, min(len(near), chance.choice((0, 0, 1, 1, 2, 3)))),
            **({"route": f"/{name}"} if index % 7 == 0 else {}),
            **({"database": "postgres"} if index % 3 else {}),
            "scale": {"min": 1 + index % 3},
        }
    environments = {"dev": {"target": "docker"}, "prod": {"target": "docker"}}
    return context_of({"name": "large", "environments": environments, "services": services})


@st.composite
def systems(draw: st.DrawFn, most: int = 15) -> Context:
    """Return a system of up to `most` services; calls may go in circles."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=most, unique=True))
    services = {}
    for index, name in enumerate(names):
        others = callees(draw, names, index)
        calls = draw(st.lists(st.sampled_from(others), unique=True, max_size=4)) if others else []
        route = draw(sometimes("route", st.just(f"/{name}")))
        services[name] = {**draw(images()), **draw(FIELDS), **route, "calls": calls}
    shuffled = draw(st.permutations(names))
    return context_of(
        {
            "name": draw(st.sampled_from(NAMES)),
            "description": draw(printable_lines()),
            "services": {name: services[name] for name in shuffled},
        }
    )
