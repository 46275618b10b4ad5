"""The docker commands that a deployment runs."""

import asyncio
import os
from pathlib import Path

import pytest

from pulumi_stacks.plan.model import Probe
from pulumi_stacks.targets.docker.docker_cli import DockerCli, EngineError

SCRIPT = """\
#!/bin/sh
echo "$DOCKER_HOST $*" >>"{calls}"
case "$*" in
*broken*) echo "Cannot connect to the Docker daemon" >&2; exit 1 ;;
inspect*) echo '[{{"Id": "a"}}, {{"Id": "b"}}]'; echo "Error: No such container: c" >&2; exit 1 ;;
"network inspect"*) echo '[{{"Containers": {{"b": 1, "a": 2}}}}]' ;;
*down:*) exit 1 ;;
*ended:*) echo "cannot join network of a non running container: ended" >&2; exit 125 ;;
*absent:*) echo "pull access denied for absent" >&2; exit 125 ;;
logs*) echo "2026-01-01T00:00:02Z second"; echo "2026-01-01T00:00:01Z first" >&2 ;;
esac
"""


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    command = tmp_path / "docker"
    command.write_text(SCRIPT.format(calls=tmp_path / "calls"))
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return tmp_path / "calls"


def answer(image: str) -> bool:
    probe = Probe(path="/up", port=81, image=f"{image}:1")
    return asyncio.run(DockerCli().probe("c", probe))


def test_a_container_is_asked_from_beside_it_by_one_without_rights(calls: Path):
    assert answer("caddy")
    [words] = [line.split() for line in calls.read_text().splitlines()]
    assert words[:3] == ["run", "--rm", "--network=container:c"]
    hardened = {"--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--user=10001:10001"}
    assert hardened | {"--memory=64m", "--pids-limit=32", "--env=http_proxy="} <= set(words)
    # Bounded as a whole: an answer may begin and never end.
    assert "--entrypoint=timeout" in words
    assert words[words.index("caddy:1") + 1 :][:2] == ["3", "wget"]
    assert words[-1] == "http://127.0.0.1:81/up"


@pytest.mark.usefixtures("calls")
def test_what_does_not_answer_or_has_ended_is_not_ready():
    assert not answer("down")
    assert not answer("ended")


@pytest.mark.usefixtures("calls")
def test_an_engine_that_cannot_ask_says_why():
    with pytest.raises(EngineError, match="pull access denied"):
        answer("absent")


def test_questions_that_come_together_are_one_process(calls: Path):
    async def ask() -> list[object]:
        engine = DockerCli("tcp://host:1")
        return list(await asyncio.gather(*map(engine.inspect, ["a", "b", "c", "a"])))

    assert asyncio.run(ask()) == [{"Id": "a"}, {"Id": "b"}, None, {"Id": "a"}]
    assert calls.read_text() == "tcp://host:1 inspect --type container a b c\n"


@pytest.mark.usefixtures("calls")
def test_an_engine_that_does_not_answer_is_an_error_for_everyone_who_asked():
    async def ask() -> list[object]:
        engine = DockerCli()
        questions = [engine.inspect("broken"), engine.inspect("a")]
        return list(await asyncio.gather(*questions, return_exceptions=True))

    assert [str(answer) for answer in asyncio.run(ask())] == ["Cannot connect to the Docker daemon"] * 2


@pytest.mark.usefixtures("calls")
def test_lines_of_both_streams_come_in_the_order_in_which_they_were_written():
    assert asyncio.run(DockerCli().logs("a", 20)) == ("first", "second")


def test_orders_say_what_the_engine_answers(calls: Path):
    async def order() -> None:
        engine = DockerCli()
        assert await engine.containers_on("net") == ("a", "b")
        await engine.remove_aliases("net", "a", "10.0.0.9")
        await engine.limit_processes("a", 512)
        await engine.stop("a", 20)
        with pytest.raises(EngineError, match="Cannot connect"):
            await engine.connect("net", "broken", "alias")

    asyncio.run(order())
    assert [line.strip() for line in calls.read_text().splitlines()] == [
        "network inspect net",
        "network disconnect net a",
        "network connect --ip=10.0.0.9 net a",
        "update --pids-limit=512 a",
        "stop --time=20 a",
        "network connect --alias alias net broken",
    ]


def test_a_missing_command_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineError, match="docker command is not installed"):
        asyncio.run(DockerCli().start("a"))
