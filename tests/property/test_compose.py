"""compose.yaml says what the plan says, for every spec."""

import json
from typing import Any

from hypothesis import Phase, example, given, settings

from pulumi_stacks.system import load, resolve
from tests.examples import examples
from tests.property.specs import AWKWARD, specs
from tests.unit.plan.test_compose import assert_equal


@settings(max_examples=examples(25), phases=(Phase.explicit, Phase.generate))
@given(specs())
@example(AWKWARD)
def test_compose_is_the_plan_of_every_spec(spec: dict[str, Any]) -> None:
    assert_equal(resolve(load(json.dumps(spec, ensure_ascii=False).encode())))
