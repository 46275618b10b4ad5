"""What holds for the layout of every system: its nodes and lines."""

from itertools import combinations, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from generator.graph.layout import Layout, Line, Node, Point, arrange
from pulumi_stacks.context.call_cycles import cycles
from tests.examples import examples

SOME = settings(max_examples=examples(60))
FIRST = "first"
Graph = tuple[dict[str, tuple[float, float]], list[tuple[str, str]]]


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Return sizes and edges; now and then some lead back, in circles, but none to the first node."""
    names = [FIRST, *(f"node-{index}" for index in range(draw(st.integers(0, 14))))]
    pairs = list(combinations(names, 2))
    if draw(st.booleans()):
        pairs += [pair[::-1] for pair in pairs if FIRST not in pair]
    edges = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=40)) if pairs else []
    size = st.tuples(st.integers(60, 300), st.integers(40, 80))
    order = draw(st.permutations(names))
    return {name: draw(size) for name in order}, edges


def drawn(graph: Graph) -> Layout:
    sizes, edges = graph
    return arrange(sizes, edges, FIRST)


def overlap(one: Node, other: Node) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


def traced(line: Line) -> list[Point]:
    """Return points along a line as a browser draws it: curves with level ends, then level stretches."""
    trace = []
    for index, ((x, y), (to_x, to_y)) in enumerate(pairwise(line.points)):
        for step in range(21):
            t = step / 20
            if index % 2:
                assert y == to_y
                trace.append((x + t * (to_x - x), y))
            else:
                middle, s = (x + to_x) / 2, 1 - t
                along = s**3 * x + 3 * s * s * t * middle + 3 * s * t * t * middle + t**3 * to_x
                trace.append((along, s * s * (s + 3 * t) * y + t * t * (t + 3 * s) * to_y))
    return trace


@SOME
@given(graphs())
def test_every_box_is_there_as_large_as_asked_and_overlaps_none(graph: Graph) -> None:
    nodes = drawn(graph).nodes
    assert nodes.keys() == graph[0].keys()
    for name, (width, height) in graph[0].items():
        assert nodes[name].width >= width
        assert nodes[name].height == height
    assert not [pair for pair in combinations(nodes.values(), 2) if overlap(*pair)]


@SOME
@given(graphs())
def test_every_edge_is_one_line_from_side_to_side(graph: Graph) -> None:
    layout = drawn(graph)
    assert [line.edge for line in layout.lines] == graph[1]
    for line in layout.lines:
        start, end = (layout.nodes[name] for name in line.edge)
        if line.points[0][0] > line.points[-1][0]:  # leads back
            assert line.points[0][0] == start.x
            assert line.points[-1][0] == end.x + end.width
            continue
        assert line.points[0][0] == start.x + start.width
        assert start.y < line.points[0][1] < start.y + start.height
        assert line.points[-1][0] == end.x
        assert end.y < line.points[-1][1] < end.y + end.height


@SOME
@given(graphs())
def test_only_as_many_lines_lead_back_as_there_are_circles(graph: Graph) -> None:
    calls = {name: [end for start, end in graph[1] if start == name] for name in [FIRST, *graph[0]]}
    back = [line for line in drawn(graph).lines if line.points[0][0] > line.points[-1][0]]
    assert len(back) == len(list(cycles(calls)))


@SOME
@given(graphs())
def test_no_line_passes_behind_a_box(graph: Graph) -> None:
    layout = drawn(graph)
    for line in layout.lines:
        for x, y in traced(line):
            behind = [
                name
                for name, node in layout.nodes.items()
                if node.x < x < node.x + node.width and node.y < y < node.y + node.height
            ]
            assert behind == []


@SOME
@given(graphs())
def test_lines_of_one_box_end_apart(graph: Graph) -> None:
    layout = drawn(graph)
    ends = [point for line in layout.lines for point in (line.points[0], line.points[-1])]
    assert len(set(ends)) == len(ends)


@SOME
@given(graphs())
def test_everything_lies_on_the_paper(graph: Graph) -> None:
    layout = drawn(graph)
    for node in layout.nodes.values():
        assert node.x >= 0
        assert node.y >= 0
        assert node.x + node.width <= layout.width
        assert node.y + node.height <= layout.height
    points = [point for line in layout.lines for point in line.points]
    assert all(0 <= x <= layout.width and 0 <= y <= layout.height for x, y in points)


@SOME
@given(graphs())
def test_the_same_graph_is_laid_out_the_same(graph: Graph) -> None:
    assert drawn(graph) == drawn(graph)
