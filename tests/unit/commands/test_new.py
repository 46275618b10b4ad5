"""`cn-new` from flags and from a spec: results, summary and errors."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from generator import main as cli
from generator.result import BAD_INPUT, DONE

pytestmark = pytest.mark.usefixtures("elsewhere")
ROOT = Path(__file__).parents[3]
SHOP = ROOT / "examples" / "02-shop" / "cn.yaml"


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".git" not in path.parts
    }


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Run cn-new, which must refuse and write nothing; return what it says."""
    before = sorted(Path().rglob("*"))
    code: object
    try:
        code = cli.main_new(words)
    except SystemExit as left:
        code = left.code
    assert code == BAD_INPUT
    assert sorted(Path().rglob("*")) == before
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Traceback" not in captured.err
    return captured.err


@pytest.mark.parametrize(
    ("cluster", "address"),
    [
        (",state=local", '"$(pulumi --cwd infra stack output url)"'),
        (
            ",state=s3://a?region=b&c=d",
            "\"$(PULUMI_BACKEND_URL='s3://a?region=b&c=d' pulumi --cwd infra stack output url)\"",
        ),
        (",domain=shop.example.com,state=local", "http://shop.example.com"),
        (",gateway=ingress,domain=shop.example.com,state=local", "https://shop.example.com"),
    ],
)
def test_on_a_cluster_images_are_pushed_before_the_first_up(cluster, address, capsys):
    flags = ["--env", f"prod=kubernetes{cluster}", "--registry", "ghcr.io/acme", "--no-git"]
    assert cli.main_new(["shop", "--defaults", *flags]) == DONE
    lines = capsys.readouterr().out.partition("Next:\n")[2].splitlines()
    assert lines[:4] == [
        "  cd shop",
        "  make push ENV=prod",
        "  make up ENV=prod",
        f"  curl {address}/api/items",
    ]


def test_where_the_state_of_a_cluster_goes_is_the_first_thing_to_write(capsys):
    flags = ["--env", "prod=kubernetes", "--registry", "ghcr.io/acme", "--no-git"]
    assert cli.main_new(["shop", "--defaults", *flags]) == DONE
    lines = capsys.readouterr().out.partition("Next:\n")[2].splitlines()
    first = "  # first set environments.prod.state in cn.yaml: s3://... for a team, or local for one person"
    assert lines[:3] == ["  cd shop", first, "  make push ENV=prod"]


def test_a_cluster_without_a_registry_is_an_error(capsys):
    message = refused(capsys, "shop", "--defaults", "--env", "prod=kubernetes")
    assert message == (
        "command line: environments.prod.target: a cluster pulls images from a registry, and no registry is "
        "set (such as registry: ghcr.io/acme)\n"
    )


def test_a_spec_becomes_a_folder_with_a_first_commit_and_the_next_commands(elsewhere, capsys):
    assert cli.main_new(["shop", "--spec", str(SHOP)]) == DONE
    shop = elsewhere / "shop"
    assert (shop / "cn.yaml").read_bytes() == SHOP.read_bytes(), "the user's bytes"
    assert (shop / ".cn-new" / "lock.json").is_file()
    status = subprocess.run(
        ["git", "status", "--porcelain"], cwd=shop, capture_output=True, text=True, check=True
    )
    assert status.stdout == ""
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Created shop: ")
    assert lines[-5:-2] == ["  cd shop", "  make up ENV=dev", "  curl http://127.0.0.1:8080/orders/items"]
    assert lines[-1] == "Without Pulumi: see README.md for Docker Compose."


def test_the_same_spec_makes_the_same_files_from_a_file_and_from_standard_input(elsewhere, monkeypatch):
    assert cli.main_new(["one", "--spec", str(SHOP), "--quiet", "--no-git"]) == DONE
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(SHOP.read_bytes())))
    assert cli.main_new(["two", "--spec", "-", "--quiet"]) == DONE
    assert tree(elsewhere / "one") == tree(elsewhere / "two")
    assert not (elsewhere / "one" / ".git").exists()


def test_flags_give_the_same_as_a_file(elsewhere):
    settings = [
        "--owner",
        "@acme/shop",
        "--registry",
        "ghcr.io/acme",
        "--ci",
        "github",
        "--env",
        "dev=docker",
    ]
    orders = ["--service", "orders:python,database=postgres,route=/orders,calls=billing"]
    assert cli.main_new(["shop", *settings, *orders, "--service", "billing:python"]) == DONE
    assert yaml.safe_load((elsewhere / "shop" / "cn.yaml").read_text()) == {
        "spec": 1,
        "name": "shop",
        "owner": "@acme/shop",
        "registry": "ghcr.io/acme",
        "ci": "github",
        "environments": {"dev": {"target": "docker"}},
        "services": {
            "orders": {"runtime": "python", "database": "postgres", "route": "/orders", "calls": ["billing"]},
            "billing": {"runtime": "python"},
        },
    }


def test_fields_without_an_effect_yet_have_a_note(capsys):
    assert cli.main_new(["shop", "--service", "lonely:python", "--ci", "gitlab", "--no-git"]) == DONE
    message = capsys.readouterr().out
    assert "ci: gitlab is saved in cn.yaml; a later version of cn-new generates its pipeline" in message
    assert "services.lonely has no route and no callers" in message


def test_defaults_make_a_system_that_answers(elsewhere, capsys):
    assert cli.main_new(["hello", "--defaults"]) == DONE
    assert "curl http://127.0.0.1:8080/api/items" in capsys.readouterr().out
    assert (elsewhere / "hello" / "services" / "api" / "Dockerfile").is_file()


def test_quiet_prints_nothing(capsys):
    assert cli.main_new(["hello", "--defaults", "--quiet"]) == DONE
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "")


def test_a_plan_lists_every_file_and_writes_nothing(elsewhere, capsys):
    assert cli.main_new(["shop", "--spec", str(SHOP), "--plan"]) == DONE
    assert list(elsewhere.iterdir()) == []
    lines = capsys.readouterr().out.splitlines()
    folder, planned = "", set()
    for line in lines:
        word, _, name = line.strip().partition("  ")
        if word == "create":
            planned.add(folder + name.strip())
        elif line.endswith(" (new)") or line == "system":
            folder = line.removesuffix(" (new)") + "/" if line != "system" else ""
    assert cli.main_new(["shop", "--spec", str(SHOP), "--no-git"]) == DONE
    assert planned == tree(elsewhere / "shop").keys()


def test_into_names_the_folder_itself(elsewhere, capsys):
    assert cli.main_new(["--spec", str(SHOP), "--into", "deep/er/place"]) == DONE
    assert (elsewhere / "deep" / "er" / "place" / "cn.yaml").is_file()
    assert "  cd deep/er/place" in capsys.readouterr().out


def test_without_a_name_the_folder_bears_the_name_of_the_spec(elsewhere):
    assert cli.main_new(["--spec", str(SHOP), "--quiet"]) == DONE
    assert (elsewhere / "shop" / "cn.yaml").is_file()


def test_without_a_terminal_example_commands_are_printed(elsewhere, capsys):
    message = refused(capsys, "shop")
    commands = [line.split() for line in message.splitlines() if line.startswith("  cn-new ")]
    assert len(commands) == 3
    for number, command in enumerate(commands[:2]):
        assert cli.main_new([*command[1:], "--into", f"try{number}", "--quiet"]) == DONE


def test_flags_for_fields_cannot_be_used_with_a_spec(capsys):
    flags = ["--service", "a:python", "--env", "x=docker", "--owner", "@a", "--registry", "r", "--ci", "none"]
    message = refused(capsys, "shop", "--spec", str(SHOP), *flags)
    assert [line.split()[1] for line in message.splitlines()] == [
        "--service",
        "--env",
        "--owner",
        "--registry",
        "--ci",
    ]


@pytest.mark.parametrize("name", ["../escaped", "/abs", "a/b", "..", ".", ".git", "", "a\nb", "C:x"])
def test_a_name_is_one_folder_here(capsys, name):
    assert "invalid folder name" in refused(capsys, name, "--spec", str(SHOP))


def test_a_way_up_out_of_a_folder_that_is_not_there_leads_to_one_place(elsewhere):
    assert cli.main_new(["--spec", str(SHOP), "--into", "a/b/../c", "--quiet"]) == DONE
    assert sorted(path.name for path in (elsewhere / "a").iterdir()) == ["c"]
    assert (elsewhere / "a/c/.git").is_dir()


def test_a_deleted_current_folder_is_an_error(elsewhere, capsys):
    (elsewhere / "gone").mkdir()
    os.chdir(elsewhere / "gone")
    (elsewhere / "gone").rmdir()
    assert "the current folder was deleted" in refused(capsys, "x", "--defaults")
    os.chdir(elsewhere)


def test_a_folder_that_is_not_empty_is_left_alone(elsewhere, capsys):
    (elsewhere / "shop").mkdir()
    (elsewhere / "shop" / "mine").write_text("mine")
    for more in ([], ["--plan"]):
        assert "shop: not empty" in refused(capsys, "shop", "--spec", str(SHOP), *more)
    assert (elsewhere / "shop" / "mine").read_text() == "mine"


def test_a_file_or_a_link_in_the_way_is_left_alone(elsewhere, capsys):
    (elsewhere / "file").write_text("mine")
    (elsewhere / "link").symlink_to(elsewhere)
    assert "file: not a directory" in refused(capsys, "file", "--defaults")
    assert "link: symbolic link" in refused(capsys, "link", "--defaults")


def test_faults_of_a_file_are_all_listed_with_their_place(elsewhere, capsys):
    (elsewhere / "cn.yaml").write_text("name: a--b\nservices:\n  api: {runtime: cobol, scale: {min: 0}}\n")
    lines = refused(capsys, "shop", "--spec", "cn.yaml").splitlines()
    assert [line.split(" ")[0] for line in lines] == ["cn.yaml:1:7:", "cn.yaml:3:18:", "cn.yaml:3:38:"]


def test_faults_of_flags_have_a_field_and_no_line(capsys):
    message = refused(capsys, "shop", "--service", "a:pyton", "--owner", "me")
    assert message.splitlines()[0].startswith("command line: owner: ")
    assert message.splitlines()[1].startswith("command line: services.a.runtime: no runtime named")


def test_a_missing_spec_is_an_error(capsys):
    assert "none.yaml: no such file or directory" in refused(capsys, "shop", "--spec", "none.yaml")


def test_an_unknown_flag_is_an_error(capsys):
    assert "unrecognized arguments: --bogus" in refused(capsys, "shop", "--bogus")


@pytest.mark.parametrize(
    ("words", "title"), [([], "cn.yaml"), (["spec"], "cn.yaml"), (["context"], "Context")]
)
def test_the_schemas_are_json(capsys, words, title):
    assert cli.main_cn(["schema", *words]) == DONE
    assert json.loads(capsys.readouterr().out)["title"] == title


def test_the_context_reads_alike_in_every_version_of_yaml(elsewhere, capsys):
    (elsewhere / "cn.yaml").write_text(
        "name: shop\ndescription: 'no'\nservices:\n  a:\n    runtime: python\n"
        "    config: {A: '1.10', B: '22:22', C: '010', D: '1e3', E: 'yes', F: \"caf\u00e9 \U0001f6d2\"}\n"
    )
    assert cli.main_cn(["context"]) == DONE
    answers = yaml.safe_load(capsys.readouterr().out)
    assert answers["description"] == "no"
    assert list(answers["services"][0]["config"].values()) == [
        "1.10",
        "22:22",
        "010",
        "1e3",
        "yes",
        "caf\u00e9 \U0001f6d2",
    ]


def test_help_and_version_load_no_library():
    code = (
        "import sys; from generator.main import main_new\n"
        "try: main_new(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "libraries = {'copier', 'jinja2', 'pathspec', 'pulumi', 'pydantic', 'prompt_toolkit', 'yaml'}\n"
        "print(sorted(libraries & set(sys.modules)))"
    )
    for flag in ("--help", "--version"):
        done = subprocess.run(
            [sys.executable, "-c", code, flag], cwd=ROOT, capture_output=True, text=True, check=True
        )
        assert done.stdout.splitlines()[-1] == "[]"
