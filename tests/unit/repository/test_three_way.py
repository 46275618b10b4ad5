"""The decision for each path from base, new tree and disk."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.rendering.file_tree import EXECUTABLE, REGULAR, File, Tree
from generator.repository.text_merge import merge
from generator.repository.three_way import KINDS, LISTED, REASONS, Change, Disk, Obstacle, compare, service_of
from tests.examples import examples

PATH = "services/orders/app.py"
LINES = b"one\ntwo\nthree\nfour\nfive\n"
OTHER_FIRST = LINES.replace(b"one", b"eins")
OTHER_LAST = LINES.replace(b"five", b"funf")


def file(data: bytes | None, mode: int = REGULAR) -> File | None:
    return None if data is None else File(mode, data)


def only(base: File | None, new: File | None, disk: File | Obstacle | None) -> Change | None:
    old: Tree = {PATH: base} if base else {}
    rendered: Tree = {PATH: new} if new else {}
    there: Disk = {PATH: disk} if disk else {}
    changes = compare(old, rendered, there, merge).changes
    assert len(changes) <= 1
    return changes[0] if changes else None


@pytest.mark.parametrize(
    ("base", "new", "disk", "kind", "reason"),
    [
        (None, b"new", None, "create", "new"),
        (b"old", b"new", b"old", "update", "unchanged"),
        (b"old", None, b"old", "delete", "not-rendered"),
        (b"old", b"old", b"mine", "keep", "edited"),
        (b"old", b"old", None, "keep", "removed"),
        (b"old", b"new", None, "keep", "removed-changed"),
        (b"old", None, b"mine", "keep", "edited-not-rendered"),
        (None, b"new", b"mine", "conflict", "added-by-both"),
        (LINES, OTHER_LAST, OTHER_FIRST, "merge", "both-changed"),
        (b"old\n", b"new\n", b"mine\n", "conflict", "same-lines"),
        (b"old\0", b"new\n", b"mine\n", "conflict", "no-text"),
        (b"old\n", b"new\n", b"\0mine", "conflict", "no-text"),
    ],
)
def test_each_meeting_of_base_new_and_disk_has_its_kind(base, new, disk, kind, reason):
    change = only(file(base), file(new), file(disk))
    assert change is not None
    assert (change.kind, change.reason) == (kind, reason)


@pytest.mark.parametrize(
    ("base", "new", "disk"),
    [
        (b"old", b"old", b"old"),
        (b"old", b"new", b"new"),
        (None, b"new", b"new"),
        (b"old", None, None),
    ],
)
def test_a_file_equal_to_the_new_version_is_not_a_change(base, new, disk):
    assert only(file(base), file(new), file(disk)) is None


def test_a_merge_holds_the_lines_of_both():
    change = only(file(LINES), file(OTHER_LAST), file(OTHER_FIRST))
    assert change is not None
    assert change.after == File(REGULAR, b"eins\ntwo\nthree\nfour\nfunf\n")


def test_a_conflict_counts_its_places_and_writes_nothing():
    base = b"".join(b"%d\n" % number for number in range(20))
    mine, new = (base.replace(b"\n3\n", word).replace(b"\n15\n", word) for word in (b"\nmine\n", b"\nnew\n"))
    change = only(file(base), file(new), file(mine))
    assert change is not None
    assert (change.kind, change.conflicts, change.after) == ("conflict", 2, None)


def test_modes_are_decided_each_for_itself():
    change = only(file(b"old"), file(b"new"), file(b"old", EXECUTABLE))
    assert change is not None
    assert (change.kind, change.reason, change.after) == ("merge", "mode", File(EXECUTABLE, b"new"))
    change = only(file(b"old"), file(b"old", EXECUTABLE), file(b"mine"))
    assert change is not None
    assert change.after == File(EXECUTABLE, b"mine")
    change = only(file(b"old"), file(b"new", EXECUTABLE), file(b"new"))
    assert change is not None
    assert change.after == File(EXECUTABLE, b"new")
    change = only(file(b"old"), file(b"old"), file(b"old", EXECUTABLE))
    assert change is not None
    assert change.kind == "keep"


def test_line_ends_of_windows_are_not_a_change_of_the_users_and_stay():
    windows = LINES.replace(b"\n", b"\r\n")
    assert only(file(LINES), file(LINES), file(windows)) is None
    change = only(file(LINES), file(OTHER_LAST), file(windows))
    assert change is not None
    assert change.kind == "update"
    assert change.after == File(REGULAR, OTHER_LAST.replace(b"\n", b"\r\n"))


def test_an_obstacle_is_never_written_or_deleted():
    link = Obstacle("a symbolic link")
    for base, new, kind in (
        (None, b"new", "conflict"),
        (b"old", b"new", "conflict"),
        (b"old", b"old", "keep"),
        (b"old", None, "keep"),
    ):
        change = only(file(base), file(new), link)
        assert change is not None
        assert (change.kind, change.reason, change.after) == (kind, "in-the-way", None)


def test_without_a_merge_what_both_changed_is_a_conflict():
    base, new, disk = (
        {PATH: File(REGULAR, b"a\n")},
        {PATH: File(REGULAR, b"b\n")},
        {PATH: File(REGULAR, b"c\n")},
    )
    [change] = compare(base, new, disk, lambda *_: None).changes
    assert (change.kind, change.reason) == ("conflict", "no-merge")


def test_the_same_new_lines_on_both_sides_are_nothing_to_do():
    both = OTHER_FIRST.replace(b"five", b"funf")
    change = only(file(LINES), file(OTHER_LAST), file(both))
    assert change is not None
    assert change.kind == "keep"


def test_only_keeping_is_nothing_to_do():
    kept = compare({"a": File(REGULAR, b"")}, {"a": File(REGULAR, b"")}, {}, merge)
    assert not kept.something_to_do
    assert compare({}, {"a": File(REGULAR, b"")}, {}, merge).something_to_do


def test_a_service_is_the_folder_below_services():
    assert service_of("services/orders/app/main.py") == "orders"
    assert service_of("services/README.md") == ""
    assert service_of("infra/services/orders/x") == ""


CONTENTS = st.lists(st.sampled_from([b"a\n", b"b\n", b"c\n", b"d\n", b"\0\n"]), max_size=5).map(b"".join)
FILES = st.none() | st.builds(File, st.sampled_from([REGULAR, EXECUTABLE]), CONTENTS)
THREE = st.dictionaries(st.sampled_from(["a", "b", "services/x/c"]), st.tuples(FILES, FILES, FILES))


def applied(disk: Disk, changes: tuple[Change, ...]) -> Disk:
    after = dict(disk)
    for change in changes:
        if change.kind in {"create", "update", "merge"}:
            assert change.after is not None
            after[change.path] = change.after
        elif change.kind == "delete":
            del after[change.path]
    return after


@settings(max_examples=examples(50))
@given(THREE)
def test_nothing_of_the_users_is_lost_and_what_is_applied_is_done(three):
    base, new, disk = (
        {path: files[side] for path, files in three.items() if files[side] is not None} for side in range(3)
    )
    found = compare(base, new, disk, merge)
    assert all(change.kind in KINDS and change.reason in REASONS for change in found.changes)
    after = applied(disk, found.changes)
    for path, before in disk.items():
        if before != base.get(path):
            kept = after[path]
            assert isinstance(kept, File)
            assert isinstance(before, File)
            lines = kept.data.splitlines()
            base_data = base[path].data if path in base else b""
            mine = [line for line in before.data.splitlines() if line not in base_data.splitlines()]
            assert all(line in lines for line in mine), path
    # Once the new tree is the base, nothing is left to do.
    assert not compare(new, new, after, merge).something_to_do


@given(THREE)
def test_a_tree_compared_with_itself_has_no_changes(three):
    tree: Tree = {path: files[0] for path, files in three.items() if files[0] is not None}
    found = compare(tree, tree, tree, merge)
    assert found.changes == ()
    assert found.same == len(tree)


def test_every_listed_reason_is_a_reason():
    assert set(REASONS) >= LISTED
