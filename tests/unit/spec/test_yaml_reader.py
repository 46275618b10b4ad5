"""Reading YAML: types, positions and limits."""

import pytest

from pulumi_stacks.spec.yaml_reader import MAX_ALIASES, MAX_BYTES, MAX_DEPTH, DocumentError, read


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("off", "off"),
        ("NO", "NO"),
        ("22:22", "22:22"),
        ("2026-11-23", "2026-11-23"),
        ("1_000", "1_000"),
        ("true", True),
        ("FALSE", False),
        ("12", 12),
        ("-3", -3),
        ("0o17", 15),
        ("0xff", 255),
        ("1e3", 1000.0),
        ("1.10", 1.1),
        ("~", None),
        ("", None),
        ('"12"', "12"),
        ("'true'", "true"),
        ("! 12", "12"),
        ("caf\u00e9 \U0001f600", "caf\u00e9 \U0001f600"),
    ],
)
def test_scalars_have_the_types_of_yaml_1_2(text, value):
    assert read(f"key: {text}".encode()).plain() == {"key": value}


def test_values_know_where_they_stand():
    node = read(b"a: 1\nb:\n  - x\n  - {c: y}\n")
    assert (node.find(("a",)).line, node.find(("a",)).column) == (1, 4)
    assert (node.find(("b", 1, "c")).line, node.find(("b", 1, "c")).column) == (4, 9)
    assert (node.find(("b", 1, "c"), of_key=True).column) == 6
    assert node.find(("b", 7)).line == 3, "the nearest node around a path that is not there"


def test_a_byte_order_mark_and_windows_line_ends_are_accepted():
    assert read(b"\xef\xbb\xbfa: 1\r\nb: x\r\n").plain() == {"a": 1, "b": "x"}


def test_an_anchor_may_be_used_again():
    assert read(b"a: &x {n: 1}\nb: *x\n").plain() == {"a": {"n": 1}, "b": {"n": 1}}


_BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(8)
)


@pytest.mark.parametrize(
    ("data", "place", "words"),
    [
        (b"", (1, 1), "empty"),
        (b"# only a comment\n", (1, 1), "empty"),
        (b"- a\n", (1, 1), "not a mapping"),
        (b"just text", (1, 1), "not a mapping"),
        (b"a: 1\n---\nb: 2\n", (2, 1), "second document"),
        (b"a: 1\nb: 2\na: 3\n", (3, 1), 'duplicate key "a" (first on line 1)'),
        (b"a: !!python/object/apply:os.system [id]\n", (1, 4), "tag"),
        (b"a: !secret x\n", (1, 4), "tag"),
        (b"a: *nowhere\n", (1, 4), "alias"),
        (b"a: &a [*a]\n", (1, 8), "no anchor &a before"),
        (b"? [x]\n: y\n", (1, 3), "cannot be a key"),
        (b"port: 010\n", (1, 7), "quote it or remove the 0"),
        (b"a:\n\t- b\n", (2, 1), "invalid YAML"),
        (b"a: [1\n", (2, 1), "invalid YAML"),
        (b"\xff\xfea\x00", (1, 1), "UTF-16"),
        (b"ok: 1\nname: \xc3\x28\n", (2, 7), "invalid UTF-8 at byte 12"),
        (b"ok: 1\na: \x00\n", (2, 4), "U+0000"),
        (b"x: " + b"[" * (MAX_DEPTH + 1), (1, 23), "deeper"),
        (b"[" * 100_000, (1, MAX_DEPTH + 1), "deeper"),
        (b"a: &a x\nb: [" + b"*a," * (MAX_ALIASES + 1) + b"]\n", (2, 305), "aliases"),
        (_BOMB.encode(), None, "more than 100000 values"),
        (b"a: " + b"x" * MAX_BYTES, (1, 1), "bytes"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(data, place, words):
    with pytest.raises(DocumentError) as caught:
        read(data)
    assert words in caught.value.message
    assert place is None or (caught.value.line, caught.value.column) == place
