"""Tables of Markdown from JSON schemas: the fields of a model, their values, defaults and examples."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from pulumi_stacks.spec import patterns
from pulumi_stacks.system import spec_schema

Schema = Mapping[str, Any]
NOTHING = "\N{EN DASH}"
_PLAIN = {"string": "text", "integer": "whole number", "number": "number", "boolean": "`true` or `false`"}


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table of Markdown; a `|` in a cell is escaped."""
    titles = list(head)
    lines = [" | ".join(cell.replace("|", "\\|") for cell in line) for line in (titles, *rows)]
    return "".join(
        f"{line}\n"
        for line in (f"| {lines[0]} |", "|---" * len(titles) + "|", *(f"| {x} |" for x in lines[1:]))
    )


def spec_fields(model: str) -> str:
    """Return the table of a model's fields; `Service: port ready` are those two alone."""
    name, _, wanted = model.partition(": ")
    schema = spec_schema()
    of = schema if name == "Spec" else schema["$defs"][name]
    chosen = wanted.removeprefix("not ").split()
    rows = [
        (
            f"`{field}`",
            value(entry),
            _default(entry, field in of.get("required", ())),
            entry["description"],
            examples(entry),
        )
        for field, entry in of["properties"].items()
        if not wanted or (field in chosen) != wanted.startswith("not ")
    ]
    return table(("field", "value", "default", "description", "example"), rows)


def value(entry: Schema) -> str:
    """Describe the values that a field takes."""
    kinds = [choice for choice in entry.get("anyOf", ()) if choice.get("type") != "null"]
    if kinds:
        return " or ".join(map(value, kinds))
    if "$ref" in entry:
        words = heading(entry["$ref"].rpartition("/")[2])
        return f"[{words}](#{words.replace(' ', '-')})"
    if "enum" in entry or "const" in entry:
        return _listed(entry.get("enum", [entry.get("const")]))
    if "patternErrorMessage" in entry:
        return str(entry["patternErrorMessage"])
    if entry["type"] == "array":
        return f"list; each {value(entry['items'])}"
    if entry["type"] == "object":
        return _mapping(entry)
    return _plain(entry)


def heading(model: str) -> str:
    """Return the name of a model as in its heading."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", model).lower()


def _plain(entry: Schema) -> str:
    words = _PLAIN[entry["type"]]
    if "minimum" in entry:
        words += f" from {entry['minimum']} to {entry['maximum']}"
    return words + (f" of at most {entry['maxLength']} characters" if "maxLength" in entry else "")


def _mapping(entry: Schema) -> str:
    """Describe a mapping; the schema has the pattern of its keys, or none."""
    any_name = entry.get("additionalProperties")
    ((pattern, of),) = ({"": any_name} if any_name else entry["patternProperties"]).items()
    key = "variable (letters, digits, _, -, ., : and /)" if pattern == patterns.VARIABLE_PATTERN else "name"
    return f"mapping; each {key} to {value(of)}"


def _listed(values: Iterable[Any]) -> str:
    words = [f"`{json.dumps(item) if not isinstance(item, str) else item}`" for item in values]
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _default(entry: Schema, required: bool) -> str:
    if required:
        return "required"
    default = _set_only(entry.get("default"))
    if default in (None, "", [], {}) or (isinstance(default, dict) and not any(default.values())):
        return NOTHING
    return f"`{_flow(default)}`"


def _set_only(item: Any) -> Any:
    """Remove unset fields from a default."""
    if not isinstance(item, dict):
        return item
    return {key: _set_only(value) for key, value in item.items() if value is not None}


def examples(entry: Schema) -> str:
    """Return the examples of a field, each as YAML in one line."""
    found = [entry] if entry.get("examples") else entry.get("anyOf", ())
    return " ".join(f"`{_flow(shown)}`" for of in found for shown in of.get("examples", ()))


def _flow(item: Any) -> str:
    """Format a value as YAML in one line."""
    dumped = yaml.safe_dump(item, default_flow_style=True, width=10**9, sort_keys=False)
    return dumped.removesuffix("\n").removesuffix("\n...")
