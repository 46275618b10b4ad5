"""Where the state of a stack is, and whether that is where cn.yaml says."""

import json
import os
from pathlib import Path

import pytest

from pulumi_stacks import stack_state
from pulumi_stacks.targets.kubernetes.live import backend
from pulumi_stacks.targets.kubernetes.live.recorded_state import from_resources, read_state

URN = "urn:pulumi:live::shop::cnnew:kubernetes:System$random:index/randomId:RandomId::"


@pytest.fixture(name="pulumi")
def _pulumi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of the path, for a pulumi command; the shell names no backend."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(backend.VARIABLE, raising=False)
    return tmp_path / "pulumi"


def answer(pulumi: Path, script: str) -> None:
    pulumi.write_text(f"#!/bin/sh\n{script}\n")
    pulumi.chmod(0o755)


@pytest.mark.parametrize(
    ("said", "used"),
    [
        ("local", "file://./.pulumi-state"),
        ("local", "file:///mnt/share"),
        ("s3://a/b", "s3://a/b/"),
        ("s3://a?b=c&d=e", "s3://a?d=e&b=c"),
        ("file:///mnt/share", "file:///mnt/share/"),
        ("https://api.pulumi.com", "https://app.pulumi.com/acme"),
        ("https://api.pulumi.com", "https://api.pulumi.com/"),
        ("https://pulumi.example.com:8443", "https://pulumi.example.com:8443"),
    ],
)
def test_a_backend_is_the_one_that_is_named_however_it_is_written(said: str, used: str) -> None:
    assert backend.same(said, used)
    assert backend.fault("live", said, used) == ""


@pytest.mark.parametrize(
    ("said", "used"),
    [
        ("local", "s3://a"),
        ("local", "https://api.example.com"),
        ("s3://a", "file://./.pulumi-state"),
        ("s3://a", "s3://b"),
        ("s3://a", "gs://a"),
        ("s3://a/b", "s3://a"),
        ("s3://a", "s3://a/c"),
        ("file:///a", "file:///b"),
        ("https://api.pulumi.com", "https://api.example.com"),
    ],
)
def test_another_backend_is_refused_with_both_and_what_to_do(
    said: str, used: str, pulumi: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = backend.fault("live", said, used)
    assert told.startswith(f"environments.live.state: is {said}, but the backend in use is {used}; ")
    assert f"or write `state: {'local' if used.startswith('file') else used}`; " in told
    assert "`pulumi stack export`" in told
    assert ("set backend.url in infra/Pulumi.yaml" if said == "local" else "set PULUMI_BACKEND_URL") in told
    monkeypatch.setenv(backend.VARIABLE, used)
    assert "; unset PULUMI_BACKEND_URL, or write" in backend.fault("live", said, used)


@pytest.mark.parametrize(
    ("used", "shown"),
    [
        ("postgres://h/db", "postgres://h/db"),
        ("postgres://u:p@ss@h/db", "postgres://***@h/db"),
        ("s3://u:p/a@b", "s3://***@b"),
        ("s3://b?region=x&secret_key=y", "s3://b?region=x&secret_key=***"),
        ("https://app.pulumi.com/me", "https://app.pulumi.com/me"),
    ],
)
def test_what_cn_yaml_cannot_name_is_not_offered_and_no_password_is_shown(used: str, shown: str) -> None:
    told = backend.fault("live", "s3://a", used)
    assert f"the backend in use is {shown}; " in told
    assert "or write" not in told


def test_teams_on_one_server_are_distinguished_from_each_other() -> None:
    assert not backend.same("https://h/a", "https://h/b")
    assert backend.same("https://h/a", "https://h/a/")


def test_without_a_word_on_the_state_both_ways_are_reported() -> None:
    for used in ("", "s3://a", "file://./.pulumi-state"):
        told = backend.fault("live", "", used)
        assert told.startswith("environments.live.state: is required before a deployment")
        assert "`state: s3://BUCKET`" in told
        assert "`state: local`" in told


def test_a_password_in_the_shells_backend_is_not_repeated() -> None:
    told = backend.fault("live", "s3://a", "https://me:canary@x.example/y")
    assert "the backend in use is https://***@x.example/y" in told
    assert "canary" not in told


def test_the_shells_backend_is_used_before_any_other(pulumi: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(pulumi, "exit 1")
    monkeypatch.setenv(backend.VARIABLE, "s3://a")
    assert backend.in_use() == "s3://a"


@pytest.mark.parametrize("given", [None, ""])
def test_pulumi_is_asked_for_its_backend(
    given: str | None, pulumi: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if given is not None:
        monkeypatch.setenv(backend.VARIABLE, given)
    known = json.dumps({"user": "me", "url": "gs://a"})
    answer(pulumi, f'[ "$1 $2 $3" = "whoami --verbose --json" ] && echo \'{known}\'')
    assert backend.in_use() == "gs://a"


def test_a_service_that_does_not_name_its_page_is_taken_for_the_right_one(pulumi: Path) -> None:
    answer(pulumi, """echo '{"user": "me", "url": ""}'""")
    assert backend.fault("live", "https://pulumi.example.com", backend.in_use()) == ""


def test_without_pulumi_nothing_is_compared(pulumi: Path) -> None:
    assert not pulumi.exists()
    assert backend.in_use() == ""
    assert backend.fault("live", "s3://a", "") == ""


def test_a_pulumi_that_fails_is_reported(pulumi: Path) -> None:
    answer(pulumi, "echo no access >&2; exit 1")
    with pytest.raises(stack_state.StateError, match="cannot read the backend: no access"):
        backend.in_use()


def test_only_what_holds_a_system_counts_as_its_protection() -> None:
    kind = "random:index/randomId:RandomId"
    resources = [
        {"type": kind, "urn": f"{URN}owner", "protect": True},
        {"type": kind, "urn": f"{URN}guard", "protect": True},
        {"type": kind, "urn": f"{URN}mine", "protect": True},
        {"type": "kubernetes:core/v1:Secret", "urn": "urn:x::guard", "protect": True, "external": True},
    ]
    assert from_resources(resources).protected == (f"{URN}owner", f"{URN}guard")
    assert from_resources([{**one, "protect": False} for one in resources]).protected == ()


def test_a_state_is_read_and_released_in_the_backend_that_is_named(
    pulumi: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = pulumi.parent / "log"
    answer(pulumi, f'echo "$PULUMI_BACKEND_URL: $*" >>"{log}"; echo "{{}}"')
    monkeypatch.setenv(backend.VARIABLE, "s3://shell")
    read_state("live", "s3://a")
    read_state("live")
    stack_state.unprotect("live", ["urn:a$b", "urn:c"], "s3://a")
    assert log.read_text().splitlines() == [
        "s3://a: stack export --stack=live --non-interactive",
        "s3://shell: stack export --stack=live --non-interactive",
        "s3://a: state unprotect --yes urn:a$b urn:c --stack=live --non-interactive",
    ]
    assert os.environ[backend.VARIABLE] == "s3://shell"
    answer(pulumi, "echo locked >&2; exit 1")
    with pytest.raises(stack_state.StateError, match="cannot unprotect stack live: locked"):
        stack_state.unprotect("live", ["urn:c"])
