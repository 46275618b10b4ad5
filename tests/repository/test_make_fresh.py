"""Every target of a generated Makefile works as the first one ever, alone, on a fresh repository."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.repository.fresh import Fresh

ON_STACK = (
    ("up", "ENV=dev"),
    ("up", "ENV=prod"),
    ("up", "ENV=prod", "REFRESH=yes"),
    ("preview", "ENV=dev"),
    ("down", "ENV=dev"),
    ("down", "ENV=prod", "DATA=delete"),
    ("unlock", "ENV=prod"),
    ("stack", "ENV=prod"),
    ("push", "ENV=prod"),
    ("push-orders", "ENV=prod"),
    ("push", "up", "ENV=prod"),
    ("-j4", "push", "up", "ENV=prod"),
    ("-j4", "up"),
    ("down", "up"),
)
PUSHED = 'pulumi --cwd infra --non-interactive config set --stack prod --path cn:images["{}"]'


@pytest.fixture
def fresh(tmp_path: Path, require: Callable[..., None]) -> Fresh:
    require("make")
    return Fresh.create(tmp_path)


@pytest.mark.parametrize("words", ON_STACK, ids=" ".join)
def test_a_target_on_a_stack_makes_its_passphrase_when_it_is_the_first(
    fresh: Fresh, words: tuple[str, ...]
) -> None:
    assert "pulumi " in fresh.make(*words)
    file = fresh.folder / "infra/.passphrase"
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("secret\n", 0o600)


@pytest.mark.parametrize(
    "words", [("help",), ("secrets",), ("images",), ("test",), ("test-orders",), ("lint",)]
)
def test_no_other_target_asks_pulumi_or_makes_a_passphrase(fresh: Fresh, words: tuple[str, ...]) -> None:
    called = fresh.make(*words)
    assert "pulumi" not in called
    assert "context inspect" not in called
    assert not (fresh.folder / "infra/.passphrase").exists()


def test_manifests_are_written_first_without_a_passphrase(fresh: Fresh) -> None:
    assert "python3 -m pulumi_stacks.targets.kubernetes manifests prod" in fresh.make("manifests", "ENV=prod")


def test_push_and_up_go_one_after_the_other_whatever_j_says(fresh: Fresh) -> None:
    called = fresh.make("-j8", "push", "up", "ENV=prod")
    after = [called.index(PUSHED.format(name)) for name in ("billing", "orders")]
    after = [called.index("stack select --create"), *after, called.index(" up --stack prod")]
    assert after == sorted(after)
    assert called.count("stack select") == 1


def test_a_push_that_fails_ends_the_command(fresh: Fresh) -> None:
    (fresh.folder / "ci/push.sh").write_text("#!/bin/sh\nexit 3\n")
    done = fresh.run("make", "push", "up", "ENV=prod")
    assert done.returncode == 2
    called = fresh.calls()
    assert "config set" not in called
    assert " up " not in called


def test_a_second_environment_is_begun_with_the_same_passphrase(fresh: Fresh) -> None:
    fresh.make("up", "ENV=dev")
    (fresh.folder / "infra/.passphrase").write_text("kept\n")
    fresh.make("push", "up", "ENV=prod")
    assert (fresh.folder / "infra/.passphrase").read_text() == "kept\n"


def test_a_folder_with_spaces_another_folder_and_another_make_change_nothing(
    tmp_path: Path, require: Callable[..., None]
) -> None:
    require("make")
    fresh = Fresh.create(tmp_path, "a pair of two")
    done = fresh.run("make", "-C", fresh.folder.name, "push", "up", "ENV=prod", where=tmp_path)
    assert done.returncode == 0, done.stderr
    other = Fresh.create(tmp_path, "inner")
    (tmp_path / "Makefile").write_text("export ENV = somewhere\nall:\n\t$(MAKE) -C inner up ENV=dev\n")
    done = other.run("make", "-j4", where=tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("flags", ["-j4", "-k", "--warn-undefined-variables"])
def test_flags_that_are_exported_for_make_change_nothing(fresh: Fresh, flags: str) -> None:
    called = fresh.make("push", "up", "ENV=prod", variables={"MAKEFLAGS": flags})
    assert called.index(PUSHED.format("orders")) < called.index(" up --stack prod")


OWN = "PULUMI_CONFIG_PASSPHRASE_FILE"


@pytest.mark.parametrize(
    "variables", [{"PULUMI_CONFIG_PASSPHRASE": ""}, {"PULUMI_CONFIG_PASSPHRASE": "a $word"}, {OWN: "{}/mine"}]
)
def test_a_passphrase_of_the_user_is_left_to_pulumi(fresh: Fresh, variables: dict[str, str]) -> None:
    (fresh.folder / "mine").write_text("mine\n")
    told = {name: value.format(fresh.folder) for name, value in variables.items()}
    fresh.make("push", "up", "ENV=prod", variables={**told, "PASSPHRASE": "of something else"})
    assert not (fresh.folder / "infra/.passphrase").exists()


def test_a_relative_passphrase_file_is_found_from_here_or_from_the_program(fresh: Fresh) -> None:
    (fresh.folder / "my phrase").write_text("mine\n")
    fresh.make("up", variables={OWN: "my phrase"})
    (fresh.folder / "infra/.mine").write_text("mine\n")
    fresh.make("up", variables={OWN: ".mine"})
    assert not (fresh.folder / "infra/.passphrase").exists()


@pytest.mark.parametrize("value", ["", "{}/infra/.passphrase"])
def test_an_empty_name_or_that_of_our_own_file_means_our_own(fresh: Fresh, value: str) -> None:
    fresh.make("push", "up", "ENV=prod", variables={OWN: value.format(fresh.folder)})
    assert (fresh.folder / "infra/.passphrase").exists()


@pytest.mark.parametrize("value", ["", None, "tcp://10.0.0.1:2375"])
def test_pulumi_asks_the_engine_of_the_user_or_of_the_docker_context(fresh: Fresh, value: str | None) -> None:
    pulumi = fresh.tools / "pulumi"
    pulumi.write_text(pulumi.read_text().replace("$*", "$* on $DOCKER_HOST", 1))
    called = fresh.make("up", variables={} if value is None else {"DOCKER_HOST": value})
    assert f"--skip-preview on {value or 'unix:///fake.sock'}\n" in called


def test_an_engine_behind_certificates_is_asked_by_those_of_the_context(fresh: Fresh, tmp_path: Path) -> None:
    pulumi, docker = fresh.tools / "pulumi", fresh.tools / "docker"
    pulumi.write_text(
        pulumi.read_text().replace("$*", "$* by ${DOCKER_TLS_VERIFY-none} $DOCKER_CERT_PATH", 1)
    )
    assert "--skip-preview by none \n" in fresh.make("up")
    kept = tmp_path / "of a context"
    (kept / "docker").mkdir(parents=True)
    (kept / "docker/ca.pem").touch()
    docker.write_text(
        docker.read_text()
        .replace("fake.sock\"'", f'fake.sock"\' \'"TLSPath": "{kept}"\'', 1)
        .replace("echo '\"Host", "printf '%s\\n' '\"Host")
    )
    assert f"--skip-preview by 1 {kept}/docker\n" in fresh.make("up")
    of_user = fresh.make("up", variables={"DOCKER_HOST": "tcp://10.0.0.1:1"})
    assert "--skip-preview by none \n" in of_user


def test_a_passphrase_that_cannot_be_written_leaves_no_file(fresh: Fresh) -> None:
    python = fresh.tools / "python3"
    python.write_text(python.read_text().replace("echo secret", "printf sec; exit 1"))
    done = fresh.run("make", "up")
    assert done.returncode == 2
    assert not (fresh.folder / "infra/.passphrase").exists()
