"""Paths of a tree are valid on every file system; its digest is stable."""

import pytest

from generator.rendering import file_tree
from generator.rendering.file_tree import EXECUTABLE, REGULAR, File, TreeError

EMPTY = File(REGULAR, b"")

ILLEGAL = [
    "",
    "/etc/passwd",
    "a//b",
    "a/",
    ".",
    "..",
    "a/../b",
    "./a",
    ".git/config",
    "a/.GIT/hooks/x",
    ".Git",
    ".g\u200cit/config",
    "GIT~1/config",
    "a\nb",
    "a\0b",
    "a\x7fb",
    "a\u0085b",
    "a\ud800b",
    *(f"a{char}b" for char in '<>:"|?*\\'),
    "a.",
    "a /b",
    "CON",
    "nul.txt",
    "a/Aux.tar.gz",
    "com1",
    "LPT9.log",
    "COM\u00b9",
    "x" * 256,
    "\u00e9" * 128,
    "/".join(["x" * 200] * 6),
]
LEGAL = [
    "a",
    ".gitignore",
    ".github/workflows/ci.yml",
    "a b",
    "\u00e9/\u65e5\u672c",
    "con-1",
    "console",
    "com10",
    "a.b.c",
]


@pytest.mark.parametrize("path", ILLEGAL)
def test_an_invalid_path_is_an_error(path: str) -> None:
    with pytest.raises(TreeError):
        file_tree.build([(path, EMPTY)])


@pytest.mark.parametrize("path", LEGAL)
def test_a_legal_path_is_taken(path: str) -> None:
    assert list(file_tree.build([(path, EMPTY)])) == [path]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("readme.md", "README.md"),
        ("a/x", "A/y"),
        ("caf\u00e9", "cafe\u0301"),
        ("stra\u00dfe", "STRASSE"),
        ("a", "a/b"),
        ("a", "A/b"),
        ("a", "a"),
    ],
)
def test_two_paths_that_collide_on_a_file_system_are_an_error(one: str, other: str) -> None:
    for paths in ((one, other), (other, one)):
        with pytest.raises(TreeError):
            file_tree.build([(path, EMPTY) for path in paths])


def test_a_mode_other_than_644_and_755_is_an_error() -> None:
    with pytest.raises(TreeError, match="mode 600"):
        file_tree.build([("a", File(0o600, b""))])


def test_a_tree_is_sorted_and_cannot_be_changed() -> None:
    built = file_tree.build([("b", EMPTY), ("a", EMPTY)])
    assert list(built) == ["a", "b"]
    with pytest.raises(TypeError):
        built["c"] = EMPTY  # type: ignore[index]


def test_the_digest_depends_on_paths_modes_and_contents_and_not_on_order() -> None:
    base = {"a": File(REGULAR, b"x"), "b": EMPTY}
    others = [
        {"a": File(REGULAR, b"y"), "b": EMPTY},
        {"a": File(EXECUTABLE, b"x"), "b": EMPTY},
        {"c": File(REGULAR, b"x"), "b": EMPTY},
        {"a": File(REGULAR, b"x")},
        {"a": EMPTY, "b": File(REGULAR, b"x")},
        {},
    ]
    digests = {file_tree.digest(entry) for entry in (base, *others)}
    assert len(digests) == len(others) + 1
    assert file_tree.digest(dict(reversed(base.items()))) == file_tree.digest(base)
