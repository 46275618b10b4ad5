"""Our renderer and Copier make the same repository of random specs.

CN_SPECS says of how many, CN_SEED of which: `make parity SPECS=99 SEED=7`. A seed always gives the same ones.
"""

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from generator.render import render
from generator.template import open_template
from generator.yamltext import dump
from pulumi_stacks.context import resolve
from pulumi_stacks.load import load
from tests.parity.oracle import by_copier, differences
from tests.property.specs import specs

SPECS = int(os.environ.get("CN_SPECS", "5"))
SEED = int(os.environ.get("CN_SEED", "1"))
# The first spec that Hypothesis draws is the smallest one there is, and some come twice.
SURPLUS = 10


@cache
def drawn(number: int) -> list[dict[str, Any]]:
    """Return the random specs of a seed, each one once."""
    found: dict[str, dict[str, Any]] = {}

    @seed(number)
    @settings(
        max_examples=SPECS + SURPLUS,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(specs())
    def draw(spec: dict[str, Any]) -> None:
        found[json.dumps(spec)] = spec

    draw()
    return list(found.values())[-SPECS:]


@pytest.mark.parametrize("number", range(SPECS), ids=lambda number: f"seed{SEED}-{number}")
def test_a_random_spec_gives_the_same_files_and_modes_by_copier(
    number: int, source: Path, tmp_path: Path
) -> None:
    spec = drawn(SEED)[number]
    answers = resolve(load(dump(spec).encode())).answers()
    found = differences(by_copier(source, tmp_path, answers), render(open_template(), answers))
    assert not found, f"of seed {SEED}, spec {number}, these differ: {found}\ncn.yaml is\n\n{dump(spec)}"


def test_a_seed_gives_the_same_specs_every_time_and_another_one_others() -> None:
    first = drawn(SEED)
    drawn.cache_clear()
    assert drawn(SEED) == first
    assert len(first) == SPECS
    assert drawn(SEED + 1) != first
