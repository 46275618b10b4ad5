"""What holds of the repository of every spec."""

import hashlib
import json
import os
import re
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import Phase, assume, example, given, settings
from hypothesis import strategies as st

from generator.rendering import file_tree
from generator.rendering.file_tree import Tree
from generator.rendering.renderer import ANSWERS_FILE, render
from generator.rendering.template import open_template
from generator.rendering.yaml_text import dump
from pulumi_stacks.context.model import Context
from pulumi_stacks.system import load, resolve
from tests import quick_yaml
from tests.examples import examples
from tests.property.parsers import parse
from tests.property.specs import AWKWARD, NAMES, ROOT, fitting, services, specs

TEMPLATE = open_template()
# A second one, compiled again.
AGAIN = open_template(ROOT)
# A rendering takes long enough for shrinking to take minutes, and these specs are small already.
SOME = settings(max_examples=examples(40), phases=(Phase.explicit, Phase.generate))
# Files of all services, printed by looping over them or over their runtimes.
LOOPED = {
    *(
        "cn.yaml",
        ANSWERS_FILE,
        "README.md",
        "SECURITY.md",
        "compose.yaml",
        "infra/gateway/Caddyfile",
        "catalog-info.yaml",
        "renovate.json",
    ),
    *(
        ".editorconfig",
        ".gitignore",
        ".gitattributes",
        ".devcontainer/devcontainer.json",
        ".vscode/extensions.json",
        ".vscode/settings.json",
    ),
}
MARKS = ("{{", "{%", "{#")


def context_of(spec: dict[str, Any]) -> Context:
    return resolve(load(json.dumps(spec, ensure_ascii=False).encode()))


def rendered(spec: dict[str, Any]) -> Tree:
    return render(TEMPLATE, context_of(spec).answers())


@SOME
@given(specs())
@example(AWKWARD)
def test_every_file_parses_and_every_path_is_legal(spec: dict[str, Any]) -> None:
    files = rendered(spec)
    file_tree.check(files)
    parse(files)
    assert [path for path, file in files.items() if b"\r" in file.data] == []


@SOME
@given(specs())
def test_nothing_of_the_template_is_left(spec: dict[str, Any]) -> None:
    own = json.dumps(spec)
    assume(not any(mark in own for mark in MARKS))
    for path, file in rendered(spec).items():
        # GitHub's own expressions look alike.
        text = (
            re.sub(r"\$\{\{.*?\}\}", "", file.data.decode())
            if path.startswith(".github/")
            else file.data.decode()
        )
        assert not [mark for mark in MARKS if mark in text], path


@SOME
@given(specs())
@example(AWKWARD)
def test_every_text_is_tidy(spec: dict[str, Any]) -> None:
    for path, file in rendered(spec).items():
        text = file.data.decode()
        assert not re.search(r"[ \t]$", text, re.MULTILINE), path
        assert "\n\n\n\n" not in text, path
        assert path.endswith((".py", ".mako")) or "\n\n\n" not in text, path
        assert not text or (text[0] != "\n" and text[-1] == "\n" and text[-2:] != "\n\n"), path


@SOME
@given(specs())
@example(AWKWARD)
def test_the_printed_spec_and_answers_read_back(spec: dict[str, Any]) -> None:
    context = context_of(spec)
    files = rendered(spec)
    assert resolve(load(files["cn.yaml"].data)) == context
    assert quick_yaml.load(files[ANSWERS_FILE].data) == context.answers()
    assert quick_yaml.load(dump(context.answers())) == context.answers()


@SOME
@given(specs())
def test_the_same_answers_give_the_same_tree(spec: dict[str, Any]) -> None:
    assert rendered(spec) == render(AGAIN, context_of(spec).answers())


@SOME
@given(specs(), NAMES, st.booleans())
def test_a_new_service_leaves_the_folders_of_the_others_alone(
    spec: dict[str, Any], name: str, database: bool
) -> None:
    assume(name.replace("-", "_") not in {known.replace("-", "_") for known in spec["services"]})
    entry = {"runtime": "python", **({"database": "postgres"} if database else {})}
    before, after = rendered(spec), rendered(fitting({**spec, "services": {**spec["services"], name: entry}}))
    assert before.keys() <= after.keys()
    assert all(path.startswith(f"services/{name}/") for path in after.keys() - before.keys())
    changed = {path for path in before if before[path] != after[path]}
    assert not [path for path in changed if re.match("services/|infra/(pulumi_stacks/|__main__)", path)]


@SOME
@given(specs(), st.data())
def test_a_changed_service_touches_its_own_folder_and_what_loops_over_services(
    spec: dict[str, Any], data: st.DataObject
) -> None:
    names = list(spec["services"])
    name = data.draw(st.sampled_from(names))
    later, environments = names[names.index(name) + 1 :], list(spec["environments"])
    entry = data.draw(services(name, later, environments))
    changed = fitting({**spec, "services": {**spec["services"], name: entry}})
    before, after = rendered(spec), rendered(changed)
    touched = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    others = {path for path in touched if not path.startswith(f"services/{name}/")}
    # Its callers name its address.
    callers = {
        f"services/{other}/README.md" for other in names if name in spec["services"][other].get("calls", ())
    }
    assert others - LOOPED - callers == set(), "one service changes files that are not those of all services"
    assert {"cn.yaml", ANSWERS_FILE} <= others or context_of(spec) == context_of(changed)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("a.yaml", "a: [b"),
        ("a.toml", "a = "),
        ("a.json", "{'a': 1}"),
        ("a.py", "def f(:\n"),
        ("a.ts", "const a: = 1;\n"),
        ("a.ts", "function f() {\n"),
        ("a.js", 'const a = "b;\n'),
        ("a.go", "package a\n\nfunc f() {\n"),
        ("a.go", "package a\n\nvar a = `b\n"),
        ("a/go.mod", "module a b\n"),
        ("a/go.sum", "example.com/a v1.0.0 h1:short=\n"),
        ("a.sql", "CREATE TABLE (;\n"),
        ("a.sh", "if true\n"),
        ("Dockerfile", "FORM scratch\n"),
        ("Dockerfile", "ENV A b\n"),
        ("Dockerfile", 'FROM scratch\nCMD ["a", b]\n'),
        ("Dockerfile", 'FROM scratch\nLABEL a="b\n'),
        ("Makefile", "help:\n    @echo spaces\n"),
        ("Makefile", "help:\n\t@echo $(NOWHERE)\n"),
        ("a.md", "# A\n\n```sh\nls\n"),
        ("a.md", "# A\n\n| a | b |\n| --- | --- |\n| c |\n"),
        ("a.md", "# A\n\n[b](c/d.md)\n"),
        (".editorconfig", "[*]\na = 1\na = 2\n"),
        ("a.unknown", ""),
    ],
)
def test_a_file_that_does_not_parse_is_named(kind: str, text: str) -> None:
    with pytest.raises(AssertionError, match=re.escape(kind)):
        parse({kind: file_tree.File(file_tree.REGULAR, text.encode())})


@pytest.mark.parametrize(
    ("seed", "umask", "locale"), [("0", "022", "C"), ("1", "077", "C.UTF-8"), ("random", "000", "POSIX")]
)
def test_no_environment_changes_a_byte(seed: str, umask: str, locale: str) -> None:
    program = (
        "import pathlib, sys\n"
        "from generator.rendering.file_tree import digest\n"
        "from generator.rendering.renderer import render\n"
        "from generator.rendering.template import open_template\n"
        "from pulumi_stacks.system import resolve\n"
        "from pulumi_stacks.system import load\n"
        "answers = resolve(load(pathlib.Path(sys.argv[1]).read_bytes())).answers()\n"
        "print(digest(render(open_template(), answers)))\n"
    )
    spec = ROOT / "examples/02-shop/cn.yaml"
    done = subprocess.run(
        ["sh", "-c", f'umask {umask}; exec "$0" "$@"', sys.executable, "-c", program, str(spec)],
        env={"PATH": os.environ["PATH"], "PYTHONHASHSEED": seed, "LC_ALL": locale, "PYTHONUTF8": "0"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    answers = resolve(load(spec.read_bytes())).answers()
    assert done.stdout.strip() == file_tree.digest(render(open_template(), answers))


def test_the_digest_of_a_tree_is_what_its_description_says() -> None:
    files = {"b": file_tree.File(0o755, b"x"), "a": file_tree.File(0o644, b"")}
    lines = [f"644 {hashlib.sha256(b'').hexdigest()} a\0", f"755 {hashlib.sha256(b'x').hexdigest()} b\0"]
    assert file_tree.digest(files) == "sha256:" + hashlib.sha256("".join(lines).encode()).hexdigest()
