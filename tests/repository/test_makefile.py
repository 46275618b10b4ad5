"""The Makefile of a generated repository, which calls the scripts of CI."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.repository.ci_repository import ALL, make


def test_make_calls_the_same_scripts(tmp_path: Path, require: Callable[..., None]) -> None:
    require("make")
    shop = make(tmp_path / "shop", *ALL)
    shop.write({"services/image/run": "", "services/orders/Makefile": "no Makefile at all"})
    words = ("make", "--dry-run", "test", "images", "test-orders", "image-billing", "lint", "secrets")
    done = subprocess.run(words, cwd=shop.folder, capture_output=True, text=True, check=True)
    each = [*(f"sh ci/test.sh {name}" for name in ALL), *(f"sh ci/image.sh {name}" for name in ALL)]
    assert sorted(line.strip() for line in done.stdout.splitlines() if "ci/" in line) == sorted(
        [*each, "sh ci/lint.sh", "sh ci/secrets.sh"]
    )


def test_what_needs_no_docker_works_without_it(tmp_path: Path, require: Callable[..., None]) -> None:
    require("make")
    shop = make(tmp_path / "shop", *ALL)
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in ("make", "sh", "awk", "sed"):
        found = shutil.which(tool)
        if found:
            (tools / tool).symlink_to(found)
    done = subprocess.run(
        ("make", "help"),
        cwd=shop.folder,
        env={"PATH": str(tools)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    for target in ("up", "down", "test", "images", "lint", "secrets"):
        assert f"  make {target} " in done.stdout


def test_a_missing_environment_is_named_by_its_file(tmp_path: Path, require: Callable[..., None]) -> None:
    require("make")
    shop = make(tmp_path / "shop", *ALL)

    def said(*words: str) -> str:
        done = subprocess.run(("make", *words), cwd=shop.folder, capture_output=True, text=True, check=False)
        assert done.returncode == 2
        return done.stderr

    assert "ENV=prod: infra/Pulumi.prod.yaml does not exist; choose from dev. " in said("up", "ENV=prod")
    (shop.folder / "infra/Pulumi.dev.yaml").unlink()
    assert "ENV=dev: infra/Pulumi.dev.yaml does not exist; restore it with git restore. " in said("up")


PULUMI = """#!/bin/sh
echo "Duration: 1s"
[ -z "$WHY" ] || printf '%s\\n' "$WHY" >"$CN_REASONS"
exit "$CODE"
"""


def test_the_reason_of_a_failed_deployment_is_printed_last(
    tmp_path: Path, require: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    require("make")
    shop = make(tmp_path / "shop", *ALL)
    tool = tmp_path / "tools" / "pulumi"
    tool.parent.mkdir()
    tool.write_text(PULUMI)
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tool.parent}{os.pathsep}{os.environ['PATH']}")

    def run(target: str, code: int, why: str = "") -> list[str]:
        done = subprocess.run(
            ("make", "--old-file=stack", target),
            cwd=shop.folder,
            env={**os.environ, "CODE": str(code), "WHY": why},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert (done.returncode == 0) == (code == 0)
        return [line for line in done.stdout.splitlines() if not line.startswith("make: ***")]

    for target in ("up", "preview"):
        reason = ["services.orders: exited with code 3", "  last lines of its log:", "    no licence"]
        assert run(target, 255, "\n".join(reason)) == ["Duration: 1s", *reason]
        assert run(target, 255) == ["Duration: 1s"], "the reason of the time before is gone"
        assert run(target, 0) == ["Duration: 1s"]
