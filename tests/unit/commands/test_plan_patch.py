"""The patch of `cn plan --diff`, applied with git as documented."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from generator import main as cli
from generator.result import DIFFERENT, DONE
from tests.unit.edited_shop import document, edit, kinds, plan, respec

ROOT = Path(__file__).resolve().parents[3]


def test_the_differences_are_a_patch_that_git_applies(shop, capsys):
    edit(shop)
    text = plan(capsys, "--diff", code=DIFFERENT)
    assert "  services/fresh/Dockerfile\n  | @@ -0,0 +1," in text
    subprocess.run(
        ["git", "apply", "--whitespace=nowarn"], input=text.encode(), check=True, capture_output=True
    )
    assert "# mine" in Path("compose.yaml").read_text()
    assert "bestellungen" in Path("infra/gateway/Caddyfile").read_text()
    assert (shop / "services/fresh/Dockerfile").read_text() == "FROM scratch\n"
    left = document(capsys)
    assert [path for path, (kind, _) in kinds(left).items() if kind != "keep"] == [
        "services/fresh/Dockerfile"
    ]
    (shop / "services/fresh/Dockerfile").unlink()
    subprocess.run(["git", "apply", "-"], input=plan(capsys, "--diff", code=DIFFERENT).encode(), check=True)
    nothing, _, note = plan(capsys, code=DONE).splitlines()[-3:]
    assert nothing.endswith(" kept, 3 files of your own; cn.yaml and .cn-new/ are not counted).")
    assert note.startswith("Note: .cn-new/ is older than the changes that you applied")


def test_after_the_documented_steps_the_next_plan_has_no_changes(shop, capsys):
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
    assert found["infra/gateway/Caddyfile"] == ("update", "unchanged")


def test_with_pending_changes_there_is_no_note_on_the_baseline(shop, capsys):
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
    assert "bestellungen" in Path("infra/gateway/Caddyfile").read_text()
    assert "No changes." in plan(capsys, code=DONE)


@pytest.mark.parametrize("locale", [{"PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "latin-1"}])
def test_a_patch_and_a_document_are_utf_8_whatever_the_terminal_takes(shop, locale):
    respec("name: shop\n", "name: shop\ndescription: Cafés 🍰\n")
    code = "import sys; from generator.main import main_cn; sys.exit(main_cn())"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **locale}

    def cn(*words: str) -> str:
        command = [sys.executable, "-c", code, *words]
        return subprocess.run(command, env=environment, capture_output=True, check=False).stdout.decode()

    subprocess.run(["git", "apply", "-"], input=cn("plan", "--diff").encode(), check=True)
    assert "Cafés 🍰" in Path("README.md").read_text(encoding="utf-8")
    assert "Cafés" in cn("context")
    assert cn("plan").isascii() or locale["PYTHONIOENCODING"] != "ascii"
