"""Our renderer and Copier make the same repository of random specs.

CN_SPECS says of how many, CN_SEED of which: `make parity SPECS=99 SEED=7`. A seed always gives the same ones.
"""

import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from generator.rendering.renderer import render
from generator.rendering.template import open_template
from generator.rendering.yaml_text import dump
from pulumi_stacks.system import load, resolve
from tests.parity.oracle import by_copier, differences
from tests.property.specs import specs

SPECS = int(os.environ.get("CN_SPECS", "1"))
SEED = int(os.environ.get("CN_SEED", "1"))
TEMPLATE = open_template()


@cache
def drawn(number: int) -> dict[str, Any]:
    """Return the random spec of a number."""
    found: list[dict[str, Any]] = []

    # The first that Hypothesis draws is the smallest there is; later ones are but variations.
    @seed(number)
    @settings(
        max_examples=2, database=None, phases=(Phase.generate,), suppress_health_check=list(HealthCheck)
    )
    @given(specs())
    def draw(spec: dict[str, Any]) -> None:
        found.append(spec)

    draw()
    return found[-1]


@pytest.mark.parametrize("number", range(SPECS), ids=lambda number: f"seed{SEED}-{number}")
def test_a_random_spec_gives_the_same_files_and_modes_by_copier(
    number: int, source: Path, tmp_path: Path
) -> None:
    spec = drawn(SEED * 10_000 + number)
    answers = resolve(load(dump(spec).encode())).answers()
    found = differences(by_copier(source, tmp_path, answers), render(TEMPLATE, answers))
    assert not found, f"of seed {SEED}, spec {number}, these differ: {found}\ncn.yaml is\n\n{dump(spec)}"


def test_a_number_gives_the_same_spec_every_time_and_others_give_others() -> None:
    numbers = range(SEED * 10_000, SEED * 10_000 + 5)
    first = [dump(drawn(number)) for number in numbers]
    drawn.cache_clear()
    assert [dump(drawn(number)) for number in numbers] == first
    assert len(set(first)) == len(first)
