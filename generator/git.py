"""The first commit of a new project."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

_NOBODY = ("-c", "user.name=cn-new", "-c", "user.email=cn-new@localhost")
_KEPT = re.compile("GIT_(CONFIG_(GLOBAL|SYSTEM|NOSYSTEM)|(AUTHOR|COMMITTER)_(NAME|EMAIL|DATE))")
_QUIET = ("-c", "core.hooksPath=/dev/null", "-c", "commit.gpgSign=false", "-c", "init.templateDir=")


def first_commit(folder: Path, message: str) -> str | None:
    """Make `folder` a repository with one commit. Return None, or one line on why there is none.

    Needs neither an identity nor a configuration. Inside another repository that does not ignore the
    folder, none is made: the folder belongs to that one.
    """
    if shutil.which("git") is None:
        return "git is not installed: no repository was made"
    if _belongs_to_another(folder):
        return "the folder lies inside a git repository: no other was made in it"
    identity = () if _git(folder, "var", "GIT_COMMITTER_IDENT").returncode == 0 else _NOBODY
    for command in (
        ("init", "--quiet", "--initial-branch=main"),
        ("add", "--all"),
        (*identity, "commit", "--quiet", "--no-verify", "-m", message),
    ):
        done = _git(folder, *command)
        if done.returncode != 0:
            reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            return f"git could not make the first commit: {reason}"
    return None


def _belongs_to_another(folder: Path) -> bool:
    inside = _git(folder, "rev-parse", "--is-inside-work-tree")
    if inside.returncode != 0 or inside.stdout.strip() != "true":
        return False
    return _git(folder, "check-ignore", "--quiet", str(folder)).returncode != 0


def _git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("GIT_") or _KEPT.fullmatch(k)}
    environment = {**kept, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    return subprocess.run(
        ["git", *_QUIET, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
