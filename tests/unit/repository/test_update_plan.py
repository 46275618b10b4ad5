"""The plan of an update from base, ours and theirs, without a command."""

from pathlib import Path

from generator.rendering.file_tree import REGULAR, File
from generator.rendering.template import open_template
from generator.repository import baseline, update_plan
from generator.repository.build import build
from tests.unit.edited_shop import SPEC


def test_an_update_compares_base_ours_and_theirs(shop: Path) -> None:
    (shop / "README.md").write_text("mine\n")
    (shop / "notes.txt").write_text("mine\n")
    project = build(SPEC.replace("route: /orders", "route: /sales").encode(), "cn.yaml", open_template())
    update = update_plan.compare(shop, baseline.read(shop), project)
    assert update.base.keys() == update.theirs.keys()
    assert not [path for path in update.base if path == "cn.yaml" or path.startswith(".cn-new/")]
    assert update.ours["README.md"] == File(REGULAR, b"mine\n")
    assert update.user_files.counts == {"": 1}
    kinds = {change.path: change.kind for change in update.changes.changes}
    assert kinds["README.md"] == "conflict"
    assert kinds["infra/gateway/Caddyfile"] == "update"


def test_a_plan_of_the_same_template_and_spec_has_no_changes_and_no_notes(shop: Path) -> None:
    template = open_template()
    project = build(SPEC.encode(), "cn.yaml", template)
    plan = update_plan.make_plan(shop, baseline.read(shop), project, template, diffs=True)
    assert (plan.changes, plan.notes, plan.something_to_do) == ((), (), False)
