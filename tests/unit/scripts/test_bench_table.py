"""The arithmetic of the benchmark; the measurements are not tested."""

from scripts.bench.table import Load, markdown, parse_wrk, ratios, spread

WRK = """Running 4s test @ http://127.0.0.1:32801/items/1
  1 threads and 16 connections
  2406 requests in 4.01s, 642.40KB read
  Socket errors: connect 0, read 3, write 0, timeout 1
  Non-2xx or 3xx responses: 7
Requests/sec:    600.44
"""


def test_the_output_of_wrk_is_read() -> None:
    assert parse_wrk(WRK, 2.5) == Load(requests=2406, rate=600.44, faults=11, cpu=2.5)


def test_ratios_are_of_the_same_round() -> None:
    assert ratios([10, 30], [20, 40]) == [0.5, 0.75]


def test_a_spread_tells_median_and_extremes() -> None:
    assert spread([3, 1, 2]) == "2.00 (1.00 to 3.00)"


def test_a_table_is_markdown() -> None:
    assert markdown(("a", "long"), [("xyz", "1")]).splitlines() == [
        "| a   | long |",
        "| --- | ---- |",
        "| xyz | 1    |",
    ]
