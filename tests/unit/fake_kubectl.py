"""A `kubectl` that answers from a file, first on the path: what it was asked is written down."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

PROGRAM = """\
#!{python} -IS
import json, sys
words = [word for word in sys.argv[1:] if not word.startswith("--request-timeout")]
given = sys.stdin.read() if "--filename=-" in words else ""
with open({home!r} + "/asked", "a") as log:
    log.write(json.dumps([words, given]) + "\\n")
line = " ".join(words)
for part, answer in json.load(open({home!r} + "/answers.json")).items():
    if part in line:
        if "error" in answer:
            sys.exit(answer["error"])
        if "denied" in answer:
            for item in json.loads(given)["items"]:
                asked = item["spec"]["resourceAttributes"]
                names = {{asked["resource"], asked["verb"] + ":" + asked["resource"]}}
                print("false" if names & set(answer["denied"]) else "true")
            sys.exit(0)
        sys.stdout.write(answer["out"])
        sys.exit(0)
sys.exit("the server doesn't have an answer to: " + line)
"""


class FakeKubectl:
    """Answers the first entry whose key is a part of the command; other commands fail."""

    def __init__(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._home = home
        home.mkdir()
        program = home / "kubectl"
        program.write_text(PROGRAM.format(python=sys.executable, home=str(home)))
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{home}{os.pathsep}{os.environ['PATH']}")
        self.answer({})

    def answer(self, answers: Mapping[str, Any]) -> None:
        """Answer with texts, plain values as JSON, or an exception's words as a failure.

        A frozen set answers questions on rights: with no for the resources in it, or a verb and a resource as
        in `patch:jobs`, with yes for all others.
        """
        told = {
            part: {"error": str(answer)}
            if isinstance(answer, Exception)
            else {"denied": sorted(answer)}
            if isinstance(answer, frozenset)
            else {"out": answer if isinstance(answer, str) else json.dumps(answer)}
            for part, answer in answers.items()
        }
        (self._home / "answers.json").write_text(json.dumps(told))

    @property
    def asked(self) -> list[str]:
        """All commands, in order."""
        return [" ".join(words) for words, _ in self._log()]

    @property
    def given(self) -> list[Any]:
        """What commands were given to read, as values."""
        return [json.loads(text) for _, text in self._log() if text]

    def _log(self) -> list[tuple[list[str], str]]:
        log = self._home / "asked"
        return [tuple(json.loads(line)) for line in log.read_text().splitlines()] if log.exists() else []
