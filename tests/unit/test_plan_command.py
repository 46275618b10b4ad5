"""`cn plan` and `cn-new --plan`, on a project that people have edited."""

import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from generator import cli, planned
from generator.outcome import BAD_INPUT, DIFFERENT, DONE

ROOT = Path(__file__).resolve().parents[2]
SPEC = """\
name: shop
services:
  orders:
    runtime: dockerfile
    route: /orders
  old:
    runtime: dockerfile
    route: /old
"""


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    (folder / "cn.yaml").write_text(SPEC)
    made = ["--spec", str(folder / "cn.yaml"), "--into", str(folder / "shop"), "--quiet", "--no-git"]
    assert cli.main_new(made) == DONE
    return folder / "shop"


@pytest.fixture
def shop(pristine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "shop"
    shutil.copytree(pristine, folder)
    monkeypatch.chdir(folder)
    return folder


def plan(capsys: pytest.CaptureFixture[str], *words: str, code: int) -> str:
    found = state(Path())
    assert cli.main_cn(["plan", *words]) == code
    assert state(Path()) == found, "nothing is written"
    said = capsys.readouterr()
    assert said.err == ""
    return said.out


def document(capsys: pytest.CaptureFixture[str], *words: str, code: int = DIFFERENT) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(plan(capsys, "--json", *words, code=code))
    jsonschema.validate(found, planned.schema())
    return found


def state(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path): (path.lstat().st_mode, path.read_bytes() if path.is_file() else b"")
        for path in folder.rglob("*")
    }


def kinds(found: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {change["path"]: (change["kind"], change["reason"]) for change in found["changes"]}


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert cli.main_cn(["plan", *words]) == BAD_INPUT
    said = capsys.readouterr()
    assert said.out == ""
    assert "Traceback" not in said.err
    return said.err


def respec(old: str, new: str) -> None:
    text = Path("cn.yaml").read_text()
    assert old in text
    Path("cn.yaml").write_text(text.replace(old, new))


def edit(shop: Path) -> None:
    """Let a user do a little of everything, and cn.yaml ask for something else."""
    respec("  old:\n    runtime: dockerfile\n    route: /old\n", "  fresh:\n    runtime: dockerfile\n")
    respec("route: /orders", "route: /bestellungen")
    with (shop / "compose.yaml").open("a") as compose:
        compose.write("# mine\n")
    (shop / "README.md").unlink()
    (shop / "services/orders/Caddyfile").write_text("mine\n")
    (shop / "services/orders/notes.txt").write_text("mine\n")
    (shop / "services/old/Caddyfile").write_text("mine\n")
    (shop / "services/old/notes.txt").write_text("mine\n")
    (shop / "services/fresh").mkdir()
    (shop / "services/fresh/Dockerfile").write_text("FROM scratch\n")
    (shop / "notes.txt").write_text("mine\n")


def test_a_fresh_project_has_nothing_to_do(shop, capsys):
    counted = [
        path for path in shop.rglob("*") if path.is_file() and path.relative_to(shop).parts[0] != ".cn-new"
    ]
    assert plan(capsys, code=DONE) == (
        f"Nothing to do: shop is as cn.yaml says ({len(counted) - 1} files the same; "
        "cn.yaml and .cn-new/ are not counted).\n"
    )
    found = document(capsys, code=DONE)
    assert found["changes"] == []
    assert not found["something_to_do"]
    assert plan(capsys, "--quiet", code=DONE) == ""
    assert plan(capsys, "--diff", code=DONE).count("\n") == 1


def test_each_kind_is_told_in_json(shop, capsys):
    edit(shop)
    found = document(capsys)
    assert kinds(found) == {
        ".copier-answers.yml": ("update", "unchanged"),
        "README.md": ("keep", "removed-changed"),
        "catalog-info.yaml": ("update", "unchanged"),
        "compose.yaml": ("merge", "both-changed"),
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
        "create": 4, "update": 2, "merge": 1, "delete": 4, "conflict": 1, "keep": 4, "added": 3,
    }  # fmt: skip
    assert found["services"] == [
        {"name": "fresh", "state": "new", "added": 0},
        {"name": "old", "state": "goes", "added": 1},
        {"name": "orders", "state": "stays", "added": 1},
    ]


def test_each_kind_is_told_in_text(shop, capsys):
    edit(shop)
    assert (
        plan(capsys, code=DIFFERENT)
        == """\
services/fresh (new)
  create    .dockerignore
  create    Caddyfile
  conflict  Dockerfile  you have made a file of this name, and now the system has one too
  create    Makefile
  create    README.md

services/old (no longer in cn.yaml)
  delete    .dockerignore
  keep      Caddyfile  no longer part of the system, but you have changed it
  delete    Dockerfile
  delete    Makefile
  delete    README.md
  keep      notes.txt  yours, in the folder of a service that is no longer part of the system

system
  update    .copier-answers.yml
  keep      README.md     you have deleted it, so what is new in it is left out
  update    catalog-info.yaml
  merge     compose.yaml  your lines and the new ones do not touch

Plan: 4 to create, 2 to update, 1 to merge, 4 to delete, 1 conflict, 4 kept, 3 files of your own.
Nothing was written: cn has no command yet that does it. After a commit, in the project's folder,
  cn plan --diff | git apply --whitespace=nowarn --directory="$(git rev-parse --show-prefix)"
  cn-new --spec cn.yaml --into ../fresh --no-git --quiet
  cp -R ../fresh/.cn-new . && rm -r ../fresh
takes over all but conflicts (the first line), and lets the next plan start from there (the others).
"""
    )
    assert plan(capsys, "--quiet", code=DIFFERENT) == ""


def test_the_differences_are_a_patch_that_git_applies(shop, capsys):
    edit(shop)
    text = plan(capsys, "--diff", code=DIFFERENT)
    assert "  services/fresh/Dockerfile\n  | @@ -0,0 +1," in text
    subprocess.run(
        ["git", "apply", "--whitespace=nowarn"], input=text.encode(), check=True, capture_output=True
    )
    assert "# mine" in Path("compose.yaml").read_text()
    assert "bestellungen" in Path("compose.yaml").read_text()
    assert (shop / "services/fresh/Dockerfile").read_text() == "FROM scratch\n"
    left = document(capsys)
    assert [path for path, (kind, _) in kinds(left).items() if kind != "keep"] == [
        "services/fresh/Dockerfile"
    ]
    (shop / "services/fresh/Dockerfile").unlink()
    subprocess.run(["git", "apply", "-"], input=plan(capsys, "--diff", code=DIFFERENT).encode(), check=True)
    nothing, _, note = plan(capsys, code=DONE).splitlines()[-3:]
    assert nothing.endswith(" kept, 3 files of your own; cn.yaml and .cn-new/ are not counted).")
    assert note.startswith("Note: .cn-new/ is older than what was taken over")


def test_taken_over_as_the_document_says_the_next_plan_starts_from_there(shop, capsys):
    edit(shop)
    (shop / "services/fresh/Dockerfile").unlink()
    subprocess.run(
        ["git", "apply", "--whitespace=nowarn"],
        input=plan(capsys, "--diff", code=DIFFERENT).encode(),
        check=True,
    )
    assert cli.main_new(["--spec", "cn.yaml", "--into", "../fresh", "--no-git", "--quiet"]) == DONE
    shutil.copytree(shop.parent / "fresh" / ".cn-new", shop / ".cn-new", dirs_exist_ok=True)
    assert "services/old" not in plan(capsys, code=DONE), "what is no longer rendered is the user's alone"
    respec("route: /bestellungen", "route: /again")
    found = kinds(document(capsys))
    assert found[".copier-answers.yml"] == ("update", "unchanged")
    assert found["compose.yaml"] == ("merge", "both-changed")


def test_while_something_is_due_nobody_is_told_to_start_from_here(shop, capsys):
    respec("  old:\n    runtime: dockerfile\n    route: /old\n", "")
    shutil.rmtree(shop / "services/old")
    text = plan(capsys, code=DIFFERENT)
    assert "to update" in text
    assert "Note:" not in text


def test_the_line_that_takes_it_over_works_inside_a_repository(pristine, tmp_path, monkeypatch, capsys):
    subprocess.run(["git", "init", "--quiet", tmp_path / "outer"], check=True)
    shutil.copytree(pristine, tmp_path / "outer" / "shop", ignore=shutil.ignore_patterns(".git"))
    monkeypatch.chdir(tmp_path / "outer" / "shop")
    respec("route: /orders", "route: /bestellungen")
    (line,) = [line for line in plan(capsys, code=DIFFERENT).splitlines() if "git apply" in line]
    patch = plan(capsys, "--diff", code=DIFFERENT)
    subprocess.run(["sh", "-c", line.partition("| ")[2]], input=patch.encode(), check=True)
    assert "bestellungen" in Path("compose.yaml").read_text()
    assert "Nothing to do" in plan(capsys, code=DONE)


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


def test_a_renamed_service_is_told_of(shop, capsys):
    respec("  old:\n", "  older:\n    id: old\n")
    text = plan(capsys, code=DIFFERENT)
    assert "Note: services.older was old: its files are made anew under its new name" in text


def test_templates_of_another_version_are_told_of(shop, capsys):
    path = shop / ".cn-new" / "lock.json"
    lock = json.loads(path.read_text())
    path.write_text(json.dumps({**lock, "template_digest": "sha256:0", "cn_new": "0.0.9"}))
    assert "Note: last written by cn-new 0.0.9" in plan(capsys, code=DONE)


def test_without_git_it_works_and_says_what_is_lost(shop, capsys, monkeypatch):
    edit(shop)
    monkeypatch.setenv("PATH", "")
    found = document(capsys)
    assert kinds(found)["compose.yaml"] == ("conflict", "no-merge")
    assert "git is not installed" in "\n".join(found["notes"])


def test_a_fault_of_the_spec_is_told_with_its_place(shop, capsys, monkeypatch):
    respec("route: /old", "rout: /old")
    assert refused(capsys).startswith("cn.yaml:8:5: services.old.rout: unknown field; did you mean 'route'?")
    monkeypatch.chdir("services")
    assert refused(capsys).startswith("../cn.yaml:8:5: ")


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda folder: shutil.rmtree(folder / ".cn-new"), "Restore it from version control"),
        (lambda folder: (folder / ".cn-new/lock.json").write_text("{"), "restore it from version control"),
        (lambda folder: (folder / ".cn-new/baseline.tar.xz").write_bytes(b"x"), "restore it from version"),
        (lambda folder: (folder / ".cn-new/baseline.tar.xz").unlink(), "is missing"),
        (lambda folder: (folder / "cn.yaml").unlink(), "cn.yaml: no such file"),
    ],
)
def test_a_damaged_project_is_refused_with_what_to_do(shop, capsys, damage, told):
    damage(shop)
    assert told in refused(capsys)


def test_no_project_is_refused(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "there is no project of cn-new here or above; name its folder with --project" in refused(capsys)
    assert "--project .: is no project of cn-new" in refused(capsys, "--project", ".")
    assert "--project none: is no folder" in refused(capsys, "--project", "none")


@pytest.mark.parametrize("locale", [{"PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "latin-1"}])
def test_a_patch_and_a_document_are_utf_8_whatever_the_terminal_takes(shop, locale):
    respec("name: shop\n", "name: shop\ndescription: Cafés 🍰\n")
    code = "import sys; from generator.cli import main_cn; sys.exit(main_cn())"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **locale}

    def cn(*words: str) -> str:
        command = [sys.executable, "-c", code, *words]
        return subprocess.run(command, env=environment, capture_output=True, check=False).stdout.decode()

    subprocess.run(["git", "apply", "-"], input=cn("plan", "--diff").encode(), check=True)
    assert "Cafés 🍰" in Path("README.md").read_text(encoding="utf-8")
    assert "Cafés" in cn("context")
    assert cn("plan").isascii() or locale["PYTHONIOENCODING"] != "ascii"


def test_patterns_that_take_forever_are_given_up(shop, capsys, monkeypatch):
    monkeypatch.setattr("generator.commands.plan._PATIENCE", 1)
    Path(".gitignore").write_text(f"{'*a' * 20}*b\n")
    Path("a" * 100).touch()
    told = plan(capsys, "--quiet", code=DONE), plan(capsys, code=DONE)
    assert (
        "Note: your own files were not counted: to ask .gitignore about them took more than 1 s." in told[1]
    )
    assert "of your own" not in told[1]


def test_an_empty_path_is_no_path(shop, capsys):
    told = refused(capsys, "--project", "")
    assert told == "cn: --project takes a path, not an empty text\n"
    told = refused(capsys, "--spec", "")
    assert told == "cn: --spec takes a path, not an empty text\n"
    for command in (["context"], ["graph"], ["doctor"]):
        assert cli.main_cn([*command, "--spec", ""]) == BAD_INPUT
        assert capsys.readouterr().err == "cn: --spec takes a path, not an empty text\n"


@pytest.mark.parametrize("words", ["cat cn.yaml | cn plan --spec /dev/stdin", "cn plan --spec pipe"])
def test_a_pipe_as_a_file_is_refused_with_how_to_give_one(shop, words):
    os.mkfifo("pipe")
    code = "import sys; from generator.cli import main_cn; sys.exit(main_cn())"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    line = words.replace("cn plan", f"{sys.executable} -c '{code}' plan")
    done = subprocess.run(["sh", "-c", line], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (BAD_INPUT, "")
    assert done.stderr.endswith(": not a regular file; --spec - reads standard input\n")


def test_links_pipes_and_folders_in_the_way_are_told_and_left(shop, capsys, tmp_path):
    edit(shop)
    target = shop / "services/fresh"
    (target / "Makefile").symlink_to("/etc/hostname")
    (target / "README.md").mkdir()
    shutil.rmtree(shop / "services/old")
    (shop / "services/old").symlink_to(tmp_path)
    found = {change["path"]: change for change in document(capsys)["changes"]}
    assert found["services/fresh/Makefile"]["text"] == "a symbolic link stands there"
    assert found["services/fresh/README.md"]["text"] == "a folder stands there"
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
    jsonschema.validate(found, planned.schema())
    assert {change["kind"] for change in found["changes"]} == {"create"}
    assert cli.main_new([*words, "--diff"]) == DONE
    text = capsys.readouterr().out
    empty = tmp_path / "empty"
    empty.mkdir()
    apply = ["git", "apply", "--whitespace=nowarn"]
    subprocess.run(apply, cwd=empty, input=text.encode(), check=True, capture_output=True)
    made = {path.relative_to(empty).as_posix() for path in empty.rglob("*") if path.is_file()}
    assert made == {change["path"] for change in found["changes"]}


def test_forms_of_a_plan_need_a_plan(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert cli.main_new(["shop", "--defaults", "--json", "--diff"]) == BAD_INPUT
    assert capsys.readouterr().err.splitlines() == [
        "cn-new: --diff tells how --plan prints; add --plan",
        "cn-new: --json tells how --plan prints; add --plan",
    ]


def test_the_schema_of_a_plan_is_printed(capsys):
    assert cli.main_cn(["schema", "plan"]) == DONE
    printed = json.loads(capsys.readouterr().out)
    assert printed == planned.schema()
    jsonschema.Draft202012Validator.check_schema(printed)
