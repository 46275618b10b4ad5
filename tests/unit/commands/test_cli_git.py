"""cn-new and cn inside git repositories, and with settings of git in the user's configuration."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from generator import main as cli
from generator.result import BAD_INPUT, DONE
from tests.repository.hostile import settings

pytestmark = pytest.mark.usefixtures("elsewhere", "neutral")
ROOT = Path(__file__).parents[3]
SHOP = ROOT / "examples" / "02-shop" / "cn.yaml"
FORGE = {
    "README.md": "# Shop\n\nMade by the forge.\n",
    "LICENSE": "MIT\n",
    ".gitignore": "__pycache__/\n*.log\n",
}


@pytest.fixture
def neutral(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Take every setting of git away, but for a name."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    settings = tmp_path_factory.mktemp("git") / "config"
    settings.write_text(
        '[user]\n\tname = Ada\n\temail = ada@example.org\n[protocol "file"]\n\tallow = always\n'
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", "/dev/null")


def ask(where: Path, *words: str) -> str:
    done = subprocess.run(("git", *words), cwd=where, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.rstrip("\n")


def made(where: Path) -> set[str]:
    return {
        path.relative_to(where).as_posix()
        for path in where.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(where).parts
    }


@pytest.fixture
def forge(elsewhere: Path) -> Path:
    """A clone of a repository as a forge makes it."""
    ask(elsewhere, "init", "--quiet", "--bare", "--initial-branch=trunk", "remote.git")
    ask(elsewhere, "clone", "--quiet", "remote.git", "shop")
    shop = elsewhere / "shop"
    for path, text in FORGE.items():
        (shop / path).write_text(text)
    ask(shop, "add", "--all")
    ask(shop, "commit", "--quiet", "-m", "Initial commit")
    return shop


# A repository without commits


def test_the_clone_of_an_empty_remote_takes_a_project_and_stays_a_clone(elsewhere: Path) -> None:
    ask(elsewhere, "init", "--quiet", "--bare", "--initial-branch=trunk", "remote.git")
    ask(elsewhere, "clone", "--quiet", "remote.git", "shop")
    shop = elsewhere / "shop"
    ask(shop, "config", "user.name", "Grace")
    remotes = ask(shop, "remote", "--verbose")
    assert cli.main_new(["shop", "--spec", str(SHOP), "--quiet"]) == DONE
    assert ask(shop, "remote", "--verbose") == remotes
    assert ask(shop, "branch", "--show-current") == "trunk"
    assert ask(shop, "log", "--format=%an %s") == "Grace Start shop with cn-new"
    assert ask(shop, "status", "--porcelain") == ""
    ask(shop, "push", "--quiet", "origin", "HEAD")
    assert ask(shop, "rev-parse", "HEAD") == ask(elsewhere / "remote.git", "rev-parse", "trunk")


def test_the_current_folder_may_be_such_a_clone(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(elsewhere, "init", "--quiet", "here")
    monkeypatch.chdir("here")
    assert cli.main_new(["--spec", str(SHOP), "--into", ".", "--quiet"]) == DONE
    assert ask(elsewhere / "here", "status", "--porcelain") == ""


@pytest.mark.parametrize("prepare", ["file", "staged", "commit", "broken"])
def test_a_repository_that_has_something_is_not_empty(
    prepare: str, elsewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ask(elsewhere, "init", "--quiet", "shop")
    shop = elsewhere / "shop"
    if prepare == "broken":
        (shop / ".git/HEAD").unlink()
    else:
        (shop / "mine").write_text("mine")
    if prepare in ("staged", "commit"):
        ask(shop, "add", "mine")
    if prepare == "commit":
        ask(shop, "commit", "--quiet", "-m", "mine")
    if prepare not in {"file", "broken"}:
        (shop / "mine").unlink()
    assert cli.main_new(["shop", "--spec", str(SHOP)]) == BAD_INPUT
    assert capsys.readouterr().err == (
        "cn-new: shop: not empty; choose a new or empty folder, or use --merge to keep its files\n"
    )


# A repository as a forge makes it


def test_a_plan_of_a_merge_shows_what_stays_and_writes_nothing(
    forge: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main_new(["shop", "--spec", str(SHOP), "--merge", "--plan", "--json"]) == DONE
    plan = json.loads(capsys.readouterr().out)
    kinds = {change["path"]: change["kind"] for change in plan["changes"]}
    assert (kinds.pop("README.md"), kinds.pop(".gitignore")) == ("conflict", "update")
    assert set(kinds.values()) == {"create"}
    assert any("README.md" in note for note in plan["notes"])
    assert any(".gitignore" in note for note in plan["notes"])
    assert ask(forge, "status", "--porcelain") == ""


def test_a_merge_keeps_what_is_there_and_the_next_plan_has_nothing_to_do(
    forge: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cli.main_new(["shop", "--spec", str(SHOP), "--merge"]) == DONE
    message = capsys.readouterr().out
    assert (
        "Note: existing files kept; the generated versions are only in .cn-new/baseline.tar.xz: README.md\n"
        in message
    )
    assert "Note: .gitignore: lines appended that keep secrets out of commits\n" in message
    assert "the files are staged; commit them with git commit -m 'Start shop with cn-new'\n" in message
    assert {path: (forge / path).read_text() for path in ("README.md", "LICENSE")} == {
        path: FORGE[path] for path in ("README.md", "LICENSE")
    }
    assert (forge / ".gitignore").read_text().startswith(FORGE[".gitignore"])
    states = {line[3:]: line[:2] for line in ask(forge, "status", "--porcelain").splitlines()}
    assert states.pop(".gitignore") == "M "
    assert set(states.values()) == {"A "}
    assert len(ask(forge, "log", "--format=%h").splitlines()) == 1
    assert f"Created shop: {len(states)} files" in message
    ask(forge, "commit", "--quiet", "-m", "Start")
    (forge / ".env").write_text("PASSWORD=1\n")
    (forge / "infra/.passphrase").write_text("1\n")
    assert ask(forge, "status", "--porcelain") == ""
    monkeypatch.chdir(forge)
    assert cli.main_cn(["plan"]) == DONE
    assert "No changes. shop matches cn.yaml" in capsys.readouterr().out
    tar = subprocess.run(
        ("tar", "-xOf", ".cn-new/baseline.tar.xz", "README.md"), capture_output=True, check=True
    )
    assert tar.stdout.startswith(b"# shop")


def test_a_merge_into_a_folder_without_a_repository_commits_what_is_ours(elsewhere: Path) -> None:
    (elsewhere / "shop").mkdir()
    (elsewhere / "shop/notes.txt").write_text("mine")
    assert cli.main_new(["shop", "--spec", str(SHOP), "--merge", "--quiet"]) == DONE
    assert ask(elsewhere / "shop", "status", "--porcelain") == "?? notes.txt"


def test_a_merge_into_nothing_is_as_without(elsewhere: Path) -> None:
    assert cli.main_new(["one", "--spec", str(SHOP), "--merge", "--quiet"]) == DONE
    assert cli.main_new(["two", "--spec", str(SHOP), "--quiet"]) == DONE
    assert made(elsewhere / "one") == made(elsewhere / "two")
    assert ask(elsewhere / "one", "rev-parse", "HEAD^{tree}") == ask(
        elsewhere / "two", "rev-parse", "HEAD^{tree}"
    )


def test_a_spec_that_is_there_may_be_the_one_to_start_from(
    forge: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (forge / "cn.yaml").write_bytes(SHOP.read_bytes())
    assert cli.main_new(["shop", "--defaults", "--merge"]) == BAD_INPUT
    assert capsys.readouterr().err == (
        "cn-new: shop/cn.yaml: different cn.yaml exists; use it with --spec shop/cn.yaml, or move it\n"
    )
    assert cli.main_new(["shop", "--spec", "shop/cn.yaml", "--merge", "--quiet"]) == DONE
    assert (forge / "cn.yaml").read_bytes() == SHOP.read_bytes()


# A folder of a larger repository


@pytest.mark.parametrize(
    "words", [["--into", "mono/systems/shop"], ["--into", "mono/systems/shop", "--no-git"]]
)
def test_a_folder_of_a_repository_gets_notes_on_what_works_only_at_the_top(
    words: list[str], elsewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ask(elsewhere, "init", "--quiet", "mono")
    (elsewhere / "mono/.gitignore").write_text("package-lock.json\n")
    assert cli.main_new(["--spec", str(SHOP), *words, "--plan", "--json"]) == DONE
    planned = json.loads(capsys.readouterr().out)["notes"]
    assert cli.main_new(["--spec", str(SHOP), *words]) == DONE
    notes = [
        line.removeprefix("Note: ") for line in capsys.readouterr().out.splitlines() if line[:5] == "Note:"
    ]
    assert planned == notes
    assert notes[0].startswith("systems/shop is inside the git repository ")
    assert [note.partition(":")[0] for note in notes[1:-1]] == [
        ".github/workflows/ci.yml",
        "CODEOWNERS",
        "renovate.json",
        ".devcontainer/devcontainer.json",
        "SECURITY.md",
    ]
    assert "ignored in that repository: services/catalog/package-lock.json; add these files" in notes[-1]
    assert ask(elsewhere / "mono", "diff", "--cached", "--name-only") == ""


def test_only_files_that_were_made_are_named(elsewhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ask(elsewhere, "init", "--quiet", ".")
    assert cli.main_new(["shop", "--defaults"]) == DONE
    message = capsys.readouterr().out
    assert "CODEOWNERS" not in message
    assert ".github" not in message


# Settings of git


def test_no_setting_of_git_changes_a_project_or_its_plan(
    elsewhere: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    room = tmp_path_factory.mktemp("hostile")
    assert cli.main_new(["plain", "--spec", str(SHOP), "--quiet"]) == DONE
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings(room)))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", str(room / "fails"))
    assert cli.main_new(["shop", "--spec", str(SHOP)]) == DONE
    assert "Note: git" not in capsys.readouterr().out
    monkeypatch.chdir("shop")
    assert cli.main_cn(["plan"]) == DONE
    assert "No changes." in capsys.readouterr().out
    text = Path("cn.yaml").read_text()
    Path("cn.yaml").write_text(text.replace("/catalog", "/goods"))
    assert cli.main_cn(["diff", "HEAD"]) == DONE
    assert "/goods" in capsys.readouterr().out
    Path("cn.yaml").write_text(text)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.delenv("GIT_EXTERNAL_DIFF")
    trees = [ask(elsewhere / name, "rev-parse", "HEAD^{tree}") for name in ("plain", "shop")]
    assert trees[0] == trees[1]
    assert set(ask(Path(), "ls-files").splitlines()) == made(Path())


def test_a_plan_counts_as_the_users_own_what_git_does_not_ignore(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert cli.main_new(["shop", "--spec", str(SHOP), "--quiet"]) == DONE
    monkeypatch.chdir("shop")
    room = tmp_path / "xdg"
    (room / "git").mkdir(parents=True)
    (room / "git/ignore").write_text(".DS_Store\n.idea/\n")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(room))
    (Path(".git/info")).mkdir(exist_ok=True)
    Path(".git/info/exclude").write_text("*.swp\n")
    Path("services/orders/.gitignore").write_text("*.tmp\n")
    Path(".idea").mkdir()
    for path in (
        ".DS_Store",
        ".idea/x",
        "a.swp",
        "services/orders/a.tmp",
        ".env",
        "services/orders/mine.txt",
    ):
        Path(path).write_text("")
    assert cli.main_cn(["plan", "--json"]) == DONE
    assert json.loads(capsys.readouterr().out)["counts"]["added"] == 2, "mine.txt and the new .gitignore"
