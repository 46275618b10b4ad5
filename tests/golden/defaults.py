"""The defaults of copier.yml and the lists of stack sources, written from what they repeat."""

import re
from pathlib import Path
from typing import Any

from generator.yamltext import dump
from pulumi_stacks.context import resolve
from pulumi_stacks.load import load

ROOT = Path(__file__).resolve().parents[2]


def hello() -> dict[str, Any]:
    """Return the context of the first example."""
    return resolve(load((ROOT / "examples/01-hello/cn.yaml").read_bytes())).answers()


def stack_sources() -> dict[str, Any]:
    """Return the sources of pulumi_stacks, by what needs them."""
    folder = ROOT / "pulumi_stacks"
    sources = ("*.py", "*.sh")
    targets = {path.name for path in folder.iterdir() if path.is_dir() and path.name != "__pycache__"}
    return {
        "common": sorted(path.name for pattern in sources for path in folder.glob(pattern)),
        "targets": {
            target: sorted(path.relative_to(folder).as_posix() for path in (folder / target).rglob("*.py"))
            for target in sorted(targets)
        },
    }


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
