"""Every macro, read back by a real parser of its language."""

import ast
import json
import subprocess
import tomllib
from functools import cache
from typing import Any

import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from generator.rendering.jinja_sandbox import Sandbox
from generator.rendering.template import Source
from pulumi_stacks.spec import explanations
from tests.examples import examples
from tests.property.readers import MARKDOWN, docker_value, plain
from tests.property.specs import AWKWARD_TEXTS, ROOT, printable_lines

MACROS = "templates/macros.jinja"
TEXTS = st.lists(printable_lines(), min_size=20, max_size=60)
# The programs behind these take milliseconds per batch.
BATCHES = settings(max_examples=examples(15), deadline=None)
MANY_LINES = st.text(st.sampled_from("ab \n\t\"'\\{#:é\U0001f600"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | printable_lines() | MANY_LINES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(printable_lines(), inner, max_size=3),
    max_leaves=12,
)
PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"


@cache
def sandbox() -> Sandbox:
    return Sandbox({MACROS: Source(executable=False, data=(ROOT / MACROS).read_bytes())})


def quoted(language: str, value: Any) -> str:
    template = '{%- import "' + MACROS + '" as quote -%}{{ quote.' + language + "(value) }}"
    return sandbox().text(template, {"value": value}, "test")


@given(printable_lines() | MANY_LINES)
def test_yaml_reads_back(value: str) -> None:
    assert yaml.safe_load(f"key: {quoted('yaml', value)} # comment") == {"key": value}
    assert yaml.safe_load(f"[{quoted('yaml', value)}]") == [value]


@given(printable_lines() | MANY_LINES)
def test_json_reads_back(value: str) -> None:
    assert json.loads(quoted("json", value)) == value


@given(printable_lines() | MANY_LINES)
def test_toml_reads_back(value: str) -> None:
    assert tomllib.loads(f"key = {quoted('toml', value)} # comment") == {"key": value}


@given(printable_lines() | MANY_LINES)
def test_python_reads_back(value: str) -> None:
    assert ast.literal_eval(quoted("python", value)) == value


def test_python_has_the_quotes_that_need_fewer_escapes() -> None:
    assert quoted("python", "it's") == '"it\'s"'
    assert quoted("python", '"a"') == "'\"a\"'"
    assert quoted("python", '"it\'s"') == "'\"it\\'s\"'"
    assert quoted("python", "plain") == '"plain"'


@BATCHES
@given(TEXTS)
@example(list(AWKWARD_TEXTS))
def test_shell_reads_back(values: list[str]) -> None:
    script = f"printf '%s\\0' {' '.join(quoted('shell', value) for value in values)}\n"
    done = subprocess.run(["sh"], input=script.encode(), capture_output=True, check=True)
    assert done.stdout.decode().split("\0")[:-1] == values


@BATCHES
@given(TEXTS)
@example(list(AWKWARD_TEXTS))
def test_make_reads_back(values: list[str]) -> None:
    lines = "".join(f"\t@printf '%s\\0' {quoted('make', value)} # end\n" for value in values)
    done = subprocess.run(
        ["make", "--file", "-"], input=f"all:\n{lines}".encode(), capture_output=True, check=True
    )
    assert done.stdout.decode().split("\0")[:-1] == values


@given(printable_lines())
def test_dockerfile_reads_back(value: str) -> None:
    assert docker_value(quoted("dockerfile", value)) == value


@given(printable_lines())
def test_markdown_has_no_live_mark(value: str) -> None:
    read, rest = "", quoted("markdown", value)
    while rest:
        if rest[0] == "\\":
            assert rest[1] in PUNCTUATION
            read, rest = read + rest[1], rest[2:]
        else:
            assert rest[0] not in "`*_[]<>&|~$"
            assert read or rest[0] not in "#+-="
            read, rest = read + rest[0], rest[1:]
    assert read == value.strip()


@given(printable_lines())
def test_markdown_reads_back_as_a_paragraph_a_heading_and_a_cell(value: str) -> None:
    text = quoted("markdown", value)
    for document in (f"{text}\n", f"# {text}\n", f"| a |\n|---|\n| {text} |\n"):
        inlines = [token.children or [] for token in MARKDOWN.parse(document) if token.type == "inline"]
        assert plain(inlines[-1] if inlines else []) == value.strip()


def test_markdown_opens_no_numbered_list() -> None:
    assert quoted("markdown", "1. one") == "1\\. one"
    assert quoted("markdown", "12) two") == "12\\) two"
    assert quoted("markdown", "3.14 and more") == "3\\.14 and more"
    assert quoted("markdown", "2 of 3.") == "2 of 3."


def test_markdown_leaves_ordinary_sentences_alone() -> None:
    sentence = "Takes orders (and sends bills): it's simple, isn't it? - Yes!"
    assert quoted("markdown", sentence) == sentence


@given(VALUES)
def test_a_yaml_block_reads_back(value: Any) -> None:
    assert yaml.safe_load(quoted("yaml_block", value)) == value
    indented = sandbox().text(
        '{%- import "' + MACROS + '" as quote -%}key:\n  {{ quote.yaml_block(value, 2) }}\n',
        {"value": value},
        "test",
    )
    assert yaml.safe_load(indented) == {"key": value}


@given(printable_lines())
def test_what_is_quoted_here_are_texts_of_a_spec(value: str) -> None:
    assert explanations.text_fault(value, 300) is None
