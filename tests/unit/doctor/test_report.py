"""The doctor with small programs that are current, old, broken or hang."""

import json
import re
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator import main as cli
from generator.doctor import report as doctor
from generator.doctor import version_probe
from generator.rendering.template import open_template
from generator.result import BAD_INPUT, DONE, FAILED
from tests.conftest import require
from tests.unit.programs import install

ROOT = Path(__file__).resolve().parents[3]
SHOP = ROOT / "examples" / "02-shop" / "cn.yaml"
DOCKER = """case "$1 $2" in
  "--version ") echo "Docker version 28.2.2, build abc" ;;
  "version "*) {engine} ;;
  "compose "*) echo 2.36.2 ;;
  "buildx "*) echo "github.com/docker/buildx v0.24.0" ;;
  "info "*) echo '{{"NCPU": 2, "MemTotal": 4294967296}}' ;;
esac"""
RIGHT = {
    "git": "echo git version 2.50.1",
    "make": "echo GNU Make 4.3",
    "docker": DOCKER.format(engine="echo 28.2.2"),
    "pulumi": "echo v3.259.0",
    "python3": 'case "$1" in --version) echo Python 3.13.1 ;; *) echo 3.13.1 ;; esac',
    "node": "echo v22.21.0",
    "kubectl": "printf 'Client Version: v1.35.2\\nKustomize Version: v5.7.1\\n'",
    "go": "echo go version go1.26.8 linux/amd64",
}


def examined(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any]]:
    code = cli.main_cn(["doctor", "--json", *words])
    document = json.loads(capsys.readouterr().out)
    return code, document | {"tools": {tool["title"]: tool for tool in document["tools"]}}


def test_with_everything_there_it_is_content(programs, capsys):
    install(programs, **RIGHT)
    assert cli.main_cn(["doctor", "--spec", str(SHOP)]) == DONE
    assert capsys.readouterr().out.splitlines() == [
        "Required by shop:",
        "  ok       Git 2.50.1",
        "  ok       Make 4.3",
        "  ok       Docker 28.2.2",
        "  ok       Docker engine 28.2.2",
        "  ok       Docker Compose 2.36.2",
        "  ok       Docker Buildx 0.24.0",
        "  ok       kubectl 1.35.2",
        "  ok       Pulumi 3.259.0",
        "  ok       Python with venv 3.13.1",
        "",
        "To develop services outside of their images:",
        "  ok       Python 3.13.1 (orders)",
        "  ok       Node.js 22.21.0 (catalog)",
        "  ok       Go 1.26.8 (billing)",
        "",
        "All required tools are installed.",
    ]


def test_for_a_cluster_alone_docker_only_builds_and_pushes(programs, capsys):
    spec = programs.parent / "cn.yaml"
    text = (
        "name: x\nregistry: ghcr.io/acme\nenvironments: {{prod: {{target: {}}}}}\nservices: {{a: {{{}}}}}\n"
    )
    docker = ["Docker", "Docker engine", "Docker Buildx"]
    for target, source, wanted in (
        ("kubernetes", "runtime: python", [*docker, "kubectl"]),
        ("kubernetes", "image: caddy:2", ["kubectl"]),
        ("docker", "runtime: python", [*docker, "Docker Compose"]),
        ("docker", "image: caddy:2", ["Docker", "Docker engine", "Docker Compose"]),
    ):
        spec.write_text(text.format(target, source))
        _, document = examined(capsys, "--spec", str(spec))
        needed = {title for title, tool in document["tools"].items() if tool["needed"]}
        assert needed == {"Git", "Make", "Pulumi", "Python with venv", *wanted}


def test_a_missing_kubectl_is_named_with_where_to_get_it(programs, capsys):
    install(programs, **{name: script for name, script in RIGHT.items() if name != "kubectl"})
    assert cli.main_cn(["doctor", "--spec", str(SHOP)]) == FAILED
    text = capsys.readouterr().out
    assert "  missing  kubectl: kubectl is not installed\n" in text
    assert "to fix: https://kubernetes.io/docs/tasks/tools/\n" in text
    assert text.endswith("1 of 9 required tools are missing or not usable.\n")


def test_for_each_missing_tool_it_prints_how_to_install_it(programs, capsys):
    assert cli.main_cn(["doctor"]) == FAILED
    text = capsys.readouterr().out
    assert text.startswith("Required:\n  missing  Git: git is not installed\n")
    needed = text.partition("To develop")[0]
    assert needed.count("missing") == needed.count("to fix: https://") == 8
    assert text.endswith("8 of 8 required tools are missing or not usable.\n")


def test_a_package_manager_that_is_there_is_named(programs, capsys):
    install(programs, apt="exit 0")
    _, document = examined(capsys)
    assert document["tools"]["Git"]["get"] == "apt-get install git, or https://git-scm.com/downloads"


def test_an_engine_that_is_too_old_is_not_enough(programs, capsys):
    install(programs, **RIGHT | {"docker": DOCKER.format(engine="echo 20.10.24")})
    code, document = examined(capsys)
    assert code == FAILED
    assert document["healthy"] is False
    engine = document["tools"]["Docker engine"]
    assert engine["state"] == "old"
    assert engine["problem"] == "20.10.24 is too old; 26 or newer is required"


@pytest.mark.parametrize(("version", "state"), [("26.0.0", "ok"), ("26", "broken"), ("25.9.9", "old")])
def test_versions_are_compared_as_numbers(version, state, programs, capsys):
    install(programs, **RIGHT | {"docker": DOCKER.format(engine=f"echo {version}")})
    _, document = examined(capsys)
    assert document["tools"]["Docker engine"]["state"] == state


def test_an_engine_that_does_not_run_is_to_be_started(programs, capsys):
    engine = 'echo "Cannot connect to the Docker daemon. Is it running?" >&2; exit 1'
    install(programs, **RIGHT | {"docker": DOCKER.format(engine=engine)})
    code, document = examined(capsys)
    assert code == FAILED
    tools = document["tools"]
    assert tools["Docker"]["state"] == "ok"
    assert tools["Docker engine"]["problem"].endswith(
        "failed with exit code 1: Cannot connect to the Docker daemon. Is it running?"
    )
    assert tools["Docker engine"]["get"].startswith("start Docker Desktop or the docker service, or https://")


def test_an_engine_that_hangs_does_not_hang_the_doctor(programs, capsys, monkeypatch):
    monkeypatch.setattr(version_probe, "SECONDS", 3.0)
    engine = "trap '' TERM INT HUP; sleep 300 & sleep 300"
    install(programs, **RIGHT | {"docker": DOCKER.format(engine=engine)})
    began = time.monotonic()
    code, document = examined(capsys)
    assert time.monotonic() - began < 30
    assert code == FAILED
    assert document["tools"]["Docker engine"]["problem"].endswith(
        "did not finish within the limits of time and output"
    )
    assert document["tools"]["Docker"]["state"] == "ok"


def test_a_missing_language_is_reported_without_a_failure(programs, capsys):
    old = {"python3": 'case "$1" in --version) echo Python 3.8.1 ;; *) echo 3.13.1 ;; esac'}
    install(programs, **RIGHT | old)
    code, document = examined(capsys, "--spec", str(SHOP))
    assert code == DONE
    tool = document["tools"]["Python"]
    assert (tool["needed"], tool["state"]) == (False, "old")
    assert tool["services"] == ["orders"]


def test_without_a_service_to_build_no_builder_and_no_language_is_wanted(programs, capsys):
    install(programs, **RIGHT)
    Path("cn.yaml").write_text("name: x\nservices: {site: {image: 'caddy:2'}}\n")
    code, document = examined(capsys)
    assert code == DONE
    assert document["system"] == "x"
    assert document["tools"].keys().isdisjoint({"Docker Buildx", "Python"})


GREEDY = """\
name: x
environments: {{dev: {{target: {target}}}}}
registry: ghcr.io/acme
services:
  big:
    image: 'caddy:2'
    resources: {{cpu: 4, memory: 8Gi}}
    environments: {{dev: {{resources: {{cpu: {cpu}}}}}}}
"""


def test_limits_that_exceed_this_machine_are_reported(programs, capsys):
    install(programs, **RIGHT)
    Path("cn.yaml").write_text(GREEDY.format(target="docker", cpu=3))
    assert cli.main_cn(["doctor"]) == FAILED
    lines = capsys.readouterr().out.splitlines()
    message = lines[lines.index("Limits on this machine:") + 1 :]
    assert message[0].startswith(
        "  services.big.resources.cpu: 3 is more than the 2 CPUs of this Docker engine"
    )
    assert message[0].endswith("services.big.environments.dev.resources.cpu to 2 or less")
    assert message[1].startswith("  warning: services.big.resources.memory: 8 GiB is more than the 4 GiB")
    assert message[-1] == "All required tools are installed; limits that exceed this machine: 1."
    code, document = examined(capsys)
    assert (code, document["healthy"]) == (FAILED, False)
    assert (len(document["faults"]), len(document["warnings"])) == (1, 1)


@pytest.mark.parametrize(("target", "cpu"), [("docker", 2), ("kubernetes", 4)])
def test_limits_that_it_takes_or_that_are_for_elsewhere_are_not_a_fault(target, cpu, programs, capsys):
    install(programs, **RIGHT)
    Path("cn.yaml").write_text(GREEDY.format(target=target, cpu=cpu))
    code, document = examined(capsys)
    assert (code, document["faults"]) == (DONE, [])


def test_without_docker_no_limit_is_checked(programs, capsys):
    install(
        programs,
        **RIGHT | {"docker": DOCKER.replace("4294967296", "0").format(engine="exit 1")},
    )
    Path("cn.yaml").write_text(GREEDY.format(target="docker", cpu=3))
    assert examined(capsys)[1]["faults"] == []


@pytest.mark.parametrize("words", [[], ["--spec", "cn.yaml"]])
def test_a_bad_spec_is_bad_input(words, programs, capsys):
    Path("cn.yaml").write_text("name: Shop\nservices: {}\n")
    assert cli.main_cn(["doctor", *words]) == BAD_INPUT
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("cn.yaml:1:7: name: ")


def test_a_spec_that_is_named_has_to_be_there(programs, capsys):
    assert cli.main_cn(["doctor", "--spec", "gone.yaml"]) == BAD_INPUT
    assert "gone.yaml" in capsys.readouterr().err


def test_the_tools_of_every_entry_have_the_keys_of_the_doctor():
    entries = yaml.safe_load(doctor.TOOLS.read_text())
    for runtime in open_template().runtimes.values():
        entries += runtime.get("tools", [])
    for entry in entries:
        assert entry.keys() <= {"title", "command", "least", "wanted", "get"}
        assert entry["get"]["link"].startswith("https://")
        assert set(entry.get("wanted", [])) <= {"built", "docker", "kubernetes"}
        assert re.fullmatch(r"[0-9]+(\.[0-9]+)*", entry.get("least", "0"))
        assert all(isinstance(word, str) for word in entry["command"])


def test_every_runtime_that_is_built_from_the_template_names_its_tools():
    runtimes = open_template().runtimes
    assert [name for name, entry in runtimes.items() if entry["contract"] and not entry.get("tools")] == []


def test_the_real_machine_is_examined(capsys, monkeypatch, tmp_path):
    require("git")
    monkeypatch.chdir(tmp_path)
    _, document = examined(capsys)
    message = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout
    assert f"git version {document['tools']['Git']['version']}" in message
