"""Tables and paragraphs on a terminal with wide and combining characters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prompt_toolkit.utils import get_cwidth

from generator.columns import padded, width, wrapped
from generator.repository import plan_text
from generator.repository.plan_document import Counts, Plan, PlannedChange

WORDS = st.lists(
    st.sampled_from(["orders", "注文と請求", "\N{SHOPPING TROLLEY}", "cafe\u0301", "a-b", "הזמנות"])
)


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("", 0),
        ("orders", 6),
        ("注文", 4),
        ("cafe\u0301", 4),
        ("\N{SHOPPING TROLLEY}", 2),
        ("הזמנות", 6),
        ("ﾃｽﾄ", 3),
    ],
)
def test_a_letter_takes_the_columns_that_a_terminal_gives_it(text: str, columns: int) -> None:
    assert width(text) == get_cwidth(text) == columns
    assert padded(text, 8) == text + " " * (8 - columns)


@given(WORDS, st.integers(12, 60))
def test_a_wrapped_text_keeps_its_words_and_fits(words: list[str], columns: int) -> None:
    lines = wrapped(" ".join(words), columns)
    assert " ".join(lines).split() == words
    assert all(width(line) <= columns for line in lines)


def test_a_long_word_of_wide_letters_is_broken_and_none_is_lost() -> None:
    for columns in range(2, 12):
        lines = wrapped("a" + "請" * 30, columns)
        assert "".join(lines) == "a" + "請" * 30
        assert all(width(line) <= columns for line in lines)


def test_a_plan_aligns_the_reasons_of_files_with_names_in_any_letters() -> None:
    names = ["cafe\u0301.md", "note.md", "注文と請求.md"]
    changes = tuple(
        PlannedChange(
            path=f"services/a/{name}",
            service="a",
            kind="keep",
            reason="added",
            text="yours",
            conflicts=0,
            diff=None,
        )
        for name in names
    )
    counts = Counts(create=0, update=0, merge=0, delete=0, conflict=0, keep=3, same=0, added=3)
    plan = Plan(name="x", something_to_do=False, counts=counts, services=(), changes=changes, notes=())
    rows = [line for line in plan_text.text(plan, "").splitlines() if line.endswith("yours")]
    assert {width(row) for row in rows} == {len("  keep      ") + width("注文と請求.md") + len("  yours")}
