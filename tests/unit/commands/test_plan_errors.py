"""The errors of `cn plan` and `cn-new --plan`."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from generator import main as cli
from generator.result import BAD_INPUT
from tests.unit.edited_shop import refused, respec

ROOT = Path(__file__).resolve().parents[3]


def test_a_fault_of_the_spec_has_its_place(shop, capsys, monkeypatch):
    respec("route: /old", "rout: /old")
    assert refused(capsys).startswith("cn.yaml:8:5: services.old.rout: unknown field; did you mean 'route'?")
    monkeypatch.chdir("services")
    assert refused(capsys).startswith("../cn.yaml:8:5: ")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda folder: shutil.rmtree(folder / ".cn-new"), "Restore it from version control"),
        (lambda folder: (folder / ".cn-new/lock.json").write_text("{"), "restore it from version control"),
        (lambda folder: (folder / ".cn-new/baseline.tar.xz").write_bytes(b"x"), "restore it from version"),
        (lambda folder: (folder / ".cn-new/baseline.tar.xz").unlink(), "no such file"),
        (lambda folder: (folder / "cn.yaml").unlink(), "cn.yaml: no such file"),
    ],
)
def test_a_damaged_project_is_an_error_with_a_remedy(shop, capsys, damage, message):
    damage(shop)
    assert message in refused(capsys)


def test_no_project_is_an_error(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "no .cn-new/ and cn.yaml in this folder or above; use --project" in refused(capsys)
    assert "--project .: not a cn-new project" in refused(capsys, "--project", ".")
    assert "--project none: not a directory" in refused(capsys, "--project", "none")


def test_an_empty_path_is_an_error(shop, capsys):
    message = refused(capsys, "--project", "")
    assert message == "cn: --project: empty path\n"
    message = refused(capsys, "--spec", "")
    assert message == "cn: --spec: empty path\n"
    for command in (["context"], ["graph"], ["doctor"]):
        assert cli.main_cn([*command, "--spec", ""]) == BAD_INPUT
        assert capsys.readouterr().err == "cn: --spec: empty path\n"


@pytest.mark.parametrize("words", ["cat cn.yaml | cn plan --spec /dev/stdin", "cn plan --spec pipe"])
def test_a_pipe_as_a_file_is_an_error_with_a_remedy(shop, words):
    os.mkfifo("pipe")
    code = "import sys; from generator.main import main_cn; sys.exit(main_cn())"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    line = words.replace("cn plan", f"{sys.executable} -c '{code}' plan")
    done = subprocess.run(["sh", "-c", line], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (BAD_INPUT, "")
    assert done.stderr.endswith(": not a regular file; use --spec - to read standard input\n")


def test_the_formats_of_a_plan_require_a_plan(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert cli.main_new(["shop", "--defaults", "--json", "--diff"]) == BAD_INPUT
    assert capsys.readouterr().err.splitlines() == [
        "cn-new: --diff requires --plan",
        "cn-new: --json requires --plan",
    ]
