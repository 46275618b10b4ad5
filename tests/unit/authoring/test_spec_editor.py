"""Edits of a cn.yaml keep its comments, order and layout."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from generator.authoring.spec_editor import edit, values

FULL = Path(__file__).parents[3] / "examples" / "03-full" / "cn.yaml"
TEXT = """\
# ours
name: shop     # short

services:
  # takes orders
  orders:
    runtime: python   # for now
    route: /orders
    calls: [billing]  # and no more

  billing:
    runtime: python
    config:
      A: "1"          # one
    # the last word

  # sells
  site: {image: caddy:2, port: 80}
# the end
"""


def changed(text: str, change: Callable[[dict[str, Any]], object], **earlier: str) -> str:
    wanted = values(text.encode())
    change(wanted)
    names: dict[tuple[str, ...], str] = {("services", new): old for new, old in earlier.items()}
    found = edit(text.encode(), wanted, names)
    assert found.in_place
    assert values(found.data) == wanted
    return found.data.decode()


def replaced(*pairs: tuple[str, str]) -> str:
    text = TEXT
    for old, new in pairs:
        assert text.count(old) == 1
        text = text.replace(old, new)
    return text


def test_nothing_changed_is_the_same_bytes():
    for data in (TEXT.encode(), FULL.read_bytes()):
        assert edit(data, values(data), {}).data == data


def test_one_value_changes_alone_and_its_comment_keeps_its_place():
    text = changed(TEXT, lambda spec: spec["services"]["orders"].update(calls=[], route="/o"))
    assert text == replaced(
        ("route: /orders", "route: /o"), ("calls: [billing]  # and", "calls: []         # and")
    )


def test_a_value_that_is_longer_pushes_its_comment():
    text = changed(TEXT, lambda spec: spec.update(name="a-much-longer-name"))
    assert text == replaced(("name: shop     # short", "name: a-much-longer-name # short"))


def test_a_new_field_is_inserted_after_the_one_before_it():
    text = changed(
        TEXT,
        lambda spec: spec.update(
            name="shop",
            services={
                **spec["services"],
                "billing": {"runtime": "python", "database": "postgres", "config": {"A": "1", "B": "2"}},
            },
        ),
    )
    assert text == replaced(
        ('      A: "1"          # one\n', '      A: "1"          # one\n      B: "2"\n'),
        ("  billing:\n    runtime: python\n", "  billing:\n    runtime: python\n    database: postgres\n"),
    )


def test_a_new_service_comes_last_with_the_space_that_others_have():
    text = changed(TEXT, lambda spec: spec["services"].update(mail={"runtime": "python", "route": "/mail"}))
    added = "\n  mail:\n    runtime: python\n    route: /mail\n"
    assert text == replaced(("port: 80}\n", "port: 80}\n" + added))


def test_a_service_goes_with_the_comment_above_it():
    text = changed(TEXT, lambda spec: spec["services"].pop("orders"))
    start, end = TEXT.index("  # takes"), TEXT.index("  billing:\n")
    assert text == TEXT[:start] + TEXT[end:]


def test_a_renamed_service_keeps_its_text():
    def rename(spec: dict[str, Any]) -> None:
        services = spec["services"]
        services["orders"]["calls"] = ["money"]
        spec["services"] = {
            "orders": services["orders"],
            "money": services["billing"],
            "site": services["site"],
        }

    text = changed(TEXT, rename, money="billing")
    assert text == replaced(("[billing]  #", "[money]    #"), ("  billing:\n", "  money:\n"))


def test_a_value_in_braces_stays_in_braces():
    text = changed(TEXT, lambda spec: spec["services"]["site"].update(port=90, route="/site"))
    assert text == replaced(("{image: caddy:2, port: 80}", "{image: caddy:2, port: 90, route: /site}"))


def test_lines_that_end_as_on_windows_do_so_still():
    text = changed(TEXT.replace("\n", "\r\n"), lambda spec: spec["services"].update(mail={"runtime": "go"}))
    assert text.count("\n") == text.count("\r\n")


def test_a_text_without_a_last_line_break_and_one_with_a_byte_order_mark_can_be_changed():
    bare = "name: a\nservices:\n  b: {runtime: go}"
    assert changed(bare, lambda spec: spec["services"].update(c={"runtime": "go"})) == (
        bare + "\n  c:\n    runtime: go\n"
    )
    marked = "\ufeff" + bare
    assert changed(marked, lambda spec: spec.update(name="z")) == marked.replace("name: a", "name: z")


@pytest.mark.parametrize(
    "text",
    [
        "name: shop\nservices:\n  a: &one\n    runtime: python # x\n  b: *one\n",
        "name: shop\nservices: {a: {runtime: python}, b: {runtime: python}}\n",
        '? name\n: shop\nservices:\n  ? a\n  : runtime: python # x\n  "b": {"runtime": "python"}\n',
        "name: shop\nservices:\n  a:\n    runtime:\n      python # x\n  b:\n    runtime: >-\n      python\n",
        "--- # x\nname: shop\nservices:\n  a: {runtime: go,\n      route: /a}\n  b:\n    runtime: go\n...\n",
    ],
)
def test_whatever_the_form_of_the_text_the_values_are_right(text):
    wanted = values(text.encode())
    wanted["services"]["a"] |= {"runtime": "go", "route": "/other"}
    wanted["services"]["c"] = wanted["services"].pop("b")
    found = edit(text.encode(), wanted, {("services", "c"): "b"})
    assert values(found.data) == wanted
    assert found.in_place or b"#" not in found.data


SHARED = """\
x-common: &common   # ours
  database: postgres
  resources: {memory: 512Mi}
x-note: {seen: true}
name: shop
services:
  api:
    <<: *common     # as all
    runtime: go
    x-owner: me
  web: {runtime: go}
"""


def test_keys_of_the_user_and_merge_keys_stay_where_they_are() -> None:
    text = changed(SHARED, lambda spec: spec["services"]["api"].update(route="/api"))
    assert text == SHARED.replace("    x-owner: me\n", "    route: /api\n    x-owner: me\n")
    text = changed(SHARED, lambda spec: spec["services"].pop("web"))
    assert text == SHARED.replace("  web: {runtime: go}\n", "")


def test_a_merged_field_that_changes_is_written_beside_the_merge_key() -> None:
    text = changed(SHARED, lambda spec: spec["services"]["api"].update(resources={"memory": "1Gi"}))
    assert "    <<: *common     # as all\n" in text
    assert "    resources: {memory: 1Gi}\n" in text


def test_a_rewritten_file_keeps_the_extension_keys() -> None:
    wanted = values(SHARED.encode())
    del wanted["services"]["api"]["database"]
    found = edit(SHARED.encode(), wanted, {})
    assert not found.in_place
    assert values(found.data) == wanted
    assert b"x-note: {seen: true}\n" in found.data
    assert b"x-common: {database: postgres, resources: {memory: 512Mi}}\n" in found.data
