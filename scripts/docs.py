"""Writes into docs/ what the code says: each part between `<!-- part: NAME -->` and `<!-- end -->`."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from generator.rendering import template
from generator.repository import plan_document, three_way
from pulumi_stacks.context import resolve as context
from pulumi_stacks.diff import run as diff
from pulumi_stacks.spec import model as spec
from pulumi_stacks.spec import patterns
from pulumi_stacks.spec.loader import SpecError
from pulumi_stacks.system import load
from scripts import package_graph, shown
from scripts.schema_tables import NOTHING, Schema, heading, spec_fields, table, value

ROOT = Path(__file__).resolve().parents[1]
CONTRIBUTING = ROOT / "CONTRIBUTING.md"
PART = re.compile(r"(<!-- part: ([^\n]+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)

# Files as people write them, for the faults that the loader finds in them.
FAULTY = (
    "name: shop\nservices:\n  api: {runtme: python}\n",
    "name: shop\nservices:\n  api: {runtime: pyton}\n",
    "name: Shop\nservices:\n  api: {runtime: python, route: orders}\n",
    "name: shop\nservices:\n  api: {runtime: python, calls: [billin]}\n  billing: {runtime: python}\n",
    "name: shop\nservices:\n  a: {runtime: python, route: /a}\n  b: {runtime: python, route: /a}\n",
    "name: shop\nservices:\n  api: {runtime: python, config: {VERSION: 1.10}}\n",
    "name: shop\nservices:\n  api: {runtime: python, config: {API_TOKEN: abc}}\n",
    "name: shop\nservices:\n  api: {runtime: python, port: 9000}\n",
    "name: shop\nservices:\n  api: {runtime: python, cache: valkey}\n",
    "name: shop\nservices:\n  api: {runtime: python}\n  api: {runtime: python}\n",
    "name: web\nenvironments: {prod: {target: kubernetes, gateway: ingress}}\nservices: {a: {runtime: go}}\n",
    "name: shop\nenvironments: {dev: {target: docker, domain: shop.io}}\nservices: {a: {runtime: go}}\n",
    "name: shop\nservices:\n  a: {runtime: go, scale: {min: 3, max: 2}, egress: [203.0.113.7]}\n",
)


def main() -> None:
    """Update all documents."""
    for path in (*documents(), CONTRIBUTING):
        path.write_text(written(path.read_text()))


def documents() -> list[Path]:
    """Return the documents, in the order of their names."""
    return sorted((ROOT / "docs").glob("*.md"))


def written(document: str) -> str:
    """Return a document with all of its parts up to date."""
    return PART.sub(lambda found: f"{found[1]}\n{part(found[2])}\n{found[4]}", document)


def part(name: str) -> str:
    """Return one part; a name is a kind and its subject."""
    word, _, subject = name.partition(" ")
    parts: dict[str, Callable[[str], str]] = {
        "packages": package_graph.flowchart,
        "fields": spec_fields,
        "context": lambda model: _document_fields(context.schema(), "Context", model),
        "plan": lambda model: _document_fields(plan_document.schema(), "Plan", model),
        "diff": lambda model: _document_fields(diff.schema(), "Diff", model),
        "shown": shown.part,
        "reasons": _reasons,
        "example": _example,
        "choices": _choices,
        "planned": _planned,
        "reserved": _reserved,
        "faults": _faults,
        "subset": _subset,
        "hidden": _hidden,
        "runtimes": _runtimes,
        "macros": _macros,
        "conformance": _conformance,
        "figures": _figures,
    }
    return parts[word](subject).strip("\n") + "\n"


def _example(which: str) -> str:
    """Return the first or the last example; the last one is the largest."""
    found = sorted((ROOT / "examples").glob("*/cn.yaml"))
    return f"```yaml\n{found[0 if which == 'first' else -1].read_text()}```"


def _choices(_: str) -> str:
    entries = template.open_template().runtimes.items()
    return table(("runtime", "description"), [(f"`{name}`", entry["title"]) for name, entry in entries])


def _planned(_: str) -> str:
    rows = [
        (heading(model), ", ".join(f"`{field}`" for field in sorted(fields)))
        for model, fields in spec.PLANNED.items()
    ]
    return table(("part of the file", "fields"), rows)


def _reserved(kind: str) -> str:
    words = {"names": patterns.RESERVED_NAMES, "variables": patterns.RESERVED_VARIABLES}[kind]
    return textwrap.fill(" ".join(f"`{word}`" for word in sorted(words)), 120, break_on_hyphens=False)


def _faults(_: str) -> str:
    runtimes = template.open_template().runtimes
    return "\n".join(f"```yaml\n{data}```\n\n```text\n{fault(data, runtimes)}\n```\n" for data in FAULTY)


def fault(data: str, runtimes: Iterable[str]) -> str:
    """Return the message of the loader for a faulty file."""
    try:
        load(data.encode(), "cn.yaml", tuple(runtimes))
    except SpecError as error:
        return str(error)
    raise AssertionError(f"has no fault:\n{data}")


def _document_fields(schema: Schema, whole: str, model: str) -> str:
    of = schema if model == whole else schema["$defs"][model]
    rows = [
        (f"`{name}`", value(entry), entry.get("description", "")) for name, entry in of["properties"].items()
    ]
    return table(("key", "value", "description"), rows)


def _reasons(_: str) -> str:
    rows = [(f"`{reason}`", text) for reason, text in three_way.REASONS.items()]
    return table(("reason", "message"), rows)


def _subset(_: str) -> str:
    allowed = {
        "settings": template.SETTINGS,
        "keys of a question": template.QUESTION_KEYS,
        "types of a question": template.TYPES,
        "folders that files may include from": template.INCLUDED_FOLDERS,
    }
    rows = [(what, ", ".join(f"`{word}`" for word in sorted(words))) for what, words in allowed.items()]
    return table(("of `copier.yml`", "allowed"), rows)


def _hidden(_: str) -> str:
    names = [question.name for question in template.open_template().questions if question.hidden]
    return table(("question", "description"), [(f"`{name}`", _comment(name, "")) for name in names])


def _runtimes(_: str) -> str:
    entries = template.open_template().runtimes.values()
    keys = dict.fromkeys(key for entry in entries for key in entry)
    needed = {key: "yes" if all(key in entry for entry in entries) else "no" for key in keys}
    return table(
        ("key", "required", "description"),
        [(f"`{key}`", needed[key], _comment(key, "      ")) for key in keys],
    )


def _recorded() -> dict[str, dict[str, dict[str, Any]]]:
    """Return the recorded results of each runtime from docs/runtimes.json, in the order of the template."""
    path = ROOT / "docs" / "runtimes.json"
    record = json.loads(path.read_text()) if path.exists() else {}
    return {name: record[name] for name in template.open_template().runtimes if name in record}


def _conformance(_: str) -> str:
    """Return promise by runtime: how many tests proved it."""
    found = _recorded()
    rows = re.findall(
        r"^\| `([a-z-]+)` \| .+ \| .*\|$", (ROOT / "docs" / "contract.md").read_text(), re.MULTILINE
    )
    promises = [row for row in rows if any(row in one["promises"] for one in found.values())]
    cells = [
        [f"✓ {one['promises'][row]}" if row in one["promises"] else "✗" for one in found.values()]
        for row in promises
    ]
    head = ("promise", *found)
    return table(
        head, [(f"[`{row}`](contract.md)", *line) for row, line in zip(promises, cells, strict=True)]
    )


def _figures(_: str) -> str:
    """Return figure by runtime."""
    found = {name: {**_images(one["image"]), **one.get("figures", {})} for name, one in _recorded().items()}
    names = dict.fromkeys(figure for one in found.values() for figure in one)
    rows = [(figure, *(str(one.get(figure, NOTHING)) for one in found.values())) for figure in names]
    return table(("", *found), rows)


def _images(sizes: Mapping[str, Any]) -> dict[str, Any]:
    return {f"image, MB {what}": size for what, size in sizes.items()}


def _comment(key: str, margin: str) -> str:
    """Return the comment before the first key of that name and margin in copier.yml."""
    source = (ROOT / template.CONFIG).read_text()
    found = re.search(rf"((?:^{margin}# .*\n)+)^{margin}{key}:", source, re.MULTILINE)
    if found is None:
        raise SystemExit(f"{template.CONFIG}: {key}: has no comment for docs/templates.md (write one)")
    return " ".join(line.strip().removeprefix("# ") for line in found[1].splitlines())


def _macros(_: str) -> str:
    source = (ROOT / "templates" / "macros.jinja").read_text()
    pattern = r"\{#- ((?:(?!-#\}).)*) -#\}\n\{%- macro ([a-z]\w*)\((.*?)\) -%\}"
    rows = [
        (f"`{name}({arguments})`", " ".join(comment.split()))
        for comment, name, arguments in re.findall(pattern, source, re.DOTALL)
    ]
    return table(("macro", "output"), rows)


if __name__ == "__main__":
    main()
