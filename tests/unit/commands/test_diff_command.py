"""`cn diff`, and `python -m pulumi_stacks.diff` in the infra/ of a generated repository."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from generator import main as cli
from generator.result import BAD_INPUT, DONE
from pulumi_stacks.diff import run as diff
from pulumi_stacks.spec.yaml_reader import MAX_BYTES

SPEC = """\
name: shop
services:
  orders:
    runtime: python
    route: /orders
"""
PUBLIC = SPEC + "  audit:\n    runtime: python\n    route: /audit\n"


def git(*words: str) -> str:
    identity = ("-c", "user.name=x", "-c", "user.email=x@localhost", "-c", "commit.gpgSign=false")
    done = subprocess.run(["git", *identity, *words], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit(text: str) -> str:
    Path("cn.yaml").write_text(text)
    git("add", "--all")
    git("commit", "--quiet", "--allow-empty", "-m", "x")
    return git("rev-parse", "HEAD")


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Be in a repository with two commits of cn.yaml."""
    folder = tmp_path / "shop"
    folder.mkdir()
    monkeypatch.chdir(folder)
    git("init", "--quiet", "--initial-branch=main")
    commit(SPEC)
    commit(PUBLIC)
    return folder


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert cli.main_cn(["diff", *words]) == DONE
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert cli.main_cn(["diff", *words]) == BAD_INPUT
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Traceback" not in captured.err
    return captured.err


def test_two_revisions_are_compared(capsys):
    text = printed(capsys, "HEAD~1..HEAD")
    assert text.startswith("shop: HEAD~1:cn.yaml → HEAD:cn.yaml\n")
    assert "+ audit is public at /audit" in text
    assert "- audit is removed" in printed(capsys, "HEAD..HEAD~1")
    assert printed(capsys, "HEAD~1..") == text


def test_one_revision_or_none_is_compared_with_what_is_there(capsys):
    assert "No changes for a running system." in printed(capsys)
    Path("cn.yaml").write_text(SPEC)
    assert "- audit is removed" in printed(capsys)
    assert "No changes" in printed(capsys, "HEAD~1")


def test_three_dots_begin_where_the_two_parted(capsys):
    git("checkout", "--quiet", "-b", "side", "HEAD~1")
    commit(SPEC.replace("/orders", "/side"))
    text = printed(capsys, "main...side")
    assert "orders moves from /orders to /side" in text
    assert "audit" not in text
    assert "audit is removed" in printed(capsys, "main..side")


def test_each_form_is_printed(capsys):
    assert json.loads(printed(capsys, "HEAD~1..HEAD", "--format", "json"))["changed"]
    assert printed(capsys, "HEAD~1..HEAD", "--format", "markdown").startswith("## shop: ")


def test_it_works_from_a_folder_inside_and_from_outside(capsys, repository, monkeypatch):
    wanted = printed(capsys, "HEAD~1..HEAD")
    (repository / "services" / "orders").mkdir(parents=True)
    monkeypatch.chdir(repository / "services" / "orders")
    assert printed(capsys, "HEAD~1..HEAD") == wanted
    monkeypatch.chdir("/")
    assert printed(capsys, "HEAD~1..HEAD", "--project", str(repository)) == wanted


def test_a_project_may_lie_inside_a_larger_repository(capsys, repository, monkeypatch):
    (repository / "deep" / "er").mkdir(parents=True)
    monkeypatch.chdir(repository / "deep" / "er")
    commit(SPEC.replace("shop", "inner"))
    commit(PUBLIC.replace("shop", "inner"))
    assert printed(capsys, "HEAD~1..HEAD").startswith("inner: ")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("nope..HEAD", "nope: no such revision"),
        ("HEAD..nope", "nope: no such revision"),
        ("HEAD...nope", "nope: no such revision"),
        ("HEAD^{tree}..HEAD", "HEAD^{tree}: no such revision"),
        ("HEAD:cn.yaml", "HEAD:cn.yaml: no such revision"),
        ("HEAD..--output=x", "--output=x: not a revision"),
        ("", "'': not a revision"),
        ("a\nb", "'a\\nb': not a revision"),
        ("a\x1b[31m", "'a\\x1b[31m': not a revision"),
        ("x" * 5000, "x" * 57 + "...: no such revision"),
    ],
)
def test_invalid_revisions_are_errors(capsys, repository, words, message):
    before = sorted(repository.iterdir())
    assert refused(capsys, words).startswith(f"cn: {message}")
    assert sorted(repository.iterdir()) == before


def test_a_word_with_a_leading_dash_never_reaches_git(capsys):
    assert refused(capsys, "--", "-x..HEAD") == "cn: -x: not a revision (such as HEAD~1, main or v1.2)\n"


def test_a_revision_without_the_file_is_an_error(capsys):
    git("rm", "--quiet", "cn.yaml")
    git("commit", "--quiet", "-m", "x")
    Path("cn.yaml").write_text(SPEC)
    assert (
        refused(capsys, "HEAD..HEAD~1")
        == "cn: HEAD: no cn.yaml in this folder at this revision; choose a later one\n"
    )


def test_faults_at_a_revision_have_revision_and_place(capsys):
    commit("name: shop\nservices:\n  a: {runtme: python}\n")
    assert "HEAD:cn.yaml:3:7: services.a.runtme: unknown field" in refused(capsys, "HEAD~1..HEAD")


def test_a_folder_or_a_large_file_at_a_revision_is_an_error(capsys, repository):
    commit(SPEC + "#" * MAX_BYTES)
    assert "(at most 2097152)" in refused(capsys, "HEAD~1..HEAD")
    (repository / "cn.yaml").unlink()
    (repository / "cn.yaml").mkdir()
    (repository / "cn.yaml" / "x").touch()
    git("add", "--all")
    git("commit", "--quiet", "-m", "x")
    assert refused(capsys, "HEAD~2..HEAD") == "cn: HEAD:cn.yaml: not a file\n"


def test_an_impossible_plan_is_an_error(capsys):
    commit(SPEC + "    scale: {min: 60}\n")
    assert "HEAD:cn.yaml: services.orders.scale.min: 60 replicas" in refused(capsys, "HEAD~1..HEAD")


def test_outside_of_a_repository_and_without_git_is_an_error(capsys, tmp_path, monkeypatch):
    (tmp_path / "plain").mkdir()
    monkeypatch.chdir(tmp_path / "plain")
    Path("cn.yaml").write_text(SPEC)
    assert "has no revisions; git: fatal: not a git repository" in refused(capsys)
    monkeypatch.setenv("PATH", "")
    assert "git is not installed" in refused(capsys)


def test_a_shallow_clone_has_its_own_error(capsys, repository, tmp_path, monkeypatch):
    git("clone", "--quiet", "--depth", "1", f"file://{repository}", str(tmp_path / "shallow"))
    monkeypatch.chdir(tmp_path / "shallow")
    assert "the clone is shallow" in refused(capsys, "HEAD~1..HEAD")


def test_git_variables_of_the_environment_are_ignored(capsys, monkeypatch, tmp_path):
    wanted = printed(capsys, "HEAD~1..HEAD")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "none"))
    assert printed(capsys, "HEAD~1..HEAD") == wanted


ALONE = """\
import runpy, sys
from pathlib import Path
sys.modules.update(dict.fromkeys(("generator", "pulumi", "pulumi_docker", "jinja2", "prompt_toolkit")))
sys.path.insert(0, "")
import pulumi_stacks
assert Path(pulumi_stacks.__file__).parents[1] == Path.cwd(), pulumi_stacks.__file__
del sys.modules["pulumi_stacks"]
sys.argv[0] = "diff"
runpy.run_module("pulumi_stacks.diff", run_name="__main__", alter_sys=True)
"""


@pytest.fixture
def infra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Be in the infra/ of a generated repository with a second commit."""
    (tmp_path / "spec.yaml").write_text(SPEC)
    monkeypatch.chdir(tmp_path)
    assert cli.main_new(["made", "--spec", "spec.yaml", "--quiet"]) == DONE
    monkeypatch.chdir(tmp_path / "made")
    commit(PUBLIC)
    monkeypatch.chdir(tmp_path / "made" / "infra")
    return tmp_path / "made" / "infra"


def alone(*words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"}
    return subprocess.run(
        [sys.executable, "-c", ALONE, *words], env=environment, capture_output=True, text=True, check=False
    )


def test_a_generated_repository_prints_the_diff_without_cn_and_pulumi(infra: Path, capsys):
    done = alone("HEAD~1", "HEAD", "--format", "markdown")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == printed(capsys, "HEAD~1..HEAD", "--format", "markdown")
    Path("old.yaml").write_text(SPEC)
    done = alone("old.yaml", "../cn.yaml", "--env", "dev")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("shop: old.yaml → ../cn.yaml\n")
    for words, message in (
        (("nope", "HEAD"), "nope: no such revision\n"),
        (("none/old.yaml", "HEAD"), "none/old.yaml: no such file\n"),
        (("HEAD", "HEAD", "--env", "x"), "--env x: not in either cn.yaml (they have dev)\n"),
    ):
        done = alone(*words)
        assert (done.returncode, done.stdout, done.stderr) == (BAD_INPUT, "", message)


def test_the_module_runs_by_its_name(infra: Path):
    command = [sys.executable, "-m", "pulumi_stacks.diff", "HEAD~1", "HEAD", "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert json.loads(done.stdout)["changed"]


def test_it_asks_for_the_two_sides(capsys, repository, monkeypatch):
    monkeypatch.chdir(repository)
    assert diff.main(["HEAD~1", "cn.yaml"]) == 0
    assert "audit is public" in capsys.readouterr().out
