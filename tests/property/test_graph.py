"""What holds of the graph of every system."""

import re

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from generator.graph.text import text_graph
from pulumi_stacks.context.model import Context
from tests.examples import examples
from tests.property.systems import systems

SOME = settings(max_examples=examples(40), phases=(Phase.explicit, Phase.generate))
ROW = re.compile(
    r"(?P<indent>[│| ]*)(├─|└─|\|-|`-)(?P<call>►|>)? "
    r"((?P<route>/\S*) (─►|->) )?(?P<name>[a-z0-9-]+)"
    r"( \((above|below)\)|  +(?P<made>[^, ]+)(,? +(?P<database>\S+))?)"
)


def parts(drawn: str) -> tuple[list, list]:
    """Read services and calls back from a drawing in which no line is broken."""
    services, calls = [], []
    above: dict[int, str] = {}
    for line in drawn.rpartition("\n\n")[0].splitlines():
        if not (row := ROW.fullmatch(line)):
            assert line in {
                "",
                "gateway",
                "gateway (no routes)",
                "no callers",
                "continued",
                "call cycle",
            }
            continue
        depth = len(row["indent"]) // 3
        above[depth] = row["name"]
        if row["made"]:
            services.append((row["name"], row["route"] or "", row["made"], row["database"] or ""))
        if row["call"]:
            calls.append((above[depth - 1], row["name"]))
        assert bool(row["call"]) == (depth > 0)
    return sorted(services), sorted(calls)


@SOME
@given(systems(), st.integers(250, 400), st.booleans())
def test_every_service_and_every_call_is_drawn_once(system: Context, width: int, unicode: bool) -> None:
    services, calls = parts(text_graph(system, width, unicode))
    assert services == sorted(
        (service.name, service.route, service.runtime or service.image.partition("@")[0], service.database)
        for service in system.services
    )
    assert calls == sorted(
        (service.name, call.service) for service in system.services for call in service.calls
    )


@SOME
@given(systems(), st.integers(20, 130), st.booleans())
def test_no_line_is_wider_than_asked_or_ends_in_a_space(system: Context, width: int, unicode: bool) -> None:
    drawn = text_graph(system, width, unicode)
    assert all(len(line) <= width and line == line.rstrip() for line in drawn.splitlines())
    assert unicode or drawn.isascii()


@SOME
@given(systems())
def test_the_same_system_is_drawn_the_same(system: Context) -> None:
    assert text_graph(system, 80, unicode=True) == text_graph(system.model_copy(deep=True), 80, unicode=True)
