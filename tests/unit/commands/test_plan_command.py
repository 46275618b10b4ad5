"""`cn plan` and `cn-new --plan` on a project with edited files."""

import io
import json
import shutil
import subprocess
from pathlib import Path

import jsonschema

from generator import main as cli
from generator.repository import plan_document
from generator.result import DIFFERENT, DONE
from tests.unit.edited_shop import SPEC, document, edit, kinds, plan, refused, respec


def test_a_fresh_project_has_nothing_to_do(shop, capsys):
    counted = [
        path for path in shop.rglob("*") if path.is_file() and path.relative_to(shop).parts[0] != ".cn-new"
    ]
    assert plan(capsys, code=DONE) == (
        f"No changes. shop matches cn.yaml ({len(counted) - 1} files unchanged; "
        "cn.yaml and .cn-new/ are not counted).\n"
    )
    found = document(capsys, code=DONE)
    assert found["changes"] == []
    assert not found["something_to_do"]
    assert plan(capsys, "--quiet", code=DONE) == ""
    assert plan(capsys, "--diff", code=DONE).count("\n") == 1


def test_each_kind_is_in_the_json(shop, capsys):
    edit(shop)
    found = document(capsys)
    assert kinds(found) == {
        ".copier-answers.yml": ("update", "unchanged"),
        "README.md": ("keep", "removed-changed"),
        "catalog-info.yaml": ("update", "unchanged"),
        "compose.yaml": ("merge", "both-changed"),
        "infra/gateway/Caddyfile": ("update", "unchanged"),
        "services/fresh/.dockerignore": ("create", "new"),
        "services/fresh/Caddyfile": ("create", "new"),
        "services/fresh/Dockerfile": ("conflict", "added-by-both"),
        "services/fresh/Makefile": ("create", "new"),
        "services/fresh/README.md": ("create", "new"),
        "services/old/.dockerignore": ("delete", "not-rendered"),
        "services/old/Caddyfile": ("keep", "edited-not-rendered"),
        "services/old/Dockerfile": ("delete", "not-rendered"),
        "services/old/Makefile": ("delete", "not-rendered"),
        "services/old/README.md": ("delete", "not-rendered"),
        "services/old/notes.txt": ("keep", "added"),
        "services/orders/Caddyfile": ("keep", "edited"),
    }
    assert found["something_to_do"]
    same = found["counts"].pop("same")
    assert same > 20
    assert found["counts"] == {
        "create": 4, "update": 3, "merge": 1, "delete": 4, "conflict": 1, "keep": 4, "added": 3,
    }  # fmt: skip
    assert found["services"] == [
        {"name": "fresh", "state": "new", "added": 0},
        {"name": "old", "state": "goes", "added": 1},
        {"name": "orders", "state": "stays", "added": 1},
    ]


def test_each_kind_is_in_the_text(shop, capsys):
    edit(shop)
    assert (
        plan(capsys, code=DIFFERENT)
        == """\
services/fresh (new)
  create    .dockerignore
  create    Caddyfile
  conflict  Dockerfile  you created this file; cn-new now generates it too
  create    Makefile
  create    README.md

services/old (removed from cn.yaml)
  delete    .dockerignore
  keep      Caddyfile  no longer generated, but you edited it
  delete    Dockerfile
  delete    Makefile
  delete    README.md
  keep      notes.txt  your own file in the folder of a removed service

system
  update    .copier-answers.yml
  keep      README.md     you deleted it; its new version is not written
  update    catalog-info.yaml
  merge     compose.yaml  your edits and the new lines do not overlap
  update    infra/gateway/Caddyfile

Plan: 4 to create, 3 to update, 1 to merge, 4 to delete, 1 conflict, 4 kept, 3 files of your own.
Nothing was written: cn has no command yet that applies a plan. To apply all changes except
conflicts, commit your work and run in the project's folder:
  cn plan --diff | git apply --whitespace=nowarn --directory="$(git rev-parse --show-prefix)"
  cn-new --spec cn.yaml --into ../fresh --no-git --quiet
  cp -R ../fresh/.cn-new . && rm -r ../fresh
The last two lines renew .cn-new/, so that the next plan starts from there.
"""
    )
    assert plan(capsys, "--quiet", code=DIFFERENT) == ""


def test_json_holds_the_differences_when_asked(shop, capsys):
    edit(shop)
    found = document(capsys, "--diff")
    for change in found["changes"]:
        assert bool(change["diff"]) == (change["kind"] != "keep"), change["path"]
    assert all(change["diff"] is None for change in document(capsys)["changes"])


def test_it_works_from_a_folder_inside_and_from_outside(shop, capsys, monkeypatch):
    edit(shop)
    here = plan(capsys, code=DIFFERENT)
    monkeypatch.chdir(shop / "services" / "orders")
    assert plan(capsys, code=DIFFERENT) == here
    monkeypatch.chdir("/")
    assert cli.main_cn(["plan", "--project", str(shop)]) == DIFFERENT
    assert capsys.readouterr().out == here


def test_another_spec_may_be_tried(shop, capsys, tmp_path, monkeypatch):
    (tmp_path / "other.yaml").write_text(SPEC.replace("  old:", "  new:"))
    found = document(capsys, "--spec", str(tmp_path / "other.yaml"))
    assert {entry["name"]: entry["state"] for entry in found["services"]}["new"] == "new"
    assert "cn.yaml" not in kinds(found), "it is the user's"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"name: x\n")))
    assert "standard input:1:1: services: is required" in refused(capsys, "--spec", "-")


def test_a_comment_in_the_spec_is_nothing_to_do(shop, capsys):
    respec("name: shop", "name: shop  # mine")
    plan(capsys, code=DONE)


def test_a_renamed_service_has_a_note(shop, capsys):
    respec("  old:\n", "  older:\n    id: old\n")
    text = plan(capsys, code=DIFFERENT)
    assert "Note: services.older was renamed from old: its files are created in services/older" in text


def test_templates_of_another_version_have_a_note(shop, capsys):
    path = shop / ".cn-new" / "lock.json"
    lock = json.loads(path.read_text())
    path.write_text(json.dumps({**lock, "template_digest": "sha256:0", "cn_new": "0.0.9"}))
    assert "Note: last written by cn-new 0.0.9" in plan(capsys, code=DONE)


def test_without_git_it_works_with_a_note(shop, capsys, monkeypatch):
    edit(shop)
    monkeypatch.setenv("PATH", "")
    found = document(capsys)
    assert kinds(found)["compose.yaml"] == ("conflict", "no-merge")
    assert "git is not installed" in "\n".join(found["notes"])


def test_slow_ignore_patterns_time_out(shop, capsys, monkeypatch):
    monkeypatch.setattr("generator.repository.user_files.TIMEOUT", 1)
    Path(".gitignore").write_text(f"{'*a' * 20}*b\n")
    Path("a" * 100).touch()
    message = plan(capsys, "--quiet", code=DONE), plan(capsys, code=DONE)
    assert "Note: your own files were not counted: matching .gitignore took more than 1 s." in message[1]
    assert "of your own" not in message[1]


def test_links_pipes_and_folders_are_conflicts_and_kept(shop, capsys, tmp_path):
    edit(shop)
    target = shop / "services/fresh"
    (target / "Makefile").symlink_to("/etc/hostname")
    (target / "README.md").mkdir()
    shutil.rmtree(shop / "services/old")
    (shop / "services/old").symlink_to(tmp_path)
    found = {change["path"]: change for change in document(capsys)["changes"]}
    assert found["services/fresh/Makefile"]["text"] == "blocked by a symbolic link"
    assert found["services/fresh/README.md"]["text"] == "blocked by a folder"
    assert found["services/old/Dockerfile"]["kind"] == "keep"


def test_names_that_would_command_a_terminal_are_escaped(shop, capsys):
    edit(shop)
    (shop / "services/old/a\x1b[31m\nb").write_text("")
    text = plan(capsys, code=DIFFERENT)
    assert "\x1b" not in text
    assert "a\\u001b[31m\\nb" in text


def test_cn_new_plans_in_the_same_words(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cn.yaml").write_text(SPEC)
    words = ["shop", "--spec", "cn.yaml", "--plan"]
    assert cli.main_new(words) == DONE
    text = capsys.readouterr().out
    assert text.startswith("services/old (new)\n  create    .dockerignore\n")
    assert text.splitlines()[-2:] == [
        f"Plan: {text.count('  create  ')} to create.",
        "Nothing was written to shop.",
    ]
    assert cli.main_new([*words, "--json", "--diff"]) == DONE
    found = json.loads(capsys.readouterr().out)
    jsonschema.validate(found, plan_document.schema())
    assert {change["kind"] for change in found["changes"]} == {"create"}
    assert cli.main_new([*words, "--diff"]) == DONE
    text = capsys.readouterr().out
    empty = tmp_path / "empty"
    empty.mkdir()
    apply = ["git", "apply", "--whitespace=nowarn"]
    subprocess.run(apply, cwd=empty, input=text.encode(), check=True, capture_output=True)
    made = {path.relative_to(empty).as_posix() for path in empty.rglob("*") if path.is_file()}
    assert made == {change["path"] for change in found["changes"]}


def test_the_schema_of_a_plan_is_printed(capsys):
    assert cli.main_cn(["schema", "plan"]) == DONE
    printed = json.loads(capsys.readouterr().out)
    assert printed == plan_document.schema()
    jsonschema.Draft202012Validator.check_schema(printed)
