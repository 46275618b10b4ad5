"""What docs/templates.md tells authors of templates works."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from generator.rendering.renderer import render
from generator.rendering.template import open_template
from pulumi_stacks.system import load, resolve
from scripts import docs
from tests.parity.oracle import copy_template, read, without_source

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs/templates.md").read_text()
SHOP = ROOT / "examples/02-shop/cn.yaml"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def test_every_macro_stands_in_the_table_with_the_language_that_it_writes() -> None:
    source = (ROOT / "templates/macros.jinja").read_text()
    table = docs.part("macros")
    macros = re.findall(r"macro ([a-z]\w*)\(", source)
    assert re.findall(r"^\| `(\w+)\(", table, re.MULTILINE) == macros
    assert table in TEXT


def test_a_key_of_a_runtime_without_a_comment_is_named() -> None:
    with pytest.raises(SystemExit, match="nowhere: has no comment"):
        docs._comment("nowhere", "      ")


def git(folder: Path, *words: str) -> None:
    identity = ("-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A clone of the fork: a template in git, with a tag, and the examples."""
    folder = tmp_path / "fork"
    folder.mkdir()
    copy_template(folder)
    shutil.copytree(ROOT / "examples", folder / "examples")
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "one")
    git(folder, "tag", "v1.0.0")
    return folder


def run(script: str, folder: Path) -> None:
    """Run a block as a reader would, with the `cn` and the Copier of this Python."""
    call = "from generator.main import main_cn; raise SystemExit(main_cn())"
    tools = f'cn() {{ "{sys.executable}" -c "{call}" "$@"; }}\n'
    tools += f'copier() {{ "{sys.executable}" -m copier "$@"; }}\n'
    people = [f"GIT_{who}_{what}" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")]
    done = subprocess.run(
        ["sh", "-eu"],
        input=tools + script,
        cwd=folder,
        text=True,
        capture_output=True,
        check=False,
        env={**os.environ, **dict.fromkeys(people, "test@example.com"), "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_the_commands_for_copier_make_update_and_change_a_repository(checkout: Path) -> None:
    copy, update, change = (block for block in blocks("sh") if "copier" in block or "cn context" in block)
    shop = checkout.parent / "shop"

    run(copy, checkout)
    answers = resolve(load(SHOP.read_bytes())).answers()
    assert without_source(read(shop)) == dict(render(open_template(), answers))

    (checkout / "templates/project/NEW.md.jinja").write_text("Brought by v2 to {{ name }}.\n")
    git(checkout, "add", "--all")
    git(checkout, "commit", "--quiet", "--message", "two")
    git(checkout, "tag", "v2.0.0")
    run(update, checkout)
    assert (shop / "NEW.md").read_text() == "Brought by v2 to shop.\n"

    spec = shop / "cn.yaml"
    spec.write_text(spec.read_text() + "  extra:\n    runtime: python\n")
    git(shop, "add", "--all")
    git(shop, "commit", "--quiet", "--message", "three")
    run(change, shop)
    assert (shop / "services/extra/Dockerfile").is_file()
    assert (shop / "services/orders/Dockerfile").is_file()


def test_the_runtime_that_is_added_there_takes_one_folder_and_one_entry(tmp_path: Path) -> None:
    copy_template(tmp_path)
    (entry,) = (block for block in blocks("yaml") if "elixir:" in block)
    (dockerfile,) = blocks("dockerfile")
    copier = tmp_path / "copier.yml"
    text = copier.read_text()
    copier.write_text(text.replace("    dockerfile:\n", f"{entry}    dockerfile:\n", 1))
    (name,) = set(
        re.findall(r"\{% yield service from services_of\.elixir %\}\S*\{\{.*?\}\}\{% endyield %\}", TEXT)
    )
    folder = tmp_path / "templates/project/services" / name
    folder.mkdir()
    (folder / "Dockerfile.jinja").write_text(dockerfile)

    template = open_template(tmp_path)
    added, known = template.runtimes["elixir"], open_template().runtimes["dockerfile"]
    assert added.keys() == known.keys()
    spec = b"name: a\nservices:\n  web: {runtime: elixir}\n  api: {runtime: python, calls: [web]}\n"
    tree = render(template, resolve(load(spec, runtimes=template.runtimes)).answers())
    made = tree["services/web/Dockerfile"].data.decode()
    assert made.startswith("ARG ELIXIR_IMAGE=elixir:")
    assert '.title="web"\n' in made
    assert [path for path in tree if path.startswith("services/web/")] == ["services/web/Dockerfile"]
    assert "deps/" in tree[".gitignore"].data.decode()


def test_the_entry_in_the_document_is_yaml_of_that_depth() -> None:
    (entry,) = (block for block in blocks("yaml") if "elixir:" in block)
    assert list(yaml.safe_load(entry)) == ["elixir"]
