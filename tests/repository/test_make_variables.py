"""What a user has exported for other programs changes nothing that a generated Makefile does."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.repository.fresh import Fresh

# Names that other programs use, and those that the Makefile itself uses.
HOSTILE = {
    **dict.fromkeys(
        ("ARGS", "CLUSTER", "CLUSTERS", "ENGINES", "ENVIRONMENTS", "IMAGE", "JOBS", "LABELS"), "other"
    ),
    **dict.fromkeys(("MADE_BY", "NAME", "PASSPHRASE", "PULUMI", "SAME_CLUSTER", "SERVICES", "TAG"), "other"),
    **dict.fromkeys(("VENV", "VERSION", "all", "base", "limit", "name", "service", "status", "tag"), "other"),
    "BASH_ENV": "/nonexistent",
    "CDPATH": "{elsewhere}",
    "DATA": "delete",
    "GREP_OPTIONS": "--invert-match",
    "IFS": "/",
    "LC_ALL": "C.UTF-8",
    "POSIXLY_CORRECT": "1",
    "PYTHONHOME": "/nonexistent",
    "PYTHONPATH": "/nonexistent",
    "REFRESH": "yes",
    "SHELL": "/bin/false",
}
TARGETS = (
    ("help",),
    ("secrets",),
    ("test",),
    ("images",),
    ("lint",),
    ("up", "ENV=dev"),
    ("up", "ENV=prod"),
    ("preview", "ENV=dev"),
    ("push", "ENV=prod"),
    ("push-orders", "ENV=prod"),
    ("manifests", "ENV=prod"),
    ("unlock", "ENV=dev"),
    ("stack", "ENV=dev"),
    ("down", "ENV=dev"),
    ("down", "ENV=prod"),
    ("down", "ENV=dev", "DATA=delete"),
    ("down", "ENV=prod", "DATA=delete"),
)


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory, require: Callable[..., None]) -> Fresh:
    """A repository whose virtual environment and passphrase are there, so that only variables differ."""
    require("make")
    used = Fresh.create(tmp_path_factory.mktemp("used"))
    docker = used.tools / "docker"
    docker.write_text(docker.read_text().replace("esac", '  "volume ls") echo of-orders ;;\nesac'))
    used.make("stack", "ENV=dev")
    (used.folder.parent / "elsewhere/infra").mkdir(parents=True)
    return used


@pytest.mark.parametrize("words", TARGETS, ids=" ".join)
def test_every_target_does_the_same_with_every_variable_exported(used: Fresh, words: tuple[str, ...]) -> None:
    elsewhere = str(used.folder.parent / "elsewhere")
    hostile = {name: value.format(elsewhere=elsewhere) for name, value in HOSTILE.items()}
    hostile |= {"ENV": "production"} if "ENV=" not in "".join(words) else {"ENV": "prod"}
    plain = sorted(used.make(*words).splitlines())
    assert sorted(used.make(*words, variables=hostile).splitlines()) == plain
    assert (words == ("help",)) == (not plain) or words in {("secrets",), ("lint",)}


@pytest.mark.parametrize("target", ["up", "down", "preview", "push", "manifests", "unlock", "stack"])
@pytest.mark.parametrize("value", ["production", "prod"])
def test_an_environment_that_the_shell_names_is_never_taken_for_ours(
    used: Fresh, target: str, value: str
) -> None:
    said = used.refused(target, variables={"ENV": value})
    assert f"ENV={value}: comes from your shell" in said
    assert f"run `make {target} ENV=NAME` with one of dev prod" in said or (
        f"run `make {target} ENV=NAME` with one of prod dev" in said
    )


def test_the_default_is_taken_from_wherever_it_comes(used: Fresh) -> None:
    assert "up --stack dev" in used.make("up", variables={"ENV": "dev"})
    assert "up --stack dev" in used.make("up", variables={"ENV": ""})


def test_data_in_the_shell_deletes_nothing(used: Fresh) -> None:
    deletion = "pulumi_stacks.targets.docker delete-data"
    assert deletion not in used.make("down", variables={"DATA": "delete"})
    assert deletion in used.make("down", "DATA=delete")


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("ENV=", "ENV=: infra/Pulumi..yaml does not exist; choose from "),
        ("DATA=all", "DATA=all: choose keep or delete"),
        ("REFRESH=true", "REFRESH=true: choose no or yes"),
    ],
)
def test_a_wrong_word_behind_make_is_refused(used: Fresh, word: str, said: str) -> None:
    assert said in used.refused("down", word)


@pytest.mark.parametrize("value", ["3.12", "/", "/nonexistent/python3", "false"])
def test_an_invalid_python_is_named_with_where_it_comes_from(used: Fresh, value: str) -> None:
    said = f"PYTHON={value}: not Python 3.11 or newer"
    other = "choose one with `make up PYTHON=/path/to/python3`\n"
    assert f"{said} (it comes from your shell); {other}" in used.refused("up", variables={"PYTHON": value})
    assert f"{said}; {other}" in used.refused("up", f"PYTHON={value}")


def test_an_empty_python_is_the_usual_one(used: Fresh) -> None:
    used.make("up", variables={"PYTHON": ""})


def test_the_virtual_environment_is_recreated_for_another_python(
    tmp_path: Path, require: Callable[..., None]
) -> None:
    require("make")
    fresh = Fresh.create(tmp_path)
    python = fresh.folder / "infra/.venv/bin/python"
    (fresh.tools / "other python").write_text((fresh.tools / "python3").read_text())
    (fresh.tools / "other python").chmod(0o755)

    def made(*words: str) -> bool:
        return "-m pip install" in fresh.make("up", *words)

    assert made()
    assert not made(), "it is there"
    assert made("PYTHON=other python")
    assert not made("PYTHON=other python")
    assert not made(), "no other one is asked for"
    python.unlink()
    python.symlink_to("/nonexistent/python3")
    assert made(), "its Python is gone"
    python.write_text("#!/bin/sh\nexit 1\n")
    assert made(), "its Python has no packages"


def test_what_cannot_be_imported_is_not_ready(tmp_path: Path, require: Callable[..., None]) -> None:
    require("make")
    fresh = Fresh.create(tmp_path)
    python = fresh.tools / "python3"
    python.write_text(python.read_text().replace("esac", '  "-c import pulumi,"*) exit 1 ;;\nesac'))
    done = fresh.run("make", "up")
    assert done.returncode == 2
    assert "pulumi " not in fresh.calls()
    assert not (fresh.folder / "infra/.venv/.ready").exists()
