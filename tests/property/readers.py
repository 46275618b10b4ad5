"""What the files of a generated repository say of a spec's texts, read by a parser of each language."""

import ast
import json
import re
import shlex
import subprocess
import tomllib
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

SAFE_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
OCI = "org.opencontainers.image."

Reader = Callable[[str], Any]


def docker_value(word: str) -> str:
    """Read one double-quoted word as the Dockerfile parser does: no variable may be left to expand."""
    assert (word[0], word[-1]) == ('"', '"')
    read, rest = "", word[1:-1]
    while rest:
        if rest[0] == "\\" and rest[1:2] in ('"', "$", "\\"):
            read, rest = read + rest[1], rest[2:]
        else:
            assert rest[0] not in '"$'
            read, rest = read + rest[0], rest[1:]
    return read


def plain(tokens: Iterable[Token]) -> str:
    """Return inline Markdown that has to be text and nothing else."""
    assert {token.type for token in tokens} <= {"text", "text_special"}, tokens
    return "".join(token.content for token in tokens)


def cells(text: str) -> list[list[list[Token]]]:
    """Return the rows of all tables."""
    rows: list[list[list[Token]]] = []
    tokens = MARKDOWN.parse(text)
    for token, after in pairwise(tokens):
        if token.type == "tr_open":
            rows.append([])
        elif token.type in {"td_open", "th_open"}:
            rows[-1].append(after.children or [])
    return rows


def _documents(text: str) -> list[Any]:
    return list(yaml.load_all(text, Loader=SAFE_LOADER))


def _first_paragraph(text: str) -> str:
    """Return what stands below the title, before the sentence that begins with a link to cn.yaml."""
    inlines = [token.children or [] for token in MARKDOWN.parse(text) if token.type == "inline"]
    return "" if inlines[1][0].type == "link_open" else plain(inlines[1])


def _set_by_the_spec(text: str) -> dict[str, str]:
    found = {}
    for name, *_, meaning in cells(text):
        words = (part.content for part in meaning)
        said = re.fullmatch(r"(?s)set to (.*) by the spec", "".join(words))
        if said:
            assert plain(meaning)
            found[name[0].content] = said[1]
    return found


def _made_from(text: str) -> dict[str, str]:
    """Return the ready images in the table of services."""
    rows = [row for row in cells(text) if len(row) > 1 and row[1] and row[1][0].content == "the image "]
    return {row[0][0].content: row[1][1].content for row in rows}


def _label(name: str) -> Reader:
    def read(text: str) -> str:
        found = re.search(rf"(?m)[ ]{re.escape(OCI + name)}=(.*) \\$", text)
        return docker_value(found[1]) if found else ""

    return read


def _compose(field: str) -> Reader:
    def read(text: str) -> dict[str, Any]:
        services = _documents(text)[0]["services"].items()
        return {name: _once(service[field]) for name, service in services if field in service}

    return read


def _once(value: Any) -> Any:
    """Read a value of compose.yaml as Compose does: `$$` is one `$`; a single `$` is not from a spec."""
    if isinstance(value, str):
        return None if "$" in value.replace("$$", "") else value.replace("$$", "$")
    if isinstance(value, dict):
        return {name: _once(item) for name, item in value.items()}
    return [_once(item) for item in value]


def _environment_of_make_run(text: str) -> dict[str, str]:
    """Let make print what it would run, and let a shell run that with another `docker`."""
    command = ["make", "--dry-run", "--always-make", "--no-print-directory", "--file=-", "--assume-old=image"]
    done = subprocess.run([*command, "run"], input=text, capture_output=True, text=True, check=True)
    script = f"docker() {{ printf '%s\\0' \"$@\"; }}\n{done.stdout}"
    ran = subprocess.run(["sh"], input=script, capture_output=True, text=True, check=True)
    words = ran.stdout.split("\0")
    pairs = [after.split("=", 1) for word, after in pairwise(words[words.index("run") :]) if word == "--env"]
    return {name: value for name, value in pairs if name not in {"PORT", "SERVICE_NAME"}}


def _built(text: str) -> str:
    """Return the first part of the name that ci/image.sh gives an image."""
    return shlex.split(text.splitlines()[-1])[3].rpartition("/")[0]


def _said(pattern: str) -> Reader:
    """Return a word of a sentence as a reader of Markdown sees it."""

    def read(text: str) -> str:
        inlines = [token.children or [] for token in MARKDOWN.parse(text) if token.type == "inline"]
        seen = " ".join(
            part.content or " " * (part.type == "softbreak") for inline in inlines for part in inline
        )
        found = re.search(pattern, re.sub(" +", " ", seen))
        return found[1] if found else ""

    return read


def _spec(field: str) -> Reader:
    return lambda text: _documents(text)[0].get(field, "")


def _per_service(field: str) -> Reader:
    """Read a field of each service, in cn.yaml and in the answers."""

    def read(text: str) -> dict[str, Any]:
        services = _documents(text)[0]["services"]
        named = services.items() if isinstance(services, dict) else ((one["name"], one) for one in services)
        return {name: service[field] for name, service in named if service.get(field)}

    return read


def _name_in_module(text: str) -> str:
    found = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Assign)]
    return next(ast.literal_eval(node.value) for node in found if ast.unparse(node.targets[0]) == "NAME")


# Which file shows which text of a spec, and how it is read there.
READERS: dict[str, dict[str, Reader]] = {
    "description": {
        "cn.yaml": _spec("description"),
        ".copier-answers.yml": _spec("description"),
        "README.md": _first_paragraph,
        "catalog-info.yaml": lambda text: _documents(text)[0]["metadata"].get("description", ""),
        "infra/Pulumi.yaml": _spec("description"),
        "services/*/Dockerfile": _label("description"),
    },
    "owner": {
        "cn.yaml": _spec("owner"),
        ".copier-answers.yml": _spec("owner"),
        "CODEOWNERS": lambda text: text.splitlines()[-1].partition(" ")[2],
        "README.md": _said(r"(\S+) owns this repository"),
        "SECURITY.md": _said(r"directly to (\S+?)\.? "),
        "services/*/Dockerfile": _label("vendor"),
    },
    "registry": {
        "cn.yaml": _spec("registry"),
        "ci/image.sh": _built,
    },
    "image": {
        "cn.yaml": _per_service("image"),
        ".copier-answers.yml": _per_service("image"),
        "README.md": _made_from,
        "compose.yaml": _compose("image"),
    },
    "command": {
        "cn.yaml": _per_service("command"),
        ".copier-answers.yml": _per_service("command"),
        "compose.yaml": _compose("command"),
    },
    "config": {
        "cn.yaml": _per_service("config"),
        ".copier-answers.yml": _per_service("config"),
        "compose.yaml": _compose("environment"),
        "services/*/README.md": _set_by_the_spec,
        "services/*/Makefile": _environment_of_make_run,
    },
    "name": {
        "services/*/go.mod": lambda text: text.split()[1].partition(".")[0],
        "services/*/pyproject.toml": lambda text: tomllib.loads(text)["project"]["name"],
        "services/*/package.json": lambda text: json.loads(text)["name"],
        "services/*/package-lock.json": lambda text: json.loads(text)["name"],
        "services/*/openapi.json": lambda text: json.loads(text)["info"]["title"],
        "services/*/app/__init__.py": _name_in_module,
    },
}
