"""The Makefile of a repository has Pulumi keep a cluster's stack where cn.yaml says, for every target."""

import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.repository.fresh import SPEC, Fresh

STATE = "s3://acme-state/a_b?region=eu-west-1&endpoint=minio.example:9000&disableSSL=true"
# What works on a stack; what only pushes, takes down or unlocks needs no state in cn.yaml.
DEPLOYING = (("up",), ("up", "REFRESH=yes"), ("preview",), ("push", "up"), ("-j4", "push", "up"))
# Asks the real program; what is asked again is answered as before, because only these decide the answer.
ASKED = """\
key=$(printf '%s\\n' "$*" "${{PULUMI_BACKEND_URL-}}" | cat - ../cn.yaml | cksum)
known="{tools}/known $key"
[ -e "$known" ] || {{ {python} "$@" >"$known out" 2>"$known err"; echo "$?" >"$known"; }}
cat "$known out"; cat "$known err" >&2; exit "$(cat "$known")"
"""
OTHERS = (("stack",), ("push",), ("push-orders",), ("unlock",), ("down",), ("down", "DATA=delete"))


@pytest.fixture(name="made")
def _made(tmp_path: Path, require: Callable[..., None]) -> Callable[[str], Fresh]:
    """Make a repository that says this of its cluster's state; its backend is asked of the real program."""
    require("make")

    def make(state: str) -> Fresh:
        said = f"state: '{state}'" if state else "protected: true"
        made = Fresh.create(tmp_path, spec=SPEC.replace(b"state: local", said.encode()))
        python = made.tools / "python3"
        (made.tools / "asked").write_text(ASKED.format(tools=made.tools, python=sys.executable))
        real = f'case "$3" in backend*) exec sh "{made.tools}/asked" "$@" ;; esac ;;'
        added = f'  "-m pulumi_stacks.targets.kubernetes") {real}\nesac'
        python.write_text(python.read_text().replace("esac", added))
        pulumi = made.tools / "pulumi"
        shown = f'printf "backend %s\\n" "$PULUMI_BACKEND_URL" >>"{made.tools}/calls"\n'
        pulumi.write_text(pulumi.read_text().replace('[ "$1" = --cwd ]', f'{shown}[ "$1" = --cwd ]'))
        return made

    return make


def backends(called: str) -> set[str]:
    found = re.findall("^backend ?(.*)$", called, re.MULTILINE)
    assert len(found) == called.count("\npulumi --cwd"), "each pulumi shows its own"
    return set(found)


def test_every_target_uses_the_backend_of_the_spec(made: Callable[[str], Fresh]) -> None:
    fresh = made(STATE)
    for words in (*DEPLOYING, *OTHERS):
        assert backends(fresh.make(*words, "ENV=prod")) == {STATE}, words
    shell = {"PULUMI_BACKEND_URL": "s3://shell"}
    assert backends(fresh.make("up", "ENV=dev", variables=shell)) == {"s3://shell"}, "an engine has none"
    assert backends(fresh.make("up", "ENV=dev")) == {""}


def test_another_backend_of_the_shell_is_refused_and_the_same_one_is_not(
    made: Callable[[str], Fresh],
) -> None:
    fresh = made(STATE)
    for words in (("up",), ("push",), ("down",), ("unlock",)):
        said = refused(fresh, *words, given="s3://shell")
        assert f"environments.prod.state: is {STATE}, but the backend in use is s3://shell; unset" in said
    assert backends(fresh.make("up", "ENV=prod", variables={"PULUMI_BACKEND_URL": STATE})) == {STATE}


def test_a_local_state_is_where_pulumi_has_it(made: Callable[[str], Fresh]) -> None:
    fresh = made("local")
    for words in (("up",), ("down",)):
        assert backends(fresh.make(*words, "ENV=prod")) == {""}
    assert "is local, but the backend in use is s3://shell" in refused(fresh, "up", given="s3://shell")


def test_without_a_state_only_what_deploys_is_refused_and_before_anything_is_made(
    made: Callable[[str], Fresh],
) -> None:
    fresh = made("")
    for words in DEPLOYING:
        assert "environments.prod.state: is required before a deployment" in refused(fresh, *words)
    for words in OTHERS:
        shell = {"PULUMI_BACKEND_URL": "s3://shell"}
        assert backends(fresh.make(*words, "ENV=prod", variables=shell)) == {"s3://shell"}, words
    assert "manifests prod" in fresh.make("manifests", "ENV=prod")
    cn = fresh.folder / "cn.yaml"
    cn.write_text(cn.read_text().replace("protected: true", "state: s3://later"))
    assert backends(fresh.make("up", "ENV=prod")) == {"s3://later"}, "without a new Makefile"


def refused(fresh: Fresh, *words: str, given: str = "") -> str:
    done = fresh.run("make", *words, "ENV=prod", variables={"PULUMI_BACKEND_URL": given} if given else {})
    assert done.returncode == 2, done.stdout + done.stderr
    called = fresh.calls()
    assert "pulumi --cwd" not in called
    assert "docker push" not in called
    return done.stderr
