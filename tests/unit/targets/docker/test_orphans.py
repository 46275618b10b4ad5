"""What an engine has that no state knows, and what a repository does with it beside deploying."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from pulumi_stacks.targets.docker import __main__ as commands
from pulumi_stacks.targets.docker import orphans
from pulumi_stacks.targets.docker.orphans import DockerObject

OWN, OTHER = "0a1b", "9f9f"
RESOURCES: list[dict[str, Any]] = [
    {"type": "random:index/randomId:RandomId", "urn": "urn::owner", "outputs": {"hex": OWN}},
    {"type": "docker:index/container:Container", "urn": "urn::known", "id": "known"},
    {"type": "docker:index/network:Network", "urn": "urn::bridge", "id": "bridge"},
]
# Answers lists from a file, and records its commands.
DOCKER = """\
#!{python} -IS
import json, sys
with open({home!r} + "/asked", "a") as log:
    print(*sys.argv[1:], file=log)
answers = json.load(open({home!r} + "/answers.json"))
for word, answer in answers.items():
    if " ".join(sys.argv[1:]).startswith(word):
        sys.exit(answer["error"]) if "error" in answer else print(answer["out"])
        break
"""
PULUMI = "#!/bin/sh\ncat {home}/state.json\n"


class Engine:
    def __init__(self, home: Path) -> None:
        self._home = home
        self.answers: dict[str, dict[str, str]] = {}
        self.knows(RESOURCES)
        self.answer()

    def answer(self, **lists: list[dict[str, str]]) -> None:
        words = {"containers": "ps", "networks": "network ls", "volumes": "volume ls"}
        told = {words[kind]: {"out": "\n".join(map(json.dumps, entries))} for kind, entries in lists.items()}
        (self._home / "answers.json").write_text(json.dumps({**self.answers, **told}))

    def knows(self, resources: list[dict[str, Any]]) -> None:
        (self._home / "state.json").write_text(json.dumps({"deployment": {"resources": resources}}))

    @property
    def orders(self) -> list[str]:
        """The commands that change something."""
        lines = (self._home / "asked").read_text().splitlines()
        return [line for line in lines if "--format=json" not in line]

    @property
    def questions(self) -> list[str]:
        return [line for line in (self._home / "asked").read_text().splitlines() if "--format=json" in line]


@pytest.fixture(name="engine")
def _engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    home = tmp_path / "bin"
    home.mkdir()
    for name, program in (("docker", DOCKER), ("pulumi", PULUMI)):
        (home / name).write_text(program.format(python=sys.executable, home=str(home)))
        (home / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{home}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(commands, "RECORD_SECONDS", 0)
    return Engine(home)


@pytest.fixture(name="infra", autouse=True)
def _infra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "infra"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: shop\n")
    (folder / "Pulumi.dev.yaml").write_text("{}\n")
    monkeypatch.chdir(folder)
    return folder


def listed(identity: str, state_id: str, role: str = "service", **more: str) -> dict[str, str]:
    marks = f",cn-new.state={state_id}" if state_id else ""
    return {"ID": identity, "Labels": f"cn-new.role={role},x=y=z{marks}", **more}


def container(identity: str, state_id: str = OWN, role: str = "service") -> dict[str, str]:
    return listed(identity, state_id, role, Names=f"n-{identity}")


def network(identity: str, state_id: str = OWN) -> dict[str, str]:
    return listed(identity, state_id, "", Name=f"n-{identity}")


def volume(name: str, role: str = "", state_id: str = OWN) -> dict[str, str]:
    return {key: value for key, value in listed("", state_id, role, Name=name).items() if key != "ID"}


def test_what_the_state_knows_stays_and_what_it_lost_goes_containers_first(
    engine: Engine, capsys: Any
) -> None:
    engine.answer(
        networks=[network("bridge"), network("lost-network")],
        containers=[
            container("known"),
            container("more"),
            container("lost"),
            container("theirs", OTHER),
            container("old", ""),
        ],
        volumes=[volume("rows"), volume("config", "gateway"), volume("theirs", "gateway", OTHER)],
    )
    assert commands.main(["sweep", "dev"]) == 0
    assert engine.orders == [
        "stop --time=30 lost more",
        "rm --force --volumes lost more",
        "network rm lost-network",
        "volume rm config",
    ]
    assert capsys.readouterr().out.splitlines() == [
        f"removed {name}, left by a deployment that was killed"
        for name in ("container n-lost", "container n-more", "network n-lost-network", "volume config")
    ]
    both = "--filter=label=cn-new.environment=dev --filter=label=cn-new.project=shop"
    assert all(line.endswith(both) for line in engine.questions)
    assert len(engine.questions) == 6, "what is recorded meanwhile is not an orphan"


def test_what_a_deployment_records_meanwhile_stays(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    engine.answer(containers=[container("lost"), container("made")])
    made = {**RESOURCES[1], "id": "made"}
    monkeypatch.setattr("time.sleep", lambda _: engine.knows([*RESOURCES, made]))
    assert commands.main(["sweep", "dev"]) == 0
    assert engine.orders == ["stop --time=30 lost", "rm --force --volumes lost"]


def test_a_state_that_has_deployed_nothing_sweeps_nothing(engine: Engine) -> None:
    engine.knows([])
    engine.answer(containers=[container("lost"), container("old", "")])
    assert commands.main(["sweep", "dev"]) == 0
    assert engine.orders == []


def test_what_waits_in_the_state_for_its_deletion_is_known(engine: Engine) -> None:
    engine.knows([*RESOURCES, {**RESOURCES[1], "id": "leaving", "delete": True}])
    engine.answer(containers=[container("leaving")])
    assert commands.main(["sweep", "dev"]) == 0
    assert engine.orders == []


def test_data_are_deleted_only_where_no_other_state_runs(engine: Engine, capsys: Any) -> None:
    engine.answer(volumes=[volume("rows", state_id=OTHER), volume("config", "gateway")])
    assert commands.main(["delete-data", "dev"]) == 0
    assert engine.orders == ["volume rm rows config"]
    assert capsys.readouterr().out == "deleted: rows, config\n"
    engine.answer(volumes=[volume("rows")], containers=[container("theirs", OTHER)])
    assert commands.main(["delete-data", "dev"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("volumes not deleted: environments.dev: another Pulumi state owns it")
    assert "(n-theirs)" in said
    assert engine.orders == ["volume rm rows config"]
    engine.answer()
    assert commands.main(["delete-data", "dev"]) == 0
    assert capsys.readouterr().out == "deleted: nothing, no volume found\n"


def test_the_engine_is_that_of_the_stack(
    engine: Engine, infra: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://elsewhere:1")
    (infra / "Pulumi.dev.yaml").write_text("config: {'docker:host': 'tcp://here:1'}\n")
    home = Path(os.environ["PATH"].split(os.pathsep)[0])
    (home / "docker").write_text(f'#!/bin/sh\necho "$DOCKER_HOST" "$1" >>{home}/asked\n')
    assert commands.main(["delete-data", "dev"]) == 0
    assert set((home / "asked").read_text().splitlines()) == {
        f"tcp://here:1 {word}" for word in ("ps", "network", "volume")
    }


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "sweep ENV"),
        (["sweep"], "sweep ENV"),
        (["swep", "dev"], "sweep ENV"),
        (["sweep", "prod"], "infra/Pulumi.prod.yaml: no such file; restore it with git restore\n"),
    ],
)
def test_a_command_that_does_not_exist_is_refused(
    engine: Engine, capsys: Any, words: list[str], told: str
) -> None:
    assert commands.main(words) == 2
    assert told in capsys.readouterr().err


def test_a_file_that_cannot_be_read_is_reported(engine: Engine, infra: Path, capsys: Any) -> None:
    (infra / "Pulumi.dev.yaml").write_text("a: [")
    assert commands.main(["sweep", "dev"]) == 2
    assert capsys.readouterr().err.startswith("infra/Pulumi.dev.yaml: ")
    for text, told in (("[]", "not a mapping"), ("config: [x]", "config: not a mapping")):
        (infra / "Pulumi.dev.yaml").write_text(text)
        assert commands.main(["sweep", "dev"]) == 2
        assert capsys.readouterr().err == f"infra/Pulumi.dev.yaml: {told}\n"
    (infra / "Pulumi.dev.yaml").write_text("config: {'docker:host': {secure: x}}")
    (infra / "Pulumi.yaml").write_text("runtime: python\n")
    assert commands.main(["sweep", "dev"]) == 2
    assert capsys.readouterr().err == "infra/Pulumi.yaml: name: is required\n"


def test_what_the_engine_or_pulumi_refuses_is_reported(engine: Engine, infra: Path, capsys: Any) -> None:
    engine.answers = {"rm --force": {"error": "device busy"}}
    engine.answer(containers=[container("lost")])
    assert commands.main(["sweep", "dev"]) == 1
    assert capsys.readouterr().err == "sweep dev: device busy\n"
    home = Path(os.environ["PATH"].split(os.pathsep)[0])
    (home / "pulumi").write_text("#!/bin/sh\necho no passphrase >&2; exit 255\n")
    assert commands.main(["sweep", "dev"]) == 1
    assert capsys.readouterr().err == "sweep dev: cannot read the state of stack dev: no passphrase\n"


def docker_object(name: str, state_id: str, kind: Any = "container") -> DockerObject:
    return DockerObject(kind, name, name, state_id, "")


def test_another_state_is_named_with_the_way_to_free_the_names() -> None:
    others = [docker_object(name, OTHER) for name in "dcba"]
    said = orphans.other_state_fault("shop", "dev", others)
    assert "(a, b, c and others)" in said
    assert "--filter label=cn-new.environment=dev --filter label=cn-new.project=shop" in said
    assert orphans.other_state_fault("shop", "dev", [docker_object("rows", OTHER, "volume")]) == ""


def test_without_a_mark_all_that_is_unknown_is_of_another_state() -> None:
    found = orphans.find_orphans([docker_object("a", ""), docker_object("b", OTHER)], [], "")
    assert (found.own, [one.name for one in found.others]) == ((), ["a", "b"])


@pytest.mark.parametrize("line", ["json", "[]", "{}", '{"Names": "x"}', '{"Names": "x", "Labels": {}}'])
def test_a_docker_command_with_unknown_output_is_reported(engine: Engine, capsys: Any, line: str) -> None:
    engine.answers = {"ps": {"out": line}}
    engine.answer()
    assert commands.main(["sweep", "dev"]) == 1
    assert "use Docker 23 or newer" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "hello", "[]", "warning: x\n{}"])
def test_a_state_in_another_form_is_reported(engine: Engine, capsys: Any, text: str) -> None:
    home = Path(os.environ["PATH"].split(os.pathsep)[0])
    (home / "state.json").write_text(text)
    assert commands.main(["sweep", "dev"]) == 1
    assert (
        capsys.readouterr().err
        == "sweep dev: cannot read the state of stack dev: pulumi stack export did not print it as JSON\n"
    )
