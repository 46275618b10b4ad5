"""The scripts where people have set up git and their shell in other ways: they find the same."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.repository.ci_repository import ALL, Repository, make
from tests.repository.hostile import settings

TEXT = "FROM scratch\nARG VERSION=dev\n"
DATE = "1700000000"
ENGINE = """#!/bin/sh
printf '%s\\n' "SOURCE_DATE_EPOCH=$SOURCE_DATE_EPOCH" "$@"
"""
SIGNATURE = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n signature\n -----END PGP SIGNATURE-----\n"


@pytest.fixture
def shop(tmp_path: Path) -> Repository:
    """Three services, in a commit that is signed."""
    found = make(tmp_path / "shop", *ALL, dockerfile=TEXT)
    head, _, message = found.git("cat-file", "commit", "HEAD").partition("\n\n")
    lines = [
        " ".join([*line.split(" ")[:-2], DATE, "+0530"]) if line.startswith(("author", "committer")) else line
        for line in head.splitlines()
    ]
    commit = "\n".join([*lines, f"{SIGNATURE}\n{message}\n"])
    made = subprocess.run(
        ("git", "hash-object", "-t", "commit", "-w", "--stdin"),
        input=commit,
        cwd=found.folder,
        capture_output=True,
        text=True,
        check=True,
    )
    found.git("reset", "--quiet", "--hard", made.stdout.strip())
    return found


@pytest.fixture
def hostile(tmp_path: Path) -> dict[str, str]:
    """The variables of a user with all these settings, on whose path `docker` prints what it is given."""
    room = tmp_path / "room"
    room.mkdir()
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "docker").write_text(ENGINE)
    (tools / "docker").chmod(0o755)
    return {
        "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
        "GIT_CONFIG_GLOBAL": str(settings(room)),
        "GIT_PAGER": str(room / "fails"),
        "GIT_EXTERNAL_DIFF": str(room / "fails"),
        "LC_ALL": "C",
        "LANGUAGE": "de",
        "CLICOLOR_FORCE": "1",
        "CDPATH": "/",
    }


def test_the_settings_do_change_what_people_see(shop: Repository, hostile: dict[str, str]) -> None:
    shown = subprocess.run(
        ("git", "log", "-1", "--format=%ct"),
        cwd=shop.folder,
        env={**os.environ, **hostile},
        capture_output=True,
        text=True,
        check=False,
    )
    assert 'Good "git" signature' in shown.stdout + shown.stderr


def test_an_image_has_its_commit_and_its_date(shop: Repository, hostile: dict[str, str]) -> None:
    done = shop.run("ci/image.sh", "orders", variables=hostile)
    commit = shop.git("rev-parse", "HEAD")
    assert (done.returncode, done.stderr) == (0, "")
    words = done.stdout.splitlines()
    assert words[0] == f"SOURCE_DATE_EPOCH={DATE}"
    assert f"registry.example.com/team/pair-orders:{commit[:12]}" in words
    assert f"org.opencontainers.image.revision={commit}" in words
    assert "org.opencontainers.image.created=2023-11-14T22:13:20Z" in words
    assert f"VERSION={commit[:12]}" in words


@pytest.mark.parametrize("path", ["Dockerfile", "new", "ä b"])
def test_a_folder_that_differs_from_its_commit_is_dirty(
    shop: Repository, hostile: dict[str, str], path: str
) -> None:
    # What a user's own settings ignore is not a change either.
    variables = {**hostile, "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "core.excludesFile"}
    variables["GIT_CONFIG_VALUE_0"] = "/dev/null"
    shop.write({f"services/orders/{path}": f"{TEXT}ARG MORE\n"})
    done = shop.run("ci/image.sh", "orders", variables=variables)
    assert f"VERSION={shop.git('rev-parse', 'HEAD')[:12]}-dirty" in done.stdout.splitlines(), done.stderr


def test_the_services_that_changed_are_found(shop: Repository, hostile: dict[str, str]) -> None:
    base = shop.git("rev-parse", "HEAD")
    shop.commit({"services/orders/ä": "1", "services/billing/main": "1"})
    done = shop.run("ci/changed-services.sh", base, variables=hostile)
    assert done.stdout == '["billing","orders"]\n', done.stderr


def test_a_hook_of_another_repository_changes_nothing(
    shop: Repository, hostile: dict[str, str], tmp_path: Path
) -> None:
    other = make(tmp_path / "other")
    base = shop.git("rev-parse", "HEAD")
    commit = shop.commit({"services/orders/main": "1"})
    variables = {
        **hostile,
        "GIT_DIR": str(other.folder / ".git"),
        "GIT_WORK_TREE": str(other.folder),
        "GIT_INDEX_FILE": str(other.folder / ".git/index"),
    }
    assert shop.run("ci/changed-services.sh", base, variables=variables).stdout == '["orders"]\n'
    done = shop.run("ci/image.sh", "orders", variables=variables)
    assert f"VERSION={commit[:12]}" in done.stdout.splitlines(), done.stderr


def test_a_repository_that_git_refuses_to_read_does_not_get_the_version_dev(
    shop: Repository, hostile: dict[str, str]
) -> None:
    variables = {**hostile, "GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"}
    done = shop.run("ci/image.sh", "orders", variables=variables)
    assert (done.returncode, done.stdout) == (2, "")
    assert "dubious ownership" in done.stderr
    assert "safe.directory" in done.stderr
    done = shop.run("ci/changed-services.sh", "HEAD", variables=variables)
    assert "all services: fatal: detected dubious ownership" in done.stderr
    assert done.stdout == '["billing","orders-old","orders"]\n'


@pytest.mark.parametrize("shell", ["dash", "bash"])
def test_without_a_repository_or_git_the_version_is_dev(
    shop: Repository, hostile: dict[str, str], tmp_path: Path, shell: str
) -> None:
    tools = tmp_path / "few"
    tools.mkdir()
    for tool in ("sh", "dash", "bash", "awk", "sed", "grep", "dirname", "paste", "printenv", "cut", "tail"):
        found = next(
            (Path(folder, tool) for folder in os.environ["PATH"].split(":") if Path(folder, tool).exists()),
            None,
        )
        if found:
            (tools / tool).symlink_to(found)
    (tools / "docker").symlink_to(tmp_path / "tools/docker")
    (shop.folder / ".git").rename(tmp_path / "gone")
    for path in (hostile["PATH"], str(tools)):
        done = Repository(shop.folder, shell).run(
            "ci/image.sh", "orders", variables={**hostile, "PATH": path}
        )
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        assert "VERSION=dev" in done.stdout.splitlines()
