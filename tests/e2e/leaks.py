"""Looks for passwords in every place where they must not be in plain text."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Iterator

from tests.e2e.system import System, docker


def passwords(system: System) -> list[str]:
    """Return the generated passwords, which only the decrypted state tells."""
    state = json.loads(system.pulumi("stack", "export", "--show-secrets", kept=False).stdout)
    return [
        json.loads(resource["outputs"]["result"]["plaintext"])
        for resource in state["deployment"]["resources"]
        if resource["type"] == "random:index/randomPassword:RandomPassword"
    ]


def leaks(system: System, images: Iterable[str], wanted: Iterable[str]) -> list[str]:
    """Name the places that hold one of the wanted words in plain text."""
    words = [word.encode() for word in wanted]
    return [place for place, data in _places(system, images) if any(word in data for word in words)]


def _places(system: System, images: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    for number, text in enumerate(system.printed, 1):
        yield f"printed output {number}", text.encode()
    yield "exported state", system.pulumi("stack", "export").stdout.encode()
    yield "stack outputs", system.pulumi("stack", "output", "--json").stdout.encode()
    for file in sorted(system.folder.rglob("*")):
        if file.is_file() and not {".venv", ".git"} & set(file.parts):
            yield f"file {file.relative_to(system.folder)}", file.read_bytes()
    for container in system.containers(everything=True):
        yield f"log of {container['Name']}", docker("logs", container["Id"]).encode()
    for image in images:
        saved = subprocess.run(["docker", "save", image], capture_output=True, check=True)
        yield f"image {image}", saved.stdout
