"""Completion: its answers, and their use in real shells."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

from generator import main as cli
from generator.cli.parsers import new_parser
from generator.commands import complete
from generator.rendering.template import open_template
from generator.wizard.validation import offered
from pulumi_stacks.spec.environment import Environment
from pulumi_stacks.targets import all_names
from tests.conftest import require

ROOT = Path(__file__).resolve().parents[3]
FULL = ROOT / "examples" / "03-full" / "cn.yaml"
BASH_DIVIDERS = " \t\n\"'><=;|&(:"
RUNTIMES = set(open_template().runtimes)


@pytest.fixture(autouse=True)
def in_a_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    shutil.copy(FULL, tmp_path / "cn.yaml")
    return tmp_path


def answer(*words: str) -> list[str]:
    """Return the kind and the words for a shell."""
    lines = complete.run(["zsh", *words]).text.splitlines()
    return [line.partition("\t")[0] for line in lines]


def test_commands_come_with_what_they_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main_cn(["__complete", "zsh", "cn", "gr"]) == 0
    assert capsys.readouterr().out == "words\ngraph\tshow services, routes, calls and databases as a graph\n"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["cn", "graph", "--format", ""], ["text", "mermaid", "svg", "html"]),
        (["cn", "graph", "--format=s"], ["--format=svg"]),
        (["cn", "graph", "--around", ""], ["orders", "billing", "notes", "site"]),
        (["cn", "graph", "--around", "bi"], ["billing"]),
        (["cn", "diff", "--env", ""], ["dev", "staging"]),
        (["cn", "diff", "--env=s"], ["--env=staging"]),
        (["cn", "schema", "c"], ["context"]),
        (["cn", "schema", "context", ""], []),
        (["cn", "completion", ""], ["bash", "zsh", "fish"]),
        (["cn", "graph", "--format", "svg", "--fo"], []),
        (["cn", "graph", "--", "--fo"], []),
        (["cn-new", "x", "--ci", "g"], ["github", "gitlab"]),
        (["cn-new", "x", "--me"], ["--merge"]),
        (["cn-new", "x", "--service", "a:b", "--serv"], ["--service"]),
        (["cn-new", "x", "--env", "dev=d"], ["dev=docker"]),
        (["cn-new", "x", "--env", "dev="], ["dev=docker", "dev=kubernetes"]),
        (["cn-new", "x", "--env", "dev=docker,"], []),
        (
            ["cn-new", "--env", "p=kubernetes,"],
            ["p=kubernetes,gateway=", "p=kubernetes,domain=", "p=kubernetes,state="],
        ),
        (["cn-new", "--env", "p=kubernetes,gateway=i"], ["p=kubernetes,gateway=ingress"]),
        (
            ["cn-new", "--env", "p=kubernetes,gateway=ingress,domain=a.b,"],
            ["p=kubernetes,gateway=ingress,domain=a.b,state="],
        ),
        (["cn-new", "x", "--description", "gr"], []),
        (["cn-new", "x", "--service", "a"], []),
        (["cn-new", "x", "--service", "a:b,database=postgres,ro"], ["a:b,database=postgres,route=/"]),
        (["cn-new", "--service", "b:x", "--service", "c:x", "--service", "a:x,calls=b+"], ["a:x,calls=b+c"]),
        (["/usr/bin/cn", "sche"], ["schema"]),
    ],
)
def test_completions_at_the_cursor(words: list[str], expected: list[str]) -> None:
    assert answer(*words)[1:] == expected


def test_the_gateways_and_targets_are_those_of_the_format() -> None:
    fields = Environment.model_fields
    assert offered(fields["gateway"].annotation) == complete.GATEWAYS
    targets = [word.removeprefix("x=") for word in answer("cn-new", "--env", "x=")[1:]]
    assert targets == list(all_names())


def test_a_service_gets_the_runtimes_of_the_template() -> None:
    assert set(answer("cn-new", "x", "--service", "api:")[1:]) == {f"api:{name}" for name in RUNTIMES}


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (["cn", "graph", "--spec", ""], "files"),
        (["cn", "graph", "--spec=", ""], "words"),
        (["cn", "graph", "--spec=c"], "files"),
        (["cn-new", "x", "--into", ""], "folders"),
        (["cn-new", "x", "--service", "a:python,ca"], "open"),
        (["cn-new", "x", "--ci", ""], "words"),
    ],
)
def test_a_shell_gets_the_kind_of_the_completions(words: list[str], kind: str) -> None:
    assert answer(*words)[0] == kind


def test_services_come_from_the_file_that_the_line_names(in_a_project: Path) -> None:
    (in_a_project / "other.yaml").write_text("services: {alone: {}}\n")
    assert answer("cn", "graph", "--spec", "other.yaml", "--around", "")[1:] == ["alone"]
    assert answer("cn", "graph", "--spec=other.yaml", "--around", "")[1:] == ["alone"]


def test_environments_come_from_the_project_that_the_command_would_find(
    in_a_project: Path, monkeypatch
) -> None:
    inside = in_a_project / "services" / "orders"
    inside.mkdir(parents=True)
    monkeypatch.chdir(inside)
    assert answer("cn", "diff", "--env", "")[1:] == ["dev", "staging"]
    monkeypatch.chdir("/")
    assert answer("cn", "diff", "--env", "") == []
    assert answer("cn", "diff", "--project", str(in_a_project), "--env", "")[1:] == ["dev", "staging"]


@pytest.mark.parametrize("data", [b"services:\n  a: {}\n  b: {c: [", b"\x00\xff", b"", b"- - -", b"a: b: c"])
def test_a_broken_file_makes_no_noise(data, in_a_project, capsys) -> None:
    (in_a_project / "cn.yaml").write_bytes(data)
    assert cli.main_cn(["__complete", "zsh", "cn", "graph", "--around", ""]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    assert captured.out == ("words\na\nb\n" if data.startswith(b"services") else "words\n")


@pytest.mark.parametrize("words", [[], ["zsh"], ["zsh", "other"], ["bash"], ["bash", ""], ["zsh", "cn"]])
def test_whatever_calls_it_wrongly_gets_silence(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main_cn(["__complete", *words]) == 0
    assert capsys.readouterr().err == ""


def test_an_invalid_name_is_not_offered_because_a_shell_could_run_it() -> None:
    names = ["good", "$(touch x)", "`x`", "a; x #", "\u001b[2J", "two\nlines"]
    Path("cn.yaml").write_text(json.dumps({"services": {name: {} for name in names}}))
    assert answer("cn", "graph", "--around", "") == ["words", "good"]


def test_a_pipe_or_a_folder_in_place_of_the_file_does_not_stop_the_terminal(in_a_project: Path) -> None:
    (in_a_project / "cn.yaml").unlink()
    os.mkfifo("cn.yaml")
    assert answer("cn", "graph", "--around", "") == ["words"]
    assert answer("cn", "graph", "--spec", ".", "--around", "") == ["words"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("cn gr", ["graph"]),
        ("cn graph --around ", ["orders", "billing", "notes", "site"]),
        ("cn graph --around 'or", ["orders"]),
        ("cn-new x --service 'a b' --ci=git", ["github", "gitlab"]),
        ("cn-new x --env dev=", ["docker", "kubernetes"]),
        ("X=1 cn sch", ["schema"]),
    ],
)
def test_bash_gives_a_line_and_gets_what_comes_after_its_dividers(line: str, expected: list[str]) -> None:
    lines = complete.run(["bash", line, BASH_DIVIDERS]).text.splitlines()
    assert [found.partition("\t")[0] for found in lines[1:]] == expected


def test_bash_without_its_usual_dividers_gets_whole_words() -> None:
    assert complete.run(["bash", "cn graph --format=s", " "]).text == "words\n--format=svg"


def test_every_option_of_every_command_is_offered() -> None:
    texts: dict[tuple[str, ...], str] = {("cn-new",): new_parser().format_help()}
    texts |= {("cn", name): help_of(name) for name in answer("cn", "")[1:]}
    for words, text in texts.items():
        options = set(re.findall(r"^  (?:-\w, )?(--[a-z-]+)", text, re.MULTILINE))
        assert set(answer(*words, "--")[1:]) == options


def help_of(command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", "from generator.main import main_cn; main_cn()", command, "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_an_answer_imports_neither_the_model_nor_the_renderer() -> None:
    program = (
        "import sys; from generator.main import main_cn; "
        "main_cn(['__complete', 'zsh', 'cn', 'graph', '--around', '']); print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert "orders" in done.stdout
    assert {"pydantic", "jinja2", "prompt_toolkit", "pathspec"} & set(done.stdout.split()) == set()


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """Return a folder with `cn` and `cn-new` in it, to be put on the path of a shell."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, function in (("cn", "main_cn"), ("cn-new", "main_new")):
        program = folder / name
        program.write_text(
            f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(ROOT)!r})\n"
            f"from generator.main import {function}\nsys.exit({function}())\n"
        )
        program.chmod(0o755)
    return folder


def environment(programs: Path, home: Path) -> dict[str, str]:
    path = f"{programs}:{os.environ['PATH']}"
    return {"PATH": path, "HOME": str(home), "TERM": "dumb", "LC_ALL": "C.UTF-8", "INPUTRC": "/dev/null"}


LINES = [
    ("cn gra", "cn graph "),
    ("cn graph --around bil", "cn graph --around billing "),
    ("cn graph --format=sv", "cn graph --format=svg "),
    ("cn-new x --ci gith", "cn-new x --ci github "),
    ("cn-new x --service api:pyt", "cn-new x --service api:python "),
    ("cn-new x --env dev=doc", "cn-new x --env dev=docker "),
    ("cn-new x --env p=kubernetes,gat", "cn-new x --env p=kubernetes,gateway="),
    ("cn-new x --service api:python,rou", "cn-new x --service api:python,route=/"),
    ("cn graph --spec cn.ya", "cn graph --spec cn.yaml "),
    ("cn graph --spec=cn.ya", "cn graph --spec=cn.yaml "),
]


def type_into(command: list[str], start: str, env: dict[str, str]) -> None:
    """Type the beginning of each line and TAB in a shell, then let it echo the line."""
    shell = pexpect.spawn(
        command[0], command[1:], env=env, encoding="utf-8", timeout=30, dimensions=(40, 200)
    )
    shell.sendline(f"{start}; PS1='READY''> '")
    shell.expect("READY> ")
    for line, completed in LINES:
        shell.send(line)
        shell.expect(re.escape(line))
        shell.send("\t")
        shell.expect(re.escape(completed.removeprefix(line)))
        shell.sendcontrol("a")
        shell.send("echo \r")
        shell.expect(f"\n{re.escape(completed.strip())}\r\n")
        shell.expect("READY> ")
    shell.close(force=True)


def test_bash_completes(programs: Path, tmp_path: Path) -> None:
    require("bash")
    command = ["bash", "--norc", "--noprofile"]
    type_into(command, 'eval "$(cn completion bash)"', environment(programs, tmp_path))


def test_zsh_completes(programs: Path, tmp_path: Path) -> None:
    require("zsh")
    start = "unsetopt zle_bracketed_paste; autoload -Uz compinit; compinit -u; source <(cn completion zsh)"
    type_into(["zsh", "-f", "-i"], start, environment(programs, tmp_path))


def test_fish_completes(programs: Path, tmp_path: Path) -> None:
    require("fish")
    script = 'cn completion fish | source; for line in $argv; complete -C "$line"; echo; end'
    done = subprocess.run(
        ["fish", "--no-config", "-c", script, *(line for line, _ in LINES)],
        env=environment(programs, tmp_path),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stderr == ""
    found = [answered.partition("\t")[0] for answered in done.stdout.splitlines() if answered]
    assert found == [completed.rstrip().rpartition(" ")[2] for _, completed in LINES]
