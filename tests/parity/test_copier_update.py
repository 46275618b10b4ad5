"""`copier update` works between template versions of one context version."""

import json
import shutil
import subprocess
from pathlib import Path

import copier
import pytest
import yaml

from generator.rendering.renderer import ANSWERS_FILE
from pulumi_stacks.system import load, resolve
from tests.property.specs import AWKWARD

ROOT = Path(__file__).resolve().parents[2]
EDIT = "\nEdited by its owner.\n"


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false")
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout


def commit(folder: Path, tag: str) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", tag)
    git(folder, "tag", tag)


@pytest.fixture
def template(tmp_path: Path) -> Path:
    folder = tmp_path / "template"
    folder.mkdir()
    shutil.copy(ROOT / "copier.yml", folder)
    for name in ("templates", "pulumi_stacks"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    git(folder, "init", "--quiet")
    commit(folder, "v1.0.0")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("example", ["02-shop", "awkward"])
def test_an_update_brings_the_change_and_keeps_edits_and_services(
    example: str, template: Path, tmp_path: Path
) -> None:
    spec = ROOT / "examples" / example / "cn.yaml"
    data = spec.read_bytes() if spec.exists() else json.dumps(AWKWARD, ensure_ascii=False).encode()
    answers = resolve(load(data)).answers()
    project = tmp_path / "project"
    copier.run_copy(str(template), project, data=answers, defaults=True, quiet=True)
    service = answers["services"][0]["name"]
    readme = project / "README.md"
    readme.write_text(readme.read_text() + EDIT)
    git(project, "init", "--quiet")
    commit(project, "first")
    before = {path.relative_to(project) for path in project.rglob("*") if ".git" not in path.parts}

    (template / "templates/project/NEW.md.jinja").write_text("Brought by v2 to {{ name }}.\n")
    ignore = template / "templates/project/.editorconfig.jinja"
    ignore.write_text(ignore.read_text() + "# changed by v2\n")
    commit(template, "v2.0.0")
    copier.run_update(project, defaults=True, overwrite=True, quiet=True)

    assert (project / "NEW.md").read_text() == f"Brought by v2 to {answers['name']}.\n"
    assert (project / ".editorconfig").read_text().endswith("# changed by v2\n")
    assert readme.read_text().endswith(EDIT)
    after = {path.relative_to(project) for path in project.rglob("*") if ".git" not in path.parts}
    assert after == before | {Path("NEW.md")}
    assert (project / "services" / service).is_dir()
    kept = yaml.safe_load((project / ANSWERS_FILE).read_text())
    assert kept["_commit"] == "v2.0.0"
    assert {key: value for key, value in kept.items() if not key.startswith("_")} == answers
