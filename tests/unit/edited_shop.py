"""A project that people edit, and what `cn plan` says of it."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from generator import main as cli
from generator.repository import plan_document
from generator.result import BAD_INPUT, DIFFERENT

SPEC = """\
name: shop
services:
  orders:
    runtime: dockerfile
    route: /orders
  old:
    runtime: dockerfile
    route: /old
"""


def plan(capsys: pytest.CaptureFixture[str], *words: str, code: int) -> str:
    found = state(Path())
    assert cli.main_cn(["plan", *words]) == code
    assert state(Path()) == found, "nothing is written"
    message = capsys.readouterr()
    assert message.err == ""
    return message.out


def document(capsys: pytest.CaptureFixture[str], *words: str, code: int = DIFFERENT) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(plan(capsys, "--json", *words, code=code))
    jsonschema.validate(found, plan_document.schema())
    return found


def state(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path): (path.lstat().st_mode, path.read_bytes() if path.is_file() else b"")
        for path in folder.rglob("*")
    }


def kinds(found: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {change["path"]: (change["kind"], change["reason"]) for change in found["changes"]}


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert cli.main_cn(["plan", *words]) == BAD_INPUT
    message = capsys.readouterr()
    assert message.out == ""
    assert "Traceback" not in message.err
    return message.err


def respec(old: str, new: str) -> None:
    text = Path("cn.yaml").read_text()
    assert old in text
    Path("cn.yaml").write_text(text.replace(old, new))


def edit(shop: Path) -> None:
    """Let a user do a little of everything, and cn.yaml ask for something else."""
    respec("  old:\n    runtime: dockerfile\n    route: /old\n", "  fresh:\n    runtime: dockerfile\n")
    respec("route: /orders", "route: /bestellungen")
    with (shop / "compose.yaml").open("a") as compose:
        compose.write("# mine\n")
    (shop / "README.md").unlink()
    (shop / "services/orders/Caddyfile").write_text("mine\n")
    (shop / "services/orders/notes.txt").write_text("mine\n")
    (shop / "services/old/Caddyfile").write_text("mine\n")
    (shop / "services/old/notes.txt").write_text("mine\n")
    (shop / "services/fresh").mkdir()
    (shop / "services/fresh/Dockerfile").write_text("FROM scratch\n")
    (shop / "notes.txt").write_text("mine\n")
