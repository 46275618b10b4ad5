"""What the systems of a run have in common: packages, and the environment of their Pulumi program, made once.

CN_SHARED names a folder that suites of one run share; without it, each run of pytest has one of its own.
"""

import atexit
import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path


@cache
def shared() -> Path:
    """Return the folder; it is on the file system of temporary files, so that files can be linked."""
    if named := os.environ.get("CN_SHARED"):
        folder = Path(named)
        folder.mkdir(parents=True, exist_ok=True)
        return folder
    folder = Path(tempfile.mkdtemp(prefix="cn-shared-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """Let one process at a time in."""
    with (shared() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _link(source: str, target: str) -> str:
    """Link a file, or copy what is written in its place."""
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)
    return target


def prepare(repository: Path, environment: Mapping[str, str]) -> None:
    """Give a repository `infra/.venv`: made by its own Makefile, or a copy of one for the same packages."""
    infra = repository / "infra"
    key = hashlib.sha256((infra / "requirements.txt").read_bytes()).hexdigest()[:16]
    kept = shared() / f"infra-{key}"
    with _alone(kept.name):
        if not kept.exists():
            command = ("make", "infra/.venv/.ready")
            subprocess.run(command, cwd=repository, env=dict(environment), check=True, capture_output=True)
            shutil.copytree(infra / ".venv", kept, symlinks=True)
            return
    shutil.copytree(kept, infra / ".venv", symlinks=True, copy_function=_link)
    ready = infra / ".venv" / ".ready"
    said = ready.read_text()
    ready.unlink()
    ready.write_text(said)
