"""The defaults of copier.yml and the lists of stack sources, written from what they repeat."""

import re
from pathlib import Path
from typing import Any

from generator.rendering.yaml_text import dump
from pulumi_stacks import targets
from pulumi_stacks.system import load, resolve

ROOT = Path(__file__).resolve().parents[1]


def hello() -> dict[str, Any]:
    """Return the context of the first example."""
    return resolve(load((ROOT / "examples/01-hello/cn.yaml").read_bytes())).answers()


def stack_sources() -> dict[str, Any]:
    """Return the sources of pulumi_stacks, by what needs them."""
    folder = ROOT / "pulumi_stacks"
    found = [path for pattern in ("*.py", "*.sh") for path in folder.rglob(pattern)]
    sources = sorted(path.relative_to(folder).as_posix() for path in found)
    of_targets = {
        target: [source for source in sources if re.match(f"targets/{target}/(?!rules/|__init__.py)", source)]
        for target in targets.names()
    }
    common = set(sources).difference(*of_targets.values())
    return {"common": sorted(common), "targets": of_targets}


def write(text: str) -> str:
    """Return copier.yml with the defaults of today."""
    for name, value in {**hello(), "stack_sources": stack_sources()}.items():
        text = _replace(text, name, value)
    return text


def _replace(text: str, name: str, value: object) -> str:
    default = "".join(f"  {line}".rstrip(" ") for line in dump({"default": value}).splitlines(keepends=True))
    pattern = rf"^({name}:\n(?:  (?:when|type|help): .*\n)+)  default:[\s\S]*?(?=^\S|\Z)"
    question = re.compile(pattern, re.MULTILINE)
    written, count = question.subn(lambda found: f"{found[1]}{default}\n", text)
    if count != 1:
        raise AssertionError(f"copier.yml has no question {name}")
    return written.rstrip("\n") + "\n"
