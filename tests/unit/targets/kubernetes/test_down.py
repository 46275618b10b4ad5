"""What is asked before an environment on a cluster is taken down, and where its state is."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from pulumi_stacks.targets.kubernetes import __main__ as commands
from tests.unit.clusters import LIVE
from tests.unit.fake_kubectl import FakeKubectl
from tests.unit.targets.kubernetes.test_commands import _infra, keep, refused, there
from tests.unit.targets.kubernetes.test_kustomize import SPEC

__all__ = ["_infra"]


@pytest.mark.usefixtures("fake")
@pytest.mark.parametrize(
    ("command", "what"),
    [
        ("confirm", "down removes all workloads in the namespace alive and keeps its volumes"),
        (
            "confirm-delete",
            "DATA=delete deletes the namespace alive and everything in it, with all databases",
        ),
    ],
)
def test_that_a_protected_environment_goes_has_to_be_confirmed(
    command: str, what: str, infra: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = hold()
    for given in ("", "alive", "shop"):
        monkeypatch.setenv("CN_CONFIRM", given)
        told = refused(capsys, command, LIVE)
        assert told.startswith(f"environments.live: not confirmed: {what}")
        assert "add CONFIRM=shop-live" in told
    assert not log.exists(), "it is still protected"
    monkeypatch.setenv("CN_CONFIRM", "shop-live")
    assert commands.main([command, LIVE]) == 0
    assert log.read_text().splitlines() == [
        "state unprotect --yes urn:x::owner --stack=live --non-interactive"
    ]


@pytest.mark.parametrize("command", ["confirm", "confirm-delete"])
def test_what_is_not_protected_goes_at_once_also_where_the_state_still_holds_it(
    command: str, infra: Path, fake: FakeKubectl
) -> None:
    say(infra, protected=False)
    log = hold()
    assert commands.main([command, LIVE]) == 0
    assert "unprotect" in log.read_text()
    log.unlink()
    keep("mine", "one")
    assert commands.main([command, LIVE]) == 0
    assert not log.exists(), "there is nothing to release"


def hold() -> Path:
    """Put a pulumi beside the kubectl whose state is protected; return its log of all but exports."""
    program = Path(os.environ["PATH"].split(os.pathsep)[0]) / "pulumi"
    kind = "random:index/randomId:RandomId"
    owner = {"type": kind, "urn": "urn:x::owner", "outputs": {"hex": "mine"}, "protect": True}
    told = json.dumps({"deployment": {"resources": [owner]}})
    log = program.parent / "log"
    program.write_text(f"#!/bin/sh\nif [ $2 = export ]; then echo '{told}'; else echo \"$*\" >>'{log}'; fi\n")
    program.chmod(0o755)
    return log


def say(infra: Path, **fields: Any) -> None:
    """Let cn.yaml say more of the environment."""
    spec = json.loads(json.dumps(SPEC))
    spec["environments"][LIVE] |= fields
    (infra.parent / "cn.yaml").write_text(json.dumps(spec))


@pytest.mark.parametrize(
    ("told", "printed"),
    [
        (("s3://a/b?c=d&e=f", ""), "s3://a/b?c=d&e=f"),
        (("s3://a", "s3://a/"), "s3://a"),
        (("local", ""), ""),
        (("local", "file:///mnt"), "file:///mnt"),
    ],
)
def test_the_backend_of_a_stack_is_that_of_the_spec(
    told: tuple[str, str], printed: str, infra: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(infra, state=told[0])
    monkeypatch.setenv("PULUMI_BACKEND_URL", told[1])
    for command in ("backend", "backend-up"):
        assert commands.main([command, LIVE]) == 0
        assert capsys.readouterr().out == f"{printed}\n"


def test_a_backend_of_the_shell_is_never_passed_over_silently(
    infra: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://other")
    for said in ("s3://a", "local"):
        say(infra, state=said)
        for command in ("backend", "backend-up"):
            told = refused(capsys, command, LIVE)
            assert told.startswith(
                f"environments.live.state: is {said}, but the backend in use is s3://other; unset"
            )


def test_only_a_deployment_needs_to_know_where_the_state_is(
    infra: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://shell")
    assert commands.main(["backend", LIVE]) == 0
    assert capsys.readouterr().out == "s3://shell\n"
    assert refused(capsys, "backend-up", LIVE).startswith(
        "environments.live.state: is required before a deployment"
    )
    assert commands.main(["manifests", LIVE]) == 0
    assert commands.main(["rights", LIVE]) == 0


def test_the_state_is_read_where_the_spec_says(infra: Path, fake: FakeKubectl) -> None:
    say(infra, state="s3://a")
    program = Path(os.environ["PATH"].split(os.pathsep)[0]) / "pulumi"
    log = program.parent / "log"
    program.write_text(f"#!/bin/sh\necho \"$PULUMI_BACKEND_URL\" >>'{log}'\necho '{{}}'\n")
    program.chmod(0o755)
    fake.answer(there("one"))
    assert commands.main(["check", LIVE]) == 0
    assert log.read_text() == "s3://a\n"
