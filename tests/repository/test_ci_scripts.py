"""The scripts that CI, make and people share."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.repository.ci_repository import ALL, Repository, make, rendered

SCRIPTS = sorted(path for path in rendered() if path.startswith("ci/"))
SHELLS = ["dash", "bash"]


@pytest.fixture
def shop(tmp_path: Path) -> Repository:
    """Three services."""
    return make(tmp_path / "shop", *ALL)


@pytest.fixture(params=SHELLS)
def any_shop(request: pytest.FixtureRequest, shop: Repository, require: Callable[..., None]) -> Repository:
    """The same, its scripts run by each shell."""
    require(request.param)
    return Repository(shop.folder, request.param)


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_parses(script: str, shell: str, require: Callable[..., None]) -> None:
    require(shell)
    done = subprocess.run((shell, "-n"), input=rendered()[script].data, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_what_has_an_interpreter_is_executable_and_the_rest_is_read() -> None:
    for script in SCRIPTS:
        file = rendered()[script]
        assert (file.mode == 0o755) == file.data.startswith(b"#!/bin/sh\n"), script
        assert file.data.startswith(b"#!/bin/sh\n") or script == "ci/services.sh"


def test_shellcheck_finds_nothing(tmp_path: Path, require: Callable[..., None]) -> None:
    require("shellcheck")
    folder = make(tmp_path / "shop").folder
    done = subprocess.run(("shellcheck", *SCRIPTS), cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


# Which services changed


@pytest.mark.parametrize("base", [[], [""], ["0" * 40], ["f" * 40], ["no-such-branch"], ["--help"], ["a b"]])
def test_an_unknown_base_means_all(shop: Repository, base: list[str]) -> None:
    assert shop.changed(*base) == ALL


def test_a_base_that_a_shallow_clone_lacks_means_all(shop: Repository, tmp_path: Path) -> None:
    base = shop.git("rev-parse", "HEAD")
    shop.commit({"services/orders/main": "1"})
    shop.git("clone", "--quiet", "--depth=1", shop.folder.as_uri(), str(tmp_path / "shallow"))
    assert Repository(tmp_path / "shallow", shop.shell).changed(base) == ALL


def test_a_base_that_was_pushed_away_means_all(shop: Repository) -> None:
    base = shop.commit({"services/billing/main": "1"})
    shop.git("reset", "--quiet", "--hard", "HEAD~1")
    shop.commit({"services/orders/main": "1"})
    assert shop.changed(base) == ALL


def test_nothing_changed_means_none(any_shop: Repository) -> None:
    assert any_shop.changed("HEAD") == []


@pytest.mark.parametrize(
    "path",
    [
        "README.md",
        "docs/orders.md",
        "cn.yaml",
        "infra/__main__.py",
        "Makefile",
        "services/README.md",
        "orders",
    ],
)
def test_what_no_image_is_made_of_means_none(shop: Repository, path: str) -> None:
    base = shop.git("rev-parse", "HEAD")
    shop.commit({path: "changed"})
    assert shop.changed(base) == []


@pytest.mark.parametrize(
    "path",
    ["main", "a b", 'quo"te', "back\\slash", "new\nline", "tests/ä/x", "README.md", "services/billing/x"],
)
def test_a_file_of_one_service_means_that_one(shop: Repository, path: str) -> None:
    base = shop.git("rev-parse", "HEAD")
    shop.commit({f"services/orders/{path}": "1"})
    assert shop.changed(base) == ["orders"]


def test_a_service_whose_name_begins_another_one_is_not_that_one(shop: Repository) -> None:
    base = shop.git("rev-parse", "HEAD")
    shop.commit({"services/orders-old/main": "1"})
    assert shop.changed(base) == ["orders-old"]


def test_a_mode_is_a_change(shop: Repository) -> None:
    base = shop.commit({"services/orders/run": "1"})
    (shop.folder / "services/orders/run").chmod(0o755)
    shop.commit()
    assert shop.changed(base) == ["orders"]


def test_several_commits_count_together(any_shop: Repository) -> None:
    base = any_shop.git("rev-parse", "HEAD")
    any_shop.commit({"services/orders/main": "1"})
    any_shop.commit({"services/billing/main": "1"})
    assert any_shop.changed(base) == ["billing", "orders"]


def test_only_the_commits_of_a_branch_count_after_main_went_on(shop: Repository) -> None:
    shop.git("checkout", "--quiet", "-b", "topic")
    shop.commit({"services/orders/main": "1"})
    shop.git("checkout", "--quiet", "main")
    shop.commit({"services/billing/main": "1"})
    shop.git("checkout", "--quiet", "topic")
    assert shop.changed(shop.git("merge-base", "main", "HEAD")) == ["orders"]


def test_a_file_that_moved_changes_both_ends(any_shop: Repository) -> None:
    base = any_shop.commit({"services/orders/main": "the same text\n" * 20})
    any_shop.commit({"services/orders/main": None, "services/billing/main": "the same text\n" * 20})
    assert any_shop.changed(base) == ["billing", "orders"]


@pytest.mark.parametrize(
    "path",
    ["ci/test.sh", "ci/more/x", ".github/workflows/ci.yml", ".gitlab-ci.yml", ".gitlab/x", ".gitattributes"],
)
def test_what_says_how_services_are_built_means_all(shop: Repository, path: str) -> None:
    base = shop.git("rev-parse", "HEAD")
    kept = shop.folder / path
    shop.commit({path: (kept.read_text() if kept.exists() else "") + "\n"})
    assert shop.changed(base) == ALL


def test_a_service_that_is_gone_is_not_tested(any_shop: Repository) -> None:
    base = any_shop.git("rev-parse", "HEAD")
    any_shop.commit({"services/billing/Dockerfile": None})
    assert any_shop.changed(base) == []
    assert any_shop.changed() == ["orders-old", "orders"]


def test_a_new_service_is_tested_and_a_folder_without_dockerfile_is_invalid(shop: Repository) -> None:
    base = shop.git("rev-parse", "HEAD")
    shop.commit({"services/new/Dockerfile": "FROM scratch\n", "services/notes/plan": "1"})
    assert shop.changed(base) == ["new"]


def test_the_folder_may_lie_deeper_in_a_repository(tmp_path: Path) -> None:
    outer = Repository(tmp_path)
    outer.git("init", "--quiet", "--initial-branch=main")
    inner = make(tmp_path / "systems/shop", *ALL)
    shutil.rmtree(inner.folder / ".git")
    base = outer.commit({"services/orders/Dockerfile": "of another system"})
    outer.commit({"systems/shop/services/billing/main": "1", "ci/x": "1", "services/orders/main": "1"})
    script = str(inner.folder / "ci/changed-services.sh")
    assert outer.run(script, base).stdout == '["billing"]\n'


def test_a_name_that_no_service_can_have_stops_instead_of_being_printed(any_shop: Repository) -> None:
    for name in ("a b", 'a"b', "a\nb", "-a", "Ä", "A", "$(id)", "a,b"):
        folder = any_shop.folder / "services" / name
        any_shop.commit({f"services/{name}/Dockerfile": "FROM scratch\n"})
        for base in ([], ["HEAD~1"]):
            done = any_shop.run("ci/changed-services.sh", *base)
            assert (done.returncode, done.stdout) == (2, ""), name
            assert "choose a name of a-z, 0-9 and -" in done.stderr
        shutil.rmtree(folder)


def test_without_any_service_the_list_is_empty(tmp_path: Path) -> None:
    assert make(tmp_path / "empty").changed() == []


@pytest.mark.parametrize(("count", "entries"), [(200, 200), (201, 101), (450, 150)])
def test_the_list_fits_a_matrix_however_many_services_there_are(
    tmp_path: Path, count: int, entries: int
) -> None:
    names = [f"s{number:04}" for number in range(count)]
    found = make(tmp_path / "many", *names).changed()
    assert len(found) == entries
    assert " ".join(found).split() == names


def test_why_is_said_beside_the_list(any_shop: Repository) -> None:
    assert "all services: no base was given" in any_shop.run("ci/changed-services.sh").stderr
    base = any_shop.git("rev-parse", "HEAD")
    any_shop.commit({"services/orders/main": "1"})
    assert f"since {base}: orders\n" in any_shop.run("ci/changed-services.sh", base).stderr


# Tests and images


@pytest.mark.parametrize("script", ["ci/test.sh", "ci/image.sh"])
def test_wrong_use_names_the_services_that_there_are(any_shop: Repository, script: str) -> None:
    for words in (
        *([], [""], ["nosuch"], ["ord"], ["orders", "1", "2"]),
        *(["--help"], ["../infra"], ["orders\nbilling"], ["billing\norders-old"]),
    ):
        done = any_shop.run(script, *words)
        assert (done.returncode, done.stdout) == (2, ""), words
        assert done.stderr.endswith(f": {' '.join(ALL)}\n")


@pytest.mark.parametrize("script", ["ci/test.sh", "ci/image.sh"])
def test_where_nothing_is_built_wrong_use_says_so(tmp_path: Path, script: str) -> None:
    empty = make(tmp_path / "empty")
    for words in ([], ["x"]):
        done = empty.run(script, *words)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == f"{script}: no service has a Dockerfile, so there is nothing to build\n"


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("FROM scratch AS test", True),
        ("from --platform=$BUILDPLATFORM base as Test", True),
        ("  FROM base  AS  test \r", True),
        ("FROM test", False),
        ("FROM scratch AS tests", False),
        ("FROM test AS final", False),
        ("# FROM scratch AS test", False),
        ("RUN echo FROM scratch AS test", False),
    ],
)
def test_a_stage_is_found_as_docker_finds_it(tmp_path: Path, line: str, found: bool) -> None:
    shop = make(tmp_path / "shop", "orders", dockerfile=f"FROM scratch AS base\n{line}\nFROM base\n")
    assert (shop.call("has_stage orders test").returncode == 0) == found


def test_a_dockerfile_without_test_stage_is_left_out_with_the_reason(any_shop: Repository) -> None:
    done = any_shop.run("ci/test.sh", "orders", variables={"DOCKER_HOST": "unix:///nowhere"})
    assert done.returncode == 0
    assert 'orders: services/orders/Dockerfile has no stage "test"' in done.stdout


def test_the_arguments_of_a_dockerfile_are_all_found(tmp_path: Path) -> None:
    text = 'ARG A_IMAGE=a:1 B_IMAGE="b:2"\r\nFROM $A_IMAGE\narg VERSION\n# ARG C\nRUN echo ARG D\n  ARG E=\n'
    shop = make(tmp_path / "shop", "orders", dockerfile=text)
    assert shop.call("arguments orders").stdout.split() == ["A_IMAGE", "B_IMAGE", "VERSION", "E"]
